"""The log as others' code sees it: golang.org/x/mod/sumdb, over HTTP, with a checkpoint from before."""
import os
import pathlib
import shutil
import subprocess
import time

from suyuan import PUBLIC_DATA, Skip, document, event, play, run

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


play()
