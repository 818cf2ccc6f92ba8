"""Personal data of a record are erased: no byte of them stays, and whatever is shown or proven goes on as before."""
import contextlib
import hashlib
import os
import re
import sqlite3

from suyuan import Skip, document, event, play, run, shared

HERE = "http://127.0.0.1:8080"
SECRETS = ("LiMingOfVillageSeven", "13800138000", "geo:22.9123,114.0456", "SerialOfHisPhone")


def _others():
    return tuple(x[::-1] for x in SECRETS)


def _id(n):
    return f"urn:uuid:00000000-0000-4000-8000-{n:012d}"


def _personal(n, secrets=SECRETS, **more):
    """Private values wherever they may stand: extensions, positions, a device that tells its position (which is searched by)."""
    name, phone, place, device = secrets
    return event(n, eventID=_id(n), **{
        "suyuan:operator": name, "suyuan:crop": "rice", "suyuan:contact": {"phone": phone, "deep": [{"name": name}]},
        "suyuan:evidence": [{"id": "ni:///sha-256;" + "ab" * 32, "suyuan:position": place}],
        "sensorElementList": [{"sensorReport": [
            {"type": "Temperature", "value": 21.5, "uom": "CEL"},
            # A wrong check digit: a finding quotes the value.
            {"type": "Angle", "component": "latitude", "value": 22.9123, "deviceID": f"urn:x:{device}", "rawData": f"https://id.gs1.org/01/09506000134353/21/{device}"}]}],
        **more})


def _sql(place, text):
    if "SUYUAN_TEST_DATABASE" in os.environ:
        raise Skip("looks into SQLite's file")
    with contextlib.closing(sqlite3.connect(f"file:{place.data}/suyuan.db?mode=ro", uri=True, timeout=30)) as db:
        return db.execute(text).fetchall()


def _files_with(place, text):
    return [p.name for p in place.data.rglob("*") if p.is_file() and text.encode() in p.read_bytes()]


def _erase(place, n, *more, **kw):
    return run("erase", _id(n), "--data", place.data, "--org", "default", "--reason", "request", *more, **kw)


def no_byte_of_what_was_erased_stays(place):
    others = _others()
    with place.server() as s:
        for n in range(1, 40):          # before and after, one by one, so that pages divide around it
            s.client.captures(document(_personal(n, SECRETS if n == 7 else others), event(100 + n))).shows(202)
        assert s.client.get(f"/epcis/events/{_id(7)}").text.count(SECRETS[0]) == 2
        if "SUYUAN_TEST_DATABASE" not in os.environ:
            assert _files_with(place, SECRETS[0]) and _files_with(place, SECRETS[3])
        answer = s.client.post("/api/erase", {"eventID": _id(7), "org": "default", "reason": "request"}).shows(200).json
        assert [(r["org"], r["outcome"], r["members"]) for r in answer["records"]] == [("default", "erased", 6)], answer
        told = s.client.get(f"/epcis/events/{_id(7)}").shows(200)
        for secret in SECRETS:
            assert secret not in told.text, told
            assert _files_with(place, secret) == [], secret
        assert "rice" in told.text and "21.5" in told.text and "ni:///sha-256;" in told.text
        assert s.client.get("/epcis/events?EQ_deviceID=urn:x:" + SECRETS[3]).text.count(_id(7)) == 0
        assert others[0] in s.client.get(f"/epcis/events/{_id(8)}").text
    run("check", "--data", place.data)
    run("rebuild", "--data", place.data)
    run("check", "--data", place.data)
    for secret in SECRETS:
        assert _files_with(place, secret) == [], secret


def _page(s):
    """But for the keys of photos, which each process makes anew."""
    return re.sub(r"k=[0-9a-f]{32}", "", s.client.get("/unit/farm/U1").shows(200).text)


def what_is_shown_and_proven_goes_on(place):
    with place.server() as s:
        s.client.captures(document(_personal(1, action="ADD", bizStep="commissioning", epcList=[f"{HERE}/unit/farm/U1"], **{"suyuan:operator": "Li"}))).shows(202)
        before = _sql(place, "SELECT seq, digest, event_hash, refs, flags, time_us, event_id FROM event"), _sql(place, "SELECT idx, commitment FROM log_leaf")
        page, trace = _page(s), s.client.get("/api/trace?item=/unit/farm/U1").shows(200).json
        s.client.post("/api/erase", {"eventID": _id(1), "reason": "request"}).shows(200)
        assert _sql(place, "SELECT seq, digest, event_hash, refs, flags, time_us, event_id FROM event") == before[0]
        assert _sql(place, "SELECT idx, commitment FROM log_leaf")[:1] == before[1]
        assert s.client.get("/api/trace?item=/unit/farm/U1").shows(200).json == trace
    with place.server() as s:           # nothing remembered
        assert _page(s) == page
        assert s.client.get("/epcis/events?EQ_bizStep=commissioning").text.count(_id(1)) == 1
    (form,), = _sql(place, "SELECT form FROM event_erased")
    assert hashlib.sha256(form.encode()).digest() == before[0][0][1]
    assert _sql(place, "SELECT length(salt) FROM event") == [(0,)]
    assert _sql(place, "SELECT type, subject, detail FROM log_statement WHERE type = 6") == [(6, f"{_id(1)} 1", "6 request")]


