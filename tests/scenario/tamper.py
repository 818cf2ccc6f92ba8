"""Whatever is changed behind the log's back is named by whoever computes it again: a bit of a tile, an entry, a checkpoint, a cosignature; a file of proof."""
import json
import re
import sqlite3
import subprocess
import time
import urllib.parse

from suyuan import BINARY, DEADLINE, document, event, play, run

LOT = "/lot/default/A1"


def _lot_events():
    def of(n, step, **more):
        return event(n, bizStep=step, epcList=[f"http://127.0.0.1:8080{LOT}"], **{"suyuan:worker": f"Li {n}", **more})
    photo = [{"id": "ni:///sha-256;" + "ab" * 32, "suyuan:kind": "photo"}]
    return [of(1, "commissioning", action="ADD"), of(2, "inspecting", **{"suyuan:evidence": photo}), of(3, "packing"), of(4, "shipping")]


def _wait(what, seconds=30):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, f"nothing after {seconds} s"
        time.sleep(0.05)
    return found


def _filled(place, events=700):
    """A served log of some hundred leaves, stopped again; with its key."""
    place.init()
    with place.server() as s:
        s.client.captures(document(*[event(n) for n in range(10, events)])).shows(202)
        s.client.captures(document(*_lot_events())).shows(202)
        _wait(lambda: _size_of(s.client.get("/log/checkpoint")) >= events - 10 + 4)
        _wait(lambda: _sealed(s.client))
    return run("log", "key", "--data", place.data).stdout.strip()


def _size_of(answer):
    return int(answer.text.split("\n")[1]) if answer.status == 200 else -1


def _bundle(client, item=LOT):
    return client.get("/log/proof?item=" + urllib.parse.quote(item, safe=""))


def _sealed(client):
    a = _bundle(client)
    return a.status == 200 and any(r["type"] == 5 for r in a.json["records"])


def _flip(path, at, bit=1):
    b = bytearray(path.read_bytes())
    b[at] ^= bit
    path.write_bytes(bytes(b))


def _policy_of(place, key, *lines, quorum="none"):
    return place.file("policy", "\n".join([f"log {key}", *lines, f"quorum {quorum}", ""]))


# ---- the log ----

def a_whole_log_holds_and_each_changed_bit_of_it_is_named(place):
    key = _filled(place)
    log = place.data / "log"
    out = run("verify-log", place.data, "--key", key, "--lang", "en").stdout
    assert out.startswith("Holds: all "), out
    run("verify-log", log, "--key", key)
    whole = {f: (log / f).read_bytes() for f in ("entries.bin", "level-0.bin", "level-1.bin", "checkpoint")}
    places = [("entries.bin", 300 * 44 + 20, "tile/0/001", "entry 300 in tile/entries/001"),
              ("entries.bin", 0, "tile/entries/000", "cut short"),
              ("level-0.bin", 5 * 32 + 7, "tile/0/000", "entry 5"),
              ("level-0.bin", 600 * 32, "tile/0/002", "entry 600"),
              ("level-1.bin", 1 * 32 + 3, "tile/1/000", "tile/0/001")]
    for name, at, tile, why in places:
        _flip(log / name, at)
        out = run("verify-log", place.data, "--key", key, code=1).stdout
        assert tile in out and why in out, (name, at, out)
        (log / name).write_bytes(whole[name])
    for at in range(0, len(whole["checkpoint"]), 11):
        _flip(log / "checkpoint", at, 2)
        r = run("verify-log", place.data, "--key", key, code=1)
        assert "checkpoint" in r.stdout, (at, r.stdout)
        (log / "checkpoint").write_bytes(whole["checkpoint"])
    (log / "level-0.bin").write_bytes(whole["level-0.bin"][:400 * 32])
    assert "tile/0/001" in run("verify-log", place.data, "--key", key, code=1).stdout
    (log / "level-0.bin").write_bytes(whole["level-0.bin"])
    run("verify-log", place.data, "--key", key)
    run("verify-log", place.folder, "--key", key, code=2)
    run("verify-log", place.data, code=2)


