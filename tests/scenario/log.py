"""The log: every record is under a signed checkpoint soon after it was acknowledged; killed, restarted and restored servers sign one tree or nothing."""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import threading
import time

import pg_cluster
import tlog
from suyuan import DEADLINE, Server, Skip, document, event, play, run

COVERED_S = 10          # promised is one second after the acknowledgement; a busy machine is given more


def _sqlite_only():
    if "SUYUAN_TEST_DATABASE" in os.environ:
        raise Skip("the database is a file here")


def _checkpoint(s):
    return tlog.Checkpoint(s.client.get("/log/checkpoint").shows(200).text)


def _until(what, seconds=DEADLINE):
    """Waits until `what` gives something and returns it."""
    end = time.monotonic() + seconds
    while True:
        got = what()
        if got:
            return got
        assert time.monotonic() < end, "did not come about"
        time.sleep(0.02)


def _covers(s, leaves, seconds=COVERED_S):
    def look():
        answer = s.client.get("/log/checkpoint")
        c = tlog.Checkpoint(answer.text) if answer.status == 200 else None
        return c if c and c.size >= leaves else None
    return _until(look, seconds)


def _captures(s, first, n):
    job = s.client.captures(document(*[event(i) for i in range(first, first + n)])).shows(202)
    path = job.headers["Location"]
    _until(lambda: s.client.get(path).json.get("running") is False)


def _log_of(s):
    """All leaves as they are served, checked against the tiles and the checkpoint."""
    return tlog.whole(lambda path: s.client.get("/log/" + path).shows(200).body)


def a_record_is_under_a_signed_checkpoint_soon_after_it_was_acknowledged(place):
    with place.server() as s:
        key = run("log", "key", "--data", place.data).stdout
        assert key.count("\n") == 1, key
        for k in range(3):
            _captures(s, 1 + 100 * k, 100)
            begun = time.monotonic()
            c = _covers(s, 100 * (k + 1))
            print(f"# covered after {time.monotonic() - begun:.2f} s")
            assert c.origin == "127.0.0.1:8080/log" and c.signed_by(key.strip()), c.note
        assert len(_log_of(s)) == 300
        assert run("log", "key", "--data", place.data).stdout == key
        assert s.client.get("/healthz").json["log"]["size"] == 300
        assert "suyuan_log_size 300" in s.client.get("/metrics").text


def tiles_are_named_strictly_and_may_be_kept_for_ever(place):
    with place.server() as s:
        _captures(s, 1, 300)
        _covers(s, 300)
        full = s.client.get("/log/tile/0/000").shows(200)
        assert len(full.body) == 8192 and full.headers["Content-Type"] == "application/octet-stream"
        assert full.headers["Cache-Control"] == "public, max-age=31536000, immutable" and full.headers["Access-Control-Allow-Origin"] == "*"
        assert s.client.get("/log/tile/0/000.p/17").body == full.body[:17 * 32]     # a size that was is still told
        assert len(s.client.get("/log/tile/0/001.p/44").shows(200).body) == 44 * 32
        assert len(s.client.get("/log/tile/1/000.p/1").shows(200).body) == 32
        assert len(s.client.get("/log/tile/entries/001.p/44").shows(200).body) == 44 * 44
        for path in ("0/001", "0/001.p/45", "0/1.p/44", "0/001.p/044", "0/001.p/0", "0/000.p/256", "0/x000/001.p/44", "00/000", "1/001.p/1", "2/000.p/1", "64/000", "-1/000",
                     "entries/002", "data/000", "0/000/", "0/%30%30%30", "0/000.p", "0/..", ""):
            answer = s.client.get("/log/tile/" + path).shows(404)
            assert answer.headers["Cache-Control"] == "no-store", path
        newest = s.client.get("/log/checkpoint")
        assert newest.headers["Cache-Control"] == "no-cache" and newest.headers["Content-Type"] == "text/plain; charset=utf-8"
        asked = s.client.ask("OPTIONS", "/log/tile/0/000", headers={"Origin": "https://elsewhere.example"}).shows(204)
        assert asked.headers["Access-Control-Allow-Origin"] == "*" and "GET" in asked.headers["Access-Control-Allow-Methods"]
        assert s.client.get("/log/policy").text.startswith("log 127.0.0.1:8080/log+")
        for path in ("checkpoint", "tile/0/000", "policy"):
            assert s.client.ask("HEAD", "/log/" + path).shows(200).body == b""
            s.client.post("/log/" + path, {}).shows(405)


