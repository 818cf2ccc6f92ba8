"""The log as others' code sees it: golang.org/x/mod/sumdb, over HTTP, with a checkpoint from before; and others' logs as ours sees them."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import time

import playedlog
from suyuan import PUBLIC_DATA, Skip, document, event, play, public_data, run

SOURCE = pathlib.Path(PUBLIC_DATA / "../tools/log/verify.go").resolve()     # by others; used where it stands
GOPATH = pathlib.Path("/usr/share/gocode")


def _verifier(place):
    go = next((str(p) for p in sorted(pathlib.Path("/usr/lib").glob("go-*/bin/go"))), shutil.which("go"))
    if not SOURCE.exists():
        raise Skip("the outside verifier is not here: tools/log/verify.go beside the public data (SUYUAN_CONFORMANCE)")
    if not go or not (GOPATH / "src/golang.org/x/mod/sumdb").is_dir():
        raise Skip("Debian's golang-go and golang-golang-x-mod-dev are not here")
    out = place.folder / "outside"
    subprocess.run([go, "build", "-o", str(out), str(SOURCE)], check=True, timeout=300, cwd=place.folder,
                   env={**os.environ, "GO111MODULE": "off", "GOPATH": str(GOPATH), "GOCACHE": str(place.folder / "cache"), "GOFLAGS": ""})
    return out


def _checkpoint_of(client, size):
    end = time.monotonic() + 60
    while True:
        a = client.get("/log/checkpoint")
        if a.status == 200 and int(a.text.split("\n")[1]) >= size:
            return a.text
        assert time.monotonic() < end, a
        time.sleep(0.05)


def a_verifier_by_others_accepts_the_log_and_that_it_only_grew(place):
    outside = _verifier(place)
    place.init()
    with place.server() as s:
        s.client.captures(document(*[event(n) for n in range(300)])).shows(202)
        older = place.file("older", _checkpoint_of(s.client, 300))
        for part in range(1, 10):
            s.client.captures(document(*[event(300 * part + n) for n in range(300)])).shows(202)
        _checkpoint_of(s.client, 3000)
        key = run("log", "key", "--data", place.data).stdout.strip()
        r = subprocess.run([str(outside), s.url + "/log", key, str(older)], capture_output=True, text=True, timeout=300)
        assert r.returncode == 0, r.stdout + r.stderr
        assert "200 random inclusion proofs" in r.stdout and "consistent with older checkpoint" in r.stdout, r.stdout


def a_proof_of_another_log_is_checked_against_the_bytes_that_were_logged(place):
    log = playedlog.Log("other.test/log").grow(7)        # leaf 6 stands alone on the right
    left, right = (base64.b64encode(playedlog.root(h)).decode() for h in (log.hashes[4:6], log.hashes[:4]))
    proof = place.file("6.tlog-proof", f"c2sp.org/tlog-proof@v1\nindex 6\n{left}\n{right}\n\n{log.note()}")
    policy = place.file("policy", f"log {log.key.vkey}\nquorum none\n")
    leaf = place.file("leaf", b"leaf 6")
    assert "leaf 6 of the log other.test/log (7 leaves)" in run("verify", leaf, "--proof", proof, "--policy", policy, "--lang", "en").stdout
    assert "is not leaf 6 of the 7" in run("verify", place.file("x", b"leaf 5"), "--proof", proof, "--policy", policy, "--lang", "en", code=1).stdout
    assert "--proof" in run("verify", proof, "--policy", policy, code=1).stdout
    stranger = place.file("stranger", f"log {playedlog.Key('other.test/log').vkey}\nquorum none\n")
    run("verify", leaf, "--proof", proof, "--policy", stranger, code=1)


def published_logs_and_proofs_hold(place):
    folder = public_data("tlog", "own")
    keys = json.loads((folder / "vectors.json").read_text())["keys"]
    witnesses = "".join(f"witness w{i} {w['vkey']}\n" for i, w in enumerate(keys["witnesses"]))
    policy = place.file("policy", f"log {keys['log']['vkey']}\n{witnesses}group one any {' '.join(f'w{i}' for i in range(len(keys['witnesses'])))}\nquorum one\n")
    for log in sorted(folder.glob("log-*")):
        run("verify-log", log, "--key", keys["log"]["vkey"])
    for proof in sorted(folder.glob("leaf-*.tlog-proof")):
        index = proof.name.split("-")[1].split(".")[0]
        with_witness = "cosign" in proof.name or proof.read_text().count("\u2014") > 1
        believed = policy if with_witness else place.file("alone", f"log {keys['log']['vkey']}\nquorum none\n")
        run("verify", place.file("leaf", f"leaf {index}"), "--proof", proof, "--policy", believed)
        run("verify", place.file("leaf", f"leaf {index}0"), "--proof", proof, "--policy", believed, code=1)


play()
