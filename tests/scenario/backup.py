"""A backup is whole by itself: made while records come in, put back, checked, served; and it says what it cannot do."""
import contextlib
import hashlib
import os
import pathlib
import sqlite3
import stat
import subprocess
import threading

import playedlog
from suyuan import Client, document, event, play, run
from witness import _Witness, _captures, _checkpoint, _policy, _waits


ROOT = pathlib.Path(__file__).resolve().parents[2]


def _files(folder):
    folder = pathlib.Path(folder)
    return {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}


def _events(server):
    r = server.client.get("/epcis/events?perPage=1000").shows(200).json
    return {e["eventID"] for e in r["epcisBody"]["queryResults"]["resultsBody"]["eventList"]}


def _blob(place, data):
    """A stored photo, as the ledger keeps it."""
    h = hashlib.sha256(data).hexdigest()
    path = place.data / "blobs/sha256" / h[:2] / h[2:]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path.relative_to(place.data)


def a_backup_made_under_load_is_put_back_checked_and_served(place):
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    with place.server() as server:
        stop, sent = threading.Event(), []

        def load(lane):
            n = 0
            while not stop.is_set():
                _captures(server, lane * 20000 + n, 5)
                sent.append(5)
                n += 5
        lanes = [threading.Thread(target=load, args=(i,)) for i in range(2)]
        for t in lanes:
            t.start()
        _waits(lambda: len(sent) > 10, "some load")
        for turn in range(3):
            r = run("backup", place.folder / f"backup-{turn}", "--data", place.data, "--keys", place.folder / f"keys-{turn}")
            assert "已备份" in r.stdout
        _waits(lambda n=len(sent): len(sent) > n + 4, "load after the backup")
        stop.set()
        for t in lanes:
            t.join()
        everything = _events(server)
    for turn in range(3):
        backup, new = place.folder / f"backup-{turn}", place.folder / f"new-{turn}"
        subprocess.run(["sha256sum", "--quiet", "-c", "manifest"], cwd=backup, check=True)
        names = set(_files(backup))
        assert {"manifest", "suyuan.db"} <= names and not any("keys" in n or "lock" in n or n.startswith("log/signed") for n in names), names
        key_file = place.folder / f"keys-{turn}" / "log.key"
        assert stat.S_IMODE(key_file.stat().st_mode) == 0o600 and stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
        r = run("restore", backup, "--data", new, "--keys", place.folder / f"keys-{turn}")
        assert "全部一致" in r.stdout and "suyuan log begin" in r.stdout, r.stdout
        run("check", "--data", new)
        run("verify-log", new, "--key", key)
    place.data = new
    with place.server() as server:
        some = _events(server)
        assert some and some < everything | {None}
        _captures(server, 70000, 4)
        note = _checkpoint(server, len(some) + 4)
        text, lines = playedlog.parts(note)
        assert playedlog.holds(key, text, lines[0]), "the same log goes on, under the same key"
        run("monitor", server.url, "--key", key, "--once")
        run("verify-log", server.url + "/log", "--key", key)