def whoever_is_killed_in_full_load_goes_on_with_the_same_tree(place):
    """Checkpoints that were seen before stay the beginning of what is signed later."""
    seen, acknowledged, at = [], 0, 1
    for round in range(3):
        s = place.server()
        stop = threading.Event()

        def watch():
            while not stop.is_set():
                try:
                    seen.append(_checkpoint(s))
                except (OSError, AssertionError, ValueError):
                    pass
        watcher = threading.Thread(target=watch)
        watcher.start()
        for _ in range(12):
            _captures(s, at, 20)
            at += 20
            acknowledged += 20
        s.kill()
        stop.set()
        watcher.join()
    with place.server() as s:
        _covers(s, acknowledged)
        leaves = _log_of(s)
        assert len(leaves) >= acknowledged
        tree = tlog.Tree()
        roots = {0: tree.root()}
        for leaf in leaves:
            tree.add(leaf)
            roots[tree.size] = tree.root()
        assert len({c.size for c in seen}) > 3, "too few checkpoints were seen to say anything"
        for c in seen:
            assert roots[c.size] == c.root, f"another tree of {c.size} leaves was told"
        assert run("check", "--data", place.data, code=None).returncode == 0


def a_database_put_back_to_an_older_copy_is_found_out_and_nothing_is_signed(place):
    _sqlite_only()
    old = place.folder / "older.db"
    with place.server() as s:
        _captures(s, 1, 10)
        _covers(s, 10)
    shutil.copy(place.data / "suyuan.db", old)
    with place.server() as s:
        _captures(s, 11, 10)
        before = _covers(s, 20)
    shutil.copy(old, place.data / "suyuan.db")
    for leftover in place.data.glob("suyuan.db-*"):
        leftover.unlink()
    with place.server() as s:
        why = _until(lambda: s.client.get("/healthz").json["log"].get("refusal"))
        assert "older copy" in why and "suyuan log begin" in why, why
        assert "log.refused" in s.log()
        _captures(s, 21, 15)                    # records are still taken …
        assert _checkpoint(s).size == 10        # … and nothing new is signed, also when there are more of them than before
        assert "suyuan_log_refused 1" in s.client.get("/metrics").text
    with place.server() as s:
        assert "older copy" in _until(lambda: s.client.get("/healthz").json["log"].get("refusal"))
    key = run("log", "begin", "--data", place.data).stdout.strip()
    assert key.startswith("127.0.0.1:8080/log/2+"), key
    with place.server() as s:
        c = _covers(s, 25)
        assert c.origin == "127.0.0.1:8080/log/2" and c.signed_by(key) and not s.client.get("/healthz").json["log"].get("refusal")
        assert len(_log_of(s)) == 25
    assert tlog.Checkpoint((place.data / "log/frozen-1").read_text()).size == 10
    assert before.size == 20


def a_copy_on_another_disk_finds_out_what_was_put_back_whole(place):
    _sqlite_only()
    copy, whole = place.folder / "elsewhere", place.folder / "whole"
    with place.server("--log-copy", str(copy)) as s:
        _captures(s, 1, 10)
        _covers(s, 10)
    shutil.copytree(place.data, whole)
    with place.server("--log-copy", str(copy)) as s:
        _captures(s, 11, 10)
        _covers(s, 20)
    shutil.rmtree(place.data)
    shutil.copytree(whole, place.data)
    with place.server("--log-copy", str(copy)) as s:
        why = _until(lambda: s.client.get("/healthz").json["log"].get("refusal"))
        assert "the copy of log/signed" in why and "older copy" in why, why


def files_that_are_gone_or_spoilt_are_made_again_from_the_records(place):
    with place.server() as s:
        _captures(s, 1, 300)
        c = _covers(s, 300)
        leaves = _log_of(s)
    for spoil in (lambda f: f.unlink(), lambda f: f.write_bytes(f.read_bytes()[:-40]), lambda f: f.write_bytes(f.read_bytes()[:-40] + bytes(40))):
        for name in ("level-0.bin", "level-1.bin", "marked"):
            file = place.data / "log" / name
            if file.stat().st_size > 40 or name == "marked":
                spoil(file)
            with place.server() as s:
                assert _checkpoint(s).root == c.root
                assert _log_of(s) == leaves, name
    (place.data / "log/entries.bin").write_bytes(bytes(300 * 44))
    run("log", "rebuild", "--data", place.data)
    run("log", "export", place.folder / "static", "--data", place.data)
    exported = tlog.whole(lambda path: (place.folder / "static" / path).read_bytes())
    assert exported == leaves