def a_served_log_and_a_copy_of_its_tiles_are_computed_again_too(place):
    key = _filled(place)
    copy = place.folder / "tiles"
    run("log", "export", copy, "--data", place.data)
    run("verify-log", copy, "--key", key)
    tile = copy / "tile/0/001"
    whole = tile.read_bytes()
    _flip(tile, 77)
    assert "tile/0/001" in run("verify-log", copy, "--key", key, code=1).stdout
    tile.unlink()
    assert "tile/0/001: it is missing" in run("verify-log", copy, "--key", key, code=1).stdout
    tile.write_bytes(whole)
    with place.server() as s:
        run("verify-log", s.url, "--key", key)
        run("verify-log", s.url + "/log", "--key", key)
    other = place.folder / "other"
    run("init", "--data", other, "--origin", "http://127.0.0.1:8080")
    stranger = run("log", "key", "--data", other).stdout.strip()
    out = run("verify-log", place.data, "--key", stranger, code=1).stdout
    assert "checkpoint" in out, out


# ---- the database: what `check` names ----

def _cell(db, table, column, where, value=None):
    if value is None:
        return db.execute(f"SELECT {column} FROM {table} WHERE {where}").fetchone()[0]
    assert db.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (value,)).rowcount == 1, (table, where)
    db.commit()


def _one_bit(value):
    """The same but for one bit, and still of its kind."""
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    return value ^ 1


def a_changed_bit_of_the_database_is_named_by_check(place):
    place.init()
    photo = place.file("photo.png", b"\x89PNG\r\n\x1a\n" + b"x" * 92)
    name = run("import", "--data", place.data, photo).stdout.split()[1]
    run("import", "--data", place.data, place.file("lot.json", document(*_lot_events())))
    run("check", "--data", place.data)
    second = "org = 1 AND seq = 2"
    changes = [     # what, where it stands, what it becomes, and how it is named
        ("an event", "event_body", "body", second, lambda v: v.replace("inspecting", "inspectinG"), "seq 2"),
        ("a sealed member", "event_body", "body", second, lambda v: v.replace("Li 2", "Li 3"), "seq 2"),
        ("its digest", "event", "digest", second, _one_bit, "seq 2"),
        ("the seals' salt", "event", "salt", second, _one_bit, "seq 2"),
        ("its time", "event", "time_us", second, _one_bit, "seq 2"),
        ("when it came", "event", "record_us", second, lambda v: v + 5_000_000, "its time is not that of its record"),
        ("an index row", "event_item", "role", "org = 1 AND seq = 3", lambda v: v + 1, "event_item"),
        ("an index row's time", "event_item", "time_us", "org = 1 AND seq = 3", _one_bit, "event_item"),
        ("a leaf's salt", "log_of", "salt", "org = 1 AND type = 1 AND ref = 2", _one_bit, "event 2"),
        ("a record hash", "log_of", "hash", "org = 1 AND type = 1 AND ref = 2", _one_bit, "event 2"),
        ("a leaf's commitment", "log_leaf", "commitment", "type = 1 AND ref = 3", _one_bit, "event 3"),
        ("a leaf's time", "log_leaf", "ms", "type = 1 AND ref = 3", lambda v: v + 3_600_000, "log_leaf"),
        ("a statement", "log_statement", "detail", "type = 2", lambda v: v.replace("100", "101"), "type 2"),
    ]
    for what, table, column, where, change, named in changes:
        with sqlite3.connect(place.data / "suyuan.db") as db:
            was = _cell(db, table, column, where)
            assert change(was) != was, what
            _cell(db, table, column, where, change(was))
        r = run("check", "--data", place.data, code=1)
        assert named in r.stdout + r.stderr, (what, named, r.stdout, r.stderr)
        with sqlite3.connect(place.data / "suyuan.db") as db:
            _cell(db, table, column, where, was)
    digest = name.split(";")[1]
    blob = place.data / "blobs/sha256" / digest[:2] / digest[2:]
    _flip(blob, 50)
    r = run("check", "--data", place.data, code=1)
    assert digest[2:12] in r.stdout + r.stderr, r
    _flip(blob, 50)
    blob.rename(photo)
    r = run("check", "--data", place.data, code=1)
    assert f"{digest}: the log says that it is stored, and it is missing" in r.stdout + r.stderr, r
    photo.rename(blob)
    run("check", "--data", place.data)