def erasing_twice_is_erasing_once(place):
    with place.server() as s:
        s.client.captures(document(_personal(1), event(2, eventID=_id(2)))).shows(202)
        assert _erase(place, 1).stdout == "default\t1\terased\t6\n"
        assert _erase(place, 1).stdout == "default\t1\terased before\t6\n"
        assert _erase(place, 2).stdout == "default\t2\tnothing sealed\t0\n"
        _erase(place, 3, code=1)
        if "SUYUAN_TEST_DATABASE" not in os.environ:
            assert _sql(place, "SELECT count(*) FROM log_statement WHERE type = 6") == [(1,)]
    assert _erase(place, 1).stdout == "default\t1\terased before\t6\n"          # also without a server
    run("check", "--data", place.data)


def the_record_sent_again_is_a_new_one(place):
    with place.server() as s:
        s.client.captures(document(_personal(1))).shows(202)
        _erase(place, 1)
        assert s.client.captures(document(_personal(1))).shows(202).json["captured"] == 1
        assert [line.split("\t")[2] for line in _erase(place, 1).stdout.splitlines()] == ["erased before", "erased"]
    run("check", "--data", place.data)


def copies_that_others_were_given_are_erased_with_it(place):
    place.init()
    run("org", "add", "buyer", "--data", place.data)
    with place.server() as s:
        shipped = {"destinationList": [{"type": "owning_party", "destination": f"{HERE}/org/buyer"}]}
        s.client.captures(document(_personal(1, **shipped), _personal(2, _others(), **shipped))).shows(202)
        # Who was given a copy erases that, and nothing else.
        assert run("erase", _id(2), "--data", place.data, "--org", "buyer", "--reason", "not-needed").stdout == "buyer\t2\terased\t6\n"
        assert _others()[0] in s.client.get(f"/epcis/events/{_id(2)}").text
        assert _erase(place, 1).stdout == "default\t1\terased\t6\nbuyer\t1\terased\t6\n"
        assert shared(s, "buyer")["copies"] == 0                        # and looking for copies once more brings none of it back
        assert len(s.client.get("/epcis/events?perPage=100").json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 2
        if "SUYUAN_TEST_DATABASE" not in os.environ:
            assert _sql(place, "SELECT org, count(*) FROM event GROUP BY org") == [(1, 2), (2, 2)]
        for secret in SECRETS:
            assert _files_with(place, secret) == [], secret
        trail = s.client.get("/api/audit?org=buyer").shows(200).json["audit"]
        assert [(a["act"], a["target"]) for a in trail if a["act"] == "erase"] == [("erase", _id(2)), ("erase", _id(1))]
    run("check", "--data", place.data)
    run("rebuild", "--data", place.data)
    run("check", "--data", place.data)


def only_who_administers_the_organisation_erases(place):
    place.init()
    for org in ("farm", "mill"):
        run("org", "add", org, "--data", place.data)
    key = {name: {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", org, "--scope", scope).stdout.strip()}
           for name, org, scope in (("worker", "farm", "capture,query"), ("manager", "farm", "users"), ("stranger", "mill", "users"))}
    with place.server(open_=False) as s:
        s.client.captures(document(_personal(1)), headers=key["worker"]).shows(202)
        wish = {"eventID": _id(1), "reason": "request"}
        s.client.post("/api/erase", wish).shows(401)
        s.client.post("/api/erase", wish, headers=key["worker"]).shows(403)
        s.client.post("/api/erase", wish, headers=key["stranger"]).shows(404)
        s.client.post("/api/erase", {**wish, "org": "farm"}, headers=key["stranger"]).shows(404)
        for wrong in ({}, {"reason": "request"}, {"eventID": _id(1)}, {**wish, "reason": "Li Ming asked"}, {**wish, "reason": "x" * 41}, [], {**wish, "eventID": 1}):
            s.client.post("/api/erase", wrong, headers=key["manager"]).shows(400)
        assert s.client.post("/api/erase", wish, headers=key["manager"]).shows(200).json["records"] == [{"org": "farm", "seq": 1, "outcome": "erased", "members": 6}]


def what_is_put_back_or_taken_besides_is_found(place):
    with place.server() as s:
        s.client.captures(document(_personal(1))).shows(202)
        _erase(place, 1)
    (body,), = _sql(place, "SELECT body FROM event_body")
    for changed in (body.replace('"suyuan:crop"', '"suyuan:operator":"Li","suyuan:crop"'), body.replace('"rice"', '"oats"'), body.replace(',"suyuan:crop":"rice"', "")):
        assert changed != body
        _write(place, "UPDATE event_body SET body = ?", changed)
        assert "event 1 was erased, but what is left is not its public part" in run("check", "--data", place.data, code=1).stdout
    _write(place, "UPDATE event_body SET body = ?", body)
    run("check", "--data", place.data)
    _write(place, "UPDATE event_erased SET form = replace(form, 'rice', 'oats')")
    assert "digest" in run("check", "--data", place.data, code=1).stdout


def _write(place, text, *values):
    with contextlib.closing(sqlite3.connect(place.data / "suyuan.db", timeout=30)) as db, db:
        db.execute(text, values)


def older_copies_are_named(place):
    if "SUYUAN_TEST_DATABASE" in os.environ:
        raise Skip("a server's database is not copied here")
    with place.server() as s:
        s.client.captures(document(_personal(1))).shows(202)
        (place.data / "before-v3-20260101T000000Z.db").write_bytes(b"")
        said = _erase(place, 1).stderr
        assert "before-v3-20260101T000000Z.db" in said and "backups" in said, said


def what_names_itself_by_a_position_is_refused_and_stays(place):
    with place.server() as s:
        s.client.captures(document(event(1, eventID=_id(1), epcList=["geo:22.9,114.0"], **{"suyuan:operator": "Li"}))).shows(202)
        assert "geo:" in _erase(place, 1, code=1).stderr
        assert "Li" in s.client.get(f"/epcis/events/{_id(1)}").text
    run("check", "--data", place.data)


play()
