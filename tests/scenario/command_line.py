"""The commands others script against."""
import json
import shutil
import sqlite3
import subprocess

from suyuan import BINARY, document, event, play, public_data, run


def _farm():
    sow = event(1, type="TransformationEvent", action=None, epcList=None, bizStep="suyuan:sowing", transformationID="/season/farm/S1",
                inputQuantityList=[{"epcClass": "http://127.0.0.1:8080/lot/farm/Seed1", "quantity": 3, "uom": "KGM"}])
    sow["transformationID"] = "http://127.0.0.1:8080/season/farm/S1"
    reap = event(100, type="TransformationEvent", action=None, epcList=None, bizStep="suyuan:harvesting",
                 transformationID="http://127.0.0.1:8080/season/farm/S1",
                 outputQuantityList=[{"epcClass": "http://127.0.0.1:8080/lot/farm/H1", "quantity": 500, "uom": "KGM"}])
    late = event(200, type="TransformationEvent", action=None, epcList=None, bizStep="suyuan:fertilising",
                 transformationID="http://127.0.0.1:8080/season/farm/S1",
                 inputQuantityList=[{"epcClass": "http://127.0.0.1:8080/lot/farm/Urea1", "quantity": 10, "uom": "KGM"}])
    return document(sow, reap, late)


def import_counts_and_counts_again(place):
    place.init()
    f = place.file("farm.json", _farm())
    assert run("import", "--data", place.data, f).stdout.splitlines()[-1] == "captured 3, known 0, refused 0"
    assert run("import", "--data", place.data, f).stdout.splitlines()[-1] == "captured 0, known 3, refused 0"
    bad = place.file("bad.json", document(event(7, action="MAYBE")))
    r = run("import", "--data", place.data, bad, code=1)
    assert r.stdout.splitlines()[-1] == "captured 0, known 0, refused 1" and "/epcisBody/eventList/0/action" in r.stderr, r


def import_hands_over_to_a_running_server(place):
    with place.server() as s:
        f = place.file("farm.json", _farm())
        assert run("import", "--data", place.data, f).stdout.splitlines()[-1] == "captured 3, known 0, refused 0"
        assert s.client.captures(_farm()).shows(202).json["known"] == 3


def an_organisation_is_named_with_org(place):
    """Its own records are imported, traced and labelled; with a server, beside it, or by nobody's name."""
    place.init()
    run("org", "add", "farm", "--data", place.data)
    key = {"Authorization": "Bearer " + run("key", "add", "--org", "farm", "--scope", "query", "--data", place.data).stdout.strip()}
    f, lot = place.file("farm.json", _farm()), "/lot/farm/H1"
    assert "there is no organisation nobody" in run("import", "--org", "nobody", "--data", place.data, f, code=1).stderr
    assert run("import", "--org", "farm", "--data", place.data, f).stdout.splitlines()[-1] == "captured 3, known 0, refused 0"
    with place.server(open_=False) as s:
        assert run("import", "--org", "farm", "--data", place.data, f).stdout.splitlines()[-1] == "captured 0, known 3, refused 0"
        more = place.file("more.json", document(event(5, eventID="urn:uuid:00000000-0000-4000-8000-000000000005")))
        assert run("import", "--org", "farm", "--data", place.data, more).stdout.splitlines()[-1] == "captured 1, known 0, refused 0"
        s.client.ask("GET", "/epcis/events/urn:uuid:00000000-0000-4000-8000-000000000005", headers=key).shows(200)
        # From the network the header that --org uses says nothing.
        assert s.client.ask("GET", "/epcis/events", headers={"Suyuan-Org": "farm"}).status == 401
    assert len(json.loads(run("trace", "--org", "farm", "--data", place.data, lot).stdout)["nodes"]) > 1
    run("trace", "--data", place.data, lot, code=1)
    out = place.folder / "label.svg"
    run("label", "--org", "farm", "--data", place.data, "--format", "svg", "--output", out, lot)
    assert out.read_bytes().startswith(b"<?xml")
    assert "no event names" in run("label", "--data", place.data, "--format", "svg", "--output", out, lot, code=1).stderr


def _logged_blobs(place):
    with sqlite3.connect(place.data / "suyuan.db") as db:
        return db.execute("SELECT s.subject, s.detail FROM log_statement s JOIN log_leaf l ON l.org = s.org AND l.type = s.type AND l.ref = s.n "
                          "WHERE s.type = 2 ORDER BY s.n").fetchall()


def a_photo_is_in_the_log_whether_or_not_a_server_runs(place):
    place.init()
    one, two = (place.file(f"{n}.png", b"\x89PNG\r\n\x1a\n" + bytes([n]) * 92) for n in (1, 2))
    first = run("import", "--data", place.data, one).stdout.split()[1]
    assert _logged_blobs(place) == [(first, "100 image/png")]
    with place.server() as s:
        second = run("import", "--data", place.data, one, two).stdout.splitlines()[1].split()[1]
        assert s.client.post("/api/blob?sha256=" + "0" * 64, {}).shows(404)
        assert s.client.post("/api/blob?sha256=zz", {}).shows(400)
        assert _logged_blobs(place) == [(first, "100 image/png"), (second, "100 image/png")]
    run("check", "--data", place.data)