# ---- files of proof ----

def an_exported_proof_holds_and_no_part_of_it_can_be_changed(place):
    key = _filled(place)
    policy, file = _policy_of(place, key), place.folder / "a1.json"
    run("export", "proof", LOT, "--data", place.data, "-o", file)
    out = run("verify", file, "--policy", policy, "--lang", "en").stdout
    assert out.startswith(f"Holds: 5 records about {LOT}") and out.count("\n") == 1, out
    assert run("verify", file, "--policy", policy).stdout.startswith("成立：")
    assert "recorded" in run("verify", file, "--policy", policy, "--lang", "en", "--verbose").stdout
    whole = json.loads(file.read_text())
    assert [r["type"] for r in whole["records"]].count(5) == 1
    assert any(r.get("openings") for r in whole["records"])

    def broken(change, named):
        b = json.loads(json.dumps(whole))
        change(b)
        bad = place.file("bad.json", b)
        out = run("verify", bad, "--policy", policy, "--lang", "en", code=1).stdout
        assert named in out, (named, out)

    def other(text):
        return text[:-8] + ("A" if text[-8] != "A" else "B") + text[-7:]

    for i, r in enumerate(whole["records"]):
        here = f"records[{i}]"
        broken(lambda b: b["records"][i].update(salt=other(r["salt"])), here)
        broken(lambda b: b["records"][i].update(index=r["index"] + 1), here)
        broken(lambda b: b["records"][i].update(recordedMs=r["recordedMs"] - 86400000), here)
        if r["type"] == 1:
            broken(lambda b: b["records"][i].update(event=r["event"].replace("ObjectEvent", "ObjectEvenT")), here)
            broken(lambda b: b["records"][i].update(header=re.sub(r"\n(\d+)\n", "\n9\\1\n", r["header"], count=1)), here)
            broken(lambda b: b["records"][i]["openings"]["members"][0].update(value='"Zhang"'), here)
            broken(lambda b: b["records"][i]["openings"].update(salt="00" * 32), here)
        else:
            broken(lambda b: b["records"][i].update(statement=r["statement"].replace(LOT, "/lot/default/A2")), here)
        if r["type"] == 5:
            broken(lambda b: b["records"][i]["commitments"].pop(), here)
    broken(lambda b: b["hashes"].__setitem__(0, other(b["hashes"][0])), "records[")
    broken(lambda b: b["checkpoints"].__setitem__(0, re.sub(r"\n(\d+)\n", "\n1\\1\n", b["checkpoints"][0], count=1)), "checkpoints[0]")
    broken(lambda b: b.update(item="/lot/default/other"), "item")
    run("verify", place.file("none.json", {"a": 1}), "--policy", policy, code=2)
    run("verify", file, code=2)


def a_record_that_is_left_out_is_missed_by_the_seal(place):
    key = _filled(place)
    policy, file = _policy_of(place, key), place.folder / "a1.json"
    run("export", "proof", LOT, "--data", place.data, "--public", "-o", file)
    b = json.loads(file.read_text())
    del b["records"][2]
    out = run("verify", place.file("less.json", b), "--policy", policy, "--lang", "en").stdout
    assert "its own seal counts 1 further record that this file does not hold" in out, out
    assert "commitment" in run("verify", place.file("less.json", b), "--policy", policy, "--lang", "en", "--verbose").stdout