def _u(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + _u(n >> 7)


def _series(path):
    """An hour of one sensor, sealed, written by hand after docs/ref/series.md: 19.3 and, a second later, 19.4."""
    start = 1767225600000
    times = _u(2) + _u(1 << 1 | 1) + _u(1000 << 2)
    values = bytes([1]) + _u(2 * 193) + _u(2 * 1)
    block = bytes([1, 1]) + _u(len(times)) + bytes([1, 1, 0, 0]) + _u(len(values)) + times + values
    figures = bytes([0, 1, 0, 0]) + bytes([1]) + _u(2) + _u(2 * 193) + _u(1) + _u(1) + _u(1)
    day = bytes([1, 1, 1]) + _u(len(figures)) + figures
    text = f"suyuan series hour 1\nd\nt\n{start}\n{start} 19.3\n{start + 1000} 19.4\n"
    root = hashlib.sha256(b"\0" + text.encode()).digest()
    slot = start // 3600000 << 32 | 1
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript((ROOT / "src/store/schema/series/current.sql").read_text())
        db.execute("INSERT INTO series_device VALUES (1, 'd')")
        db.execute("INSERT INTO series_channel VALUES (1, 't')")
        db.execute("INSERT INTO series_block VALUES (?, ?)", (slot, block))
        db.execute("INSERT INTO series_day VALUES (?, ?)", (1 << 32 | start // 86400000, day))
        db.execute("INSERT INTO series_sealed VALUES (1, ?, 1, 2, 1, ?)", (slot, root))
        db.execute(f"PRAGMA application_id = {0x53555941}")
        db.execute("PRAGMA user_version = 1")
        db.commit()


def readings_of_devices_go_along_and_are_checked(place):
    place.init()
    _series(place.data / "series.db")
    run("check", "--data", place.data)
    run("backup", place.folder / "b", "--data", place.data)
    assert "series.db" in (place.folder / "b/manifest").read_text()
    assert "全部一致" in run("restore", place.folder / "b", "--data", place.folder / "new").stdout
    with contextlib.closing(sqlite3.connect(place.folder / "new/series.db")) as db:
        db.execute("UPDATE series_channel SET name = 'u'")
        db.commit()
    assert "not those that were sealed" in run("check", "--data", place.folder / "new", code=1).stdout


def a_backup_put_back_after_the_log_went_on_signs_nothing(place):
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    with _Witness(place.folder / "w", "--log", key, name="w.test") as w:
        policy = _policy(place, key, ("w", w.vkey, w.url))
        with place.server("--policy", str(policy)) as server:
            _captures(server, 0, 5)
            _checkpoint(server, 5, (w.vkey,))
            run("backup", place.folder / "b", "--data", place.data, "--keys", place.folder / "k")
            _captures(server, 10, 5)
            _checkpoint(server, 10, (w.vkey,))
        run("restore", place.folder / "b", "--data", place.folder / "new", "--keys", place.folder / "k")
        place.data = place.folder / "new"
        with place.server("--policy", str(policy)) as server:
            assert "10" in _waits(lambda: server.client.get("/healthz").json["log"].get("refusal"), "a refusal")
            _captures(server, 100)
            assert playedlog.size_of(server.client.get("/log/checkpoint").text) == 5


def what_an_earlier_backup_has_is_linked_and_not_copied_again(place):
    place.init()
    names = [str(_blob(place, os.urandom(1000))) for _ in range(5)]
    assert "(0 linked)" in run("backup", place.folder / "b1", "--data", place.data).stdout
    more = str(_blob(place, os.urandom(1000)))
    assert "(5 linked)" in run("backup", place.folder / "b2", "--data", place.data, "--previous", place.folder / "b1").stdout
    for n in names:
        assert (place.folder / "b1" / n).stat().st_ino == (place.folder / "b2" / n).stat().st_ino != (place.data / n).stat().st_ino
    assert (place.folder / "b2" / more).stat().st_nlink == 1
    subprocess.run(["sha256sum", "--quiet", "-c", "manifest"], cwd=place.folder / "b2", check=True)
    run("restore", place.folder / "b2", "--data", place.folder / "new")
    assert {n for n in _files(place.folder / "new") if n.startswith("blobs/")} == {*names, more}


def nothing_is_ever_written_over(place):
    place.init()
    (place.folder / "full").mkdir()
    place.file("full/x", "mine")
    run("backup", place.folder / "full", "--data", place.data, code=1)
    assert _files(place.folder / "full").keys() == {"x"}
    run("backup", place.folder / "b", "--data", place.data, "--keys", place.folder / "full", code=1)
    run("backup", place.data / "inside", "--data", place.data, code=2)
    run("backup", place.folder / "c", "--data", place.data, "--keys", place.folder / "c" / "keys", code=2)
    run("backup", place.folder / "d", "--data", place.folder / "none", code=1)
    run("backup", place.folder / "ok", "--data", place.data)
    run("restore", place.folder / "ok", "--data", place.data, code=1)
    run("restore", place.folder / "ok", "--data", place.folder / "full", code=1)
    assert _files(place.folder / "full").keys() == {"x"}
    (place.folder / "empty").mkdir()
    run("restore", place.folder / "ok", "--data", place.folder / "empty")
    run("check", "--data", place.folder / "empty")


def a_damaged_backup_is_refused_and_leaves_nothing(place):
    place.init()
    with place.server() as server:
        _captures(server, 0, 9)
        _checkpoint(server, 9)
    blob = str(_blob(place, b"a photo"))
    run("backup", place.folder / "b", "--data", place.data)
    for name, path in _files(place.folder / "b").items():
        if name == "manifest":
            continue
        whole = path.read_bytes()
        for bad in (whole[:-1], bytes([whole[0] ^ 1]) + whole[1:], None):
            path.chmod(0o600)
            path.unlink() if bad is None else path.write_bytes(bad)
            r = run("restore", place.folder / "b", "--data", place.folder / "new", code=1)
            assert name in r.stderr, (name, r.stderr)
            assert not (place.folder / "new").exists() and not (place.folder / "new.restoring").exists()
            path.write_bytes(whole)
    manifest = place.folder / "b" / "manifest"
    good = manifest.read_text()
    for bad, code in (("", 2), (good.replace("backup v1", "backup v9"), 2), (good + "0" * 64 + "  ../escaped\n", 2), (good + "0" * 64 + "  /tmp/escaped\n", 2),
                      (good + "nonsense\n", 2)):
        manifest.write_text(bad)
        run("restore", place.folder / "b", "--data", place.folder / "new", code=code)
    manifest.unlink()
    assert "manifest" in run("restore", place.folder / "b", "--data", place.folder / "new", code=1).stderr
    manifest.write_text(good)
    run("restore", place.folder / "b", "--data", place.folder / "new")
    # rot in the source is not passed on in silence
    (place.data / blob).write_bytes(b"a phot0")
    r = run("backup", place.folder / "b2", "--data", place.data, code=1)
    assert blob in r.stderr and (place.folder / "b2" / "manifest").exists()


if __name__ == "__main__":
    play()