def trace_walks_both_ways_and_marks_the_late_input(place):
    place.init()
    run("import", "--data", place.data, place.file("farm.json", _farm()))
    back = json.loads(run("trace", "--data", place.data, "http://127.0.0.1:8080/lot/farm/H1", "--format", "json").stdout)
    ids = {n["id"].rsplit("/", 1)[-1]: n for n in back["nodes"]}
    assert set(ids) == {"H1", "Seed1", "Urea1", "S1"}, ids
    roles = {(e["from"].rsplit("/", 1)[-1], e["to"].rsplit("/", 1)[-1]): e["role"] for e in back["edges"]}
    assert roles[("Seed1", "H1")] == "input" and roles[("Urea1", "H1")] == "input-after", roles
    assert back["direction"] == "back" and back["truncated"] is False and len(back["events"]) == 3
    forward = json.loads(run("trace", "--data", place.data, "/lot/farm/Seed1", "--forward", "--format", "json").stdout)
    assert "H1" in {n["id"].rsplit("/", 1)[-1] for n in forward["nodes"]}
    assert "digraph" in run("trace", "--data", place.data, "/lot/farm/H1", "--format", "dot").stdout
    assert "Seed1" in run("trace", "--data", place.data, "/lot/farm/H1", "--format", "text").stdout
    run("trace", "--data", place.data, "/lot/farm/Unknown", code=1)


def an_origin_has_no_case_and_may_end_in_a_slash(place):
    assert "http://127.0.0.1:8080\n" in run("init", "--data", place.data, "--origin", "http://127.0.0.1:8080/", "--origin", "https://Old.Example.CN").stdout
    run("import", "--data", place.data, place.file("farm.json", _farm()))
    for name in ("https://old.example.cn/lot/farm/H1", "https://OLD.example.cn/lot/farm/H1", "/lot/farm/H1"):
        assert json.loads(run("trace", "--data", place.data, name, "--format", "json").stdout)["item"] == "http://127.0.0.1:8080/lot/farm/H1"
    for wrong in (["https://a.example/path"], ["https://"], ["ftp://a.example"], ["https://a.example", "https://A.example/"], ["https://" + "a" * 300]):
        run("init", "--data", place.folder / "no", *[x for o in wrong for x in ("--origin", o)], code=2)
    assert run("demo", "--data", place.folder / "no", "--origin", "nonsense", code=None).returncode, "the demonstration asks for the same"
    assert not (place.folder / "no").exists()


def rebuild_gives_the_identical_views_and_check_sees_a_changed_one(place):
    place.init()
    run("import", "--data", place.data, place.file("farm.json", _farm()))
    run("check", "--data", place.data)
    run("rebuild", "--data", place.data)
    run("check", "--data", place.data)
    with sqlite3.connect(place.data / "suyuan.db") as db:
        db.execute("DELETE FROM event_item WHERE rowid IN (SELECT rowid FROM event_item LIMIT 1)") if _has_rowid(db) else db.execute(
            "DELETE FROM event_item WHERE (org, item, seq) = (SELECT org, item, seq FROM event_item LIMIT 1)")
    assert run("check", "--data", place.data, code=1).stdout
    run("rebuild", "--data", place.data)
    run("check", "--data", place.data)


def _has_rowid(db):
    try:
        db.execute("SELECT rowid FROM event_item LIMIT 1")
        return True
    except sqlite3.OperationalError:
        return False


def check_sees_a_changed_event(place):
    place.init()
    run("import", "--data", place.data, place.file("farm.json", _farm()))
    with sqlite3.connect(place.data / "suyuan.db") as db:
        changed = db.execute("UPDATE event_body SET body = replace(body, '500', '501') WHERE body LIKE '%500%'").rowcount
    assert changed == 1
    run("check", "--data", place.data, code=1)


def hash_prints_a_line_an_event(place):
    doc = public_data("epcis", "hash", "RalphTro__TimeStampRoundOff.jsonld")
    lines = run("hash", doc).stdout.split()
    assert lines[0] == "ni:///sha-256;af7658e711574363633f20b3dadc7bc4c13c6f612cf96d95e03c421c0e58f3c6?ver=CBV2.0", lines
    assert len(lines) == 3


def wrong_use_is_told_with_exit_2(place):
    assert "import" in run("help").stdout
    assert "--origin" in run("help", "init").stdout
    for args in (("nonsense",), ("serve", "--nonsense"), ("import",), ("trace", "--format"), ("init", "--origin", "not a url", "--data", place.data)):
        r = run(*args, code=None)
        assert r.returncode == 2 or (args[0] == "init" and r.returncode in (1, 2)), (args, r)
        assert r.stderr.strip(), args
    place.init()
    run("init", "--data", place.data, code=1)


def options_come_from_flag_environment_and_file(place):
    place.init()
    (place.data / "suyuan.conf").write_text("listen = 127.0.0.1:0\nworkres = 2\n")
    r = subprocess.run([BINARY, "serve", "--data", place.data, "--open"], capture_output=True, text=True, timeout=30)
    assert r.returncode == 2 and "workers" in r.stderr, r


def a_newer_schema_is_refused_and_nothing_is_touched(place):
    place.init()
    with sqlite3.connect(place.data / "suyuan.db") as db:
        db.execute("PRAGMA user_version = 9999")
    r = run("check", "--data", place.data, code=1)
    assert "newer" in r.stderr or "较新" in r.stderr, r.stderr
    shutil.rmtree(place.data)


play()