def the_public_file_holds_no_sealed_member_and_is_what_the_route_gives(place):
    key = _filled(place)
    policy = _policy_of(place, key)
    with place.server() as s:
        a = _bundle(s.client).shows(200)
        assert "Li 1" not in a.text and "openings" not in a.text
        assert a.headers["Access-Control-Allow-Origin"] == "*" and a.headers["Cache-Control"] == "no-cache"
        run("verify", place.file("p.json", a.body), "--policy", policy)
        assert s.client.ask("GET", "/log/proof?item=" + LOT, headers={"If-None-Match": a.headers["ETag"]}).status == 304
        _bundle(s.client, "/lot/default/none").shows(404)
        s.client.get("/log/proof").shows(400)
        run("export", "proof", LOT, "--data", place.data, "-o", place.folder / "beside.json")       # beside the running server
        run("verify", place.folder / "beside.json", "--policy", policy)
        s.client.get("/log/proof?index=3").shows(200)
        s.client.get("/log/proof?index=999999").shows(404)
        assert "index=N" in s.client.get("/log/proof?leaf=" + "ab" * 32).shows(400).json["detail"]


def one_event_has_a_proof_of_its_own(place):
    key = _filled(place)
    policy = _policy_of(place, key)
    sent = _lot_events()[1]
    with place.server() as s:
        found = s.client.get("/epcis/events?EQ_bizStep=inspecting&MATCH_anyEPC=" + urllib.parse.quote(sent["epcList"][0], safe="")).shows(200).json
        name = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["eventID"]
        a = s.client.get("/log/proof?event=" + urllib.parse.quote(name, safe="")).shows(200)
        assert a.text.startswith("c2sp.org/tlog-proof@v1\n") and a.headers["Content-Type"].startswith("text/plain")
    proof = place.file("e.tlog-proof", a.body)
    run("verify", proof, "--policy", policy)
    run("verify", place.file("e.json", document(sent)), "--proof", proof, "--policy", policy)
    out = run("verify", place.file("o.json", document({**sent, "bizStep": "storing"})), "--proof", proof, "--policy", policy, "--lang", "en", code=1).stdout
    assert "/bizStep" in out, out
    whole = proof.read_text()
    for at in range(24, len(whole), 149):
        bad = place.file("bad.tlog-proof", whole[:at] + chr(ord(whole[at]) ^ 1) + whole[at + 1:])
        run("verify", bad, "--policy", policy, code=1)


# ---- cosignatures ----

class _Witness:
    def __init__(self, folder, *options):
        self.process = subprocess.Popen([str(BINARY), "witness", "--data", str(folder), "--listen", "127.0.0.1:0", "--name", "w.test", *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().split()[-1]
        self.vkey = run("witness", "key", "--data", folder).stdout.strip()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.process.terminate()
        self.process.wait(DEADLINE)
        self.process.stdout.close()


def a_changed_cosignature_is_named_and_a_file_without_its_quorum_does_not_hold(place):
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    with _Witness(place.folder / "w", "--log", key) as w:
        policy = _policy_of(place, key, f"witness w {w.vkey} {w.url}", quorum="w")
        with place.server("--policy", str(policy)) as s:
            s.client.captures(document(*_lot_events())).shows(202)
            _wait(lambda: _sealed(s.client))
            _wait(lambda: "w.test" in s.client.get("/log/checkpoint").text)
            file = place.file("p.json", _wait(lambda: (a := _bundle(s.client)).status == 200 and "w.test" in a.json["checkpoints"][0] and a).body)
    out = run("verify", file, "--policy", policy, "--lang", "en").stdout
    assert "1 witness cosigned" in out, out
    checkpoint = place.data / "log/checkpoint"
    whole = checkpoint.read_bytes()
    run("verify-log", place.data, "--key", key, "--policy", policy)
    line = whole.rindex("— w.test".encode())
    for at in range(line + 4, len(whole) - 1, 13):
        _flip(checkpoint, at)
        assert "checkpoint" in run("verify-log", place.data, "--key", key, "--policy", policy, code=1).stdout
        checkpoint.write_bytes(whole)
    b = json.loads(file.read_text())
    note = b["checkpoints"][0]
    b["checkpoints"][0] = note[:note.rindex("— w.test")]
    out = run("verify", place.file("none.json", b), "--policy", policy, "--lang", "en", code=1).stdout
    assert "checkpoints[0]" in out, out


play()