def an_export_goes_on_in_its_own_folder_and_writes_into_no_other_logs(place):
    folder = place.folder / "static"
    read = lambda path: (folder / path).read_bytes()
    export = lambda code=0: run("log", "export", folder, "--data", place.data, code=code)
    with place.server() as s:
        _captures(s, 1, 300)
        _covers(s, 300)
        leaves = _log_of(s)
    export()
    assert tlog.whole(read) == leaves
    (folder / "checkpoint").unlink()                   # broken off in its midst: a tile is half there, no checkpoint says how far
    (folder / "tile/0/000").write_bytes(b"half")
    export()
    assert tlog.whole(read) == leaves
    whole = (folder / "tile/0/000").stat().st_mtime_ns
    with place.server() as s:
        _captures(s, 1000, 300)
        _covers(s, 600)
        leaves = _log_of(s)
    export()
    assert tlog.whole(read) == leaves and (folder / "tile/0/000").stat().st_mtime_ns == whole, "what is there is not written again"
    kept = {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    text = kept[folder / "checkpoint"].decode().split("\n")
    size = int(text[1])
    for line, value, why in ((0, "other.example/log", "another log, other.example/log"), (1, str(size + 1), "older copy"), (2, "A" * 43 + "=", "another tree")):
        (folder / "checkpoint").write_text("\n".join([*text[:line], value, *text[line + 1:]]))
        assert why in export(code=1).stderr, why
    (folder / "checkpoint").write_text("nonsense\n")
    assert "is none" in export(code=1).stderr
    (folder / "checkpoint").write_bytes(kept[folder / "checkpoint"])
    assert kept == {f: f.read_bytes() for f in folder.rglob("*") if f.is_file()}, "a refusal writes nothing"


def the_key_is_nobody_elses_and_may_have_a_passphrase(place):
    place.init()
    passphrase = place.file("passphrase", "correct horse\n")
    key = run("log", "key", "--data", place.data, "--key-passphrase-file", passphrase).stdout.strip()
    file = place.data / "keys/log.key"
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    assert b"PRIVATE" not in file.read_bytes()
    assert run("log", "key", "--data", place.data).stdout.strip() == key        # what is public needs no passphrase
    shown = run("key", "show", "--data", place.data).stdout
    assert f"key {key}\n" in shown and "encrypted yes" in shown and "created 20" in shown, shown
    with place.server() as s:
        what = "follows" if "SUYUAN_DATABASE" in os.environ else "refusal"       # where several may write, others sign
        assert "passphrase" in _until(lambda: s.client.get("/healthz").json["log"].get(what))
    place.file("wrong", "incorrect horse\n")
    refused = run("serve", "--data", place.data, "--listen", "127.0.0.1:0", "--open", "--key-passphrase-file", place.folder / "wrong", code=1)
    assert "passphrase" in refused.stderr and "incorrect horse" not in refused.stderr
    with place.server("--key-passphrase-file", str(passphrase)) as s:
        _captures(s, 1, 1)
        assert _covers(s, 1).signed_by(key)
        assert "correct horse" not in s.log()
    file.chmod(0o640)
    refused = run("serve", "--data", place.data, "--listen", "127.0.0.1:0", "--open", "--key-passphrase-file", passphrase, code=1)
    assert "chmod" in refused.stderr, refused.stderr


def a_key_is_changed_while_both_sign(place):
    with place.server() as s:
        old = run("log", "key", "--data", place.data).stdout.strip()
        _captures(s, 1, 5)
        _covers(s, 5)
        assert "both-until" not in run("key", "show", "--data", place.data).stdout
        run("key", "rotate", "--data", place.data)
        new = [l.split()[1] for l in run("key", "show", "--data", place.data).stdout.splitlines() if l.startswith("next ")][0]
        both = _until(lambda: (lambda c: c if c.signed_by(new) else None)(_checkpoint(s)))
        assert both.signed_by(old) and both.size >= 6, "the announcement is a leaf"
        assert old in s.client.get("/log/policy").text and new in s.client.get("/log/policy").text
        assert "under way" in run("key", "rotate", "--data", place.data, code=1).stderr
    file = place.data / "keys/log-next.key"
    lines = [l for l in file.read_text().splitlines() if not l.startswith("# until")]
    file.write_text("\n".join([*lines, "# until 2026-01-01T00:00:00Z", ""]))
    with place.server() as s:
        alone = _until(lambda: (lambda c: c if not c.signed_by(old) else None)(_checkpoint(s)))
        assert alone.signed_by(new) and run("log", "key", "--data", place.data).stdout.strip() == new
        assert old not in s.client.get("/log/policy").text and not file.exists()
        _captures(s, 6, 5)
        assert _covers(s, 12).signed_by(new)
        assert len(_log_of(s)) >= 12


def a_second_line_by_sm2_is_good_for_openssl(place):
    pem = place.folder / "sm2.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "SM2", "-out", pem], check=True, capture_output=True)
    with place.server("--sm2", str(pem)) as s:
        _captures(s, 1, 3)
        c = _covers(s, 3)
        assert len(c.lines) == 2 and c.signed_by(run("log", "key", "--data", place.data).stdout.strip())
        assert "SM2" in s.client.get("/log/policy").text
    raw = base64.b64decode(c.lines[1].split()[2])[4:]
    assert len(raw) == 64

    def integer(b):
        b = b.lstrip(b"\0")
        b = (b"\0" if b[0] & 0x80 else b"") + b
        return b"\x02" + bytes([len(b)]) + b
    r_and_s = integer(raw[:32]) + integer(raw[32:])
    text, signature, public = place.file("text", c.text), place.file("signature", b"\x30" + bytes([len(r_and_s)]) + r_and_s), place.folder / "public.pem"
    subprocess.run(["openssl", "pkey", "-in", pem, "-pubout", "-out", public], check=True, capture_output=True)
    verify = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678", "-sigfile", signature]
    done = subprocess.run([*verify, "-in", text], capture_output=True, text=True)
    assert done.returncode == 0, done
    text.write_text(c.text.replace("3\n", "4\n", 1))
    assert subprocess.run([*verify, "-in", text], capture_output=True).returncode != 0


def of_several_servers_on_one_database_one_signs_and_all_serve(place):
    if "SUYUAN_TEST_DATABASE" not in os.environ:
        raise Skip("one process writes a file")
    second = place.folder / "second"
    with place.server() as a:
        _captures(a, 1, 10)
        _covers(a, 10)
        b = Server(second)
        assert not (second / "keys/log.key").exists() and "log.follows" in b.log()
        _captures(b, 11, 30)
        for s in (a, b):
            c = _covers(s, 40)
            assert c.signed_by(run("log", "key", "--data", place.data).stdout.strip())
            assert len(_log_of(s)) >= 40
        # The key moves: the second one is given it, the first one is killed.
        b.stop()
        shutil.copytree(place.data / "keys", second / "keys")
        b = Server(second)
        _captures(b, 41, 10)
        _covers(b, 50)
        a.kill()
        _captures(b, 51, 10)
        c = _covers(b, 60, seconds=40)          # once the lease of the dead one has run out
        leaves = _log_of(b)
        assert tlog.root(leaves[:c.size]) == c.root
        assert b.stop() == 0


def a_key_that_one_server_changed_is_not_signed_with_by_another(place):
    if "SUYUAN_TEST_DATABASE" not in os.environ:
        raise Skip("one process writes a file")
    second = place.folder / "second"
    with place.server() as a:
        _captures(a, 1, 5)
        _covers(a, 5)
        old = run("log", "key", "--data", place.data).stdout.strip()
        second.mkdir(0o750, exist_ok=True)
        shutil.copytree(place.data / "keys", second / "keys")
        b = Server(second)
        assert old in b.client.get("/log/policy").text
        run("key", "rotate", "--data", place.data, "--overlap", "0")
        _until(lambda: old not in a.client.get("/log/policy").text)
        new = run("log", "key", "--data", place.data).stdout.strip()
        _until(lambda: new in b.client.get("/log/policy").text and old not in b.client.get("/log/policy").text)
        _until(lambda: "changed by another server" in b.log())
        assert b.stop() == 0
        a.stop()
        shutil.copytree(place.data / "keys", second / "keys", dirs_exist_ok=True)
        b = Server(second)
        _captures(b, 11, 3)
        assert _covers(b, 10).signed_by(new)
        assert b.stop() == 0


play()
