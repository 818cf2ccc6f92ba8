"""Devices sign what they record: the server takes it under a registered key only, and nobody can make it say something else afterwards."""
import base64
import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess

from suyuan import CONTEXT, ROOT, Skip, document, event, play, run

HERE = "http://127.0.0.1:8080"
PROCEED = {"GS1-Capture-Error-Behaviour": "proceed"}


class _Phone:
    """A device with a key of its own; the reference signer signs for it."""

    def __init__(self, place, name="phone"):
        self.place, self.name, self.file = place, name, place.folder / f"{name}.key"
        self.key = run("sign", "--new-key", self.file).stdout.strip()

    def registration(self, org="default", name=None):
        return json.loads(run("sign", "--key", self.file, "--org", org, "--name", name or self.name).stdout)

    def registers(self, client, org="default", **kw):
        return client.post("/api/device-keys", self.registration(org), **kw)

    def signs(self, *events):
        return json.loads(run("sign", self.place.file("unsigned.json", document(*events)), "--key", self.file).stdout)


def _events(signed):
    return signed["epcisBody"]["eventList"]


def _private(n, **more):
    return event(n, **{"suyuan:operator": f"{HERE}/staff/farm/w{n}", "suyuan:crop": "水稻", "suyuan:dose": 1.5, **more})


def _sql(place, text, *values):
    if "SUYUAN_TEST_DATABASE" in os.environ:
        raise Skip("looks into SQLite's file")
    with contextlib.closing(sqlite3.connect(place.data / "suyuan.db", timeout=30)) as db, db:
        return db.execute(text, values).fetchall()


def _codes(answer):
    return [(f["code"], f["pointer"]) for f in answer.json["errors"]]


def what_a_registered_phone_signed_is_taken_once_and_stays_whole(place):
    with place.server() as s:
        phone = _Phone(place)
        assert phone.registers(s.client).shows(201).json == {"n": 1}
        phone.registers(s.client).shows(201)            # again: the same
        signed = phone.signs(_private(1), _private(2, eventID="urn:uuid:00000000-0000-4000-8000-000000000002"))
        first = s.client.captures(signed).shows(202).json
        assert (first["captured"], first["refused"]) == (2, 0), first
        again = s.client.captures(signed).shows(202).json
        assert (again["captured"], again["known"]) == (0, 2), again
        told = s.client.get("/epcis/events/urn:uuid:00000000-0000-4000-8000-000000000002").shows(200).json
        assert told["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]["suyuan:signature"] == _events(signed)[1]["suyuan:signature"]
        keys = s.client.get("/api/device-keys").shows(200).json["keys"]
        assert [(k["n"], k["name"], k["key"]) for k in keys] == [(1, "phone", phone.key)]
    run("check", "--data", place.data)
    run("rebuild", "--data", place.data)
    run("check", "--data", place.data)


def one_event_by_itself_is_signed_too(place):
    with place.server() as s:
        phone = _Phone(place)
        bare = {"@context": CONTEXT, **_private(1)}
        signed = json.loads(run("sign", place.file("one.json", bare), "--key", phone.file).stdout)
        refused = s.client.post("/epcis/events", signed).shows(400)
        assert _codes(refused) == [("signing-key-unknown", "/suyuan:signature")], refused
        phone.registers(s.client).shows(201)
        s.client.post("/epcis/events", signed).shows(201)
        s.client.post("/epcis/events", signed).shows(200)


def a_signer_that_others_wrote_gives_the_same_bytes(place):
    node = shutil.which("node")
    assert node, "node is not installed (./dev installs it)"
    place.init()
    phone = _Phone(place)
    seed = phone.file.read_text().split()[1]
    doc = document(_private(1, **{"suyuan:note": "钱\"\\\n\u2028é"}),
                   event(2, bizStep="suyuan:spraying", readPoint={"id": "geo:22.9,114.0"}, quantityList=[{"epcClass": "urn:x:1", "quantity": 12.25, "uom": "KGM"}]),
                   event(3, recordTime="2026-11-23T08:00:00Z"))
    theirs = subprocess.run([node, ROOT / "tests/client/signer.mjs", seed], input=json.dumps(doc), capture_output=True, text=True, timeout=60, check=True).stdout
    ours = run("sign", place.file("doc.json", doc), "--key", phone.file).stdout
    assert json.loads(theirs) == json.loads(ours), (theirs, ours)


def a_key_that_nobody_registered_is_refused_and_others_go_on(place):
    with place.server() as s:
        known, stranger = _Phone(place, "known"), _Phone(place, "stranger")
        known.registers(s.client).shows(201)
        mixed = document(_events(known.signs(_private(1)))[0], _events(stranger.signs(_private(2)))[0], _private(3))
        refused = s.client.captures(mixed).shows(400)
        assert _codes(refused) == [("signing-key-unknown", "/epcisBody/eventList/1/suyuan:signature")], refused
        assert "register" in refused.json["errors"][0]["detail"]
        answer = s.client.captures(mixed, headers=PROCEED).shows(202).json
        assert [e["outcome"] for e in answer["events"]] == ["captured", "refused", "captured"], answer
        assert [(f["code"], f["event"]) for f in answer["errors"]] == [("signing-key-unknown", 1)]
        report = s.client.get(f"/epcis/capture/{answer['captureID']}").shows(200).json
        assert [f["code"] for f in report["errors"]] == ["signing-key-unknown"] and report["success"] is False


def a_forged_signature_is_refused_and_others_go_on(place):
    with place.server() as s:
        phone = _Phone(place)
        phone.registers(s.client).shows(201)
        forged, good = phone.signs(_private(1), _private(2)), phone.signs(_private(3))
        _events(forged)[0]["suyuan:crop"] = "小麦"
        value = bytearray(base64.b64decode(_events(forged)[1]["suyuan:signature"]["suyuan:value"]))
        value[5] ^= 1
        _events(forged)[1]["suyuan:signature"]["suyuan:value"] = base64.b64encode(value).decode()
        answer = s.client.captures(document(*_events(forged), *_events(good)), headers=PROCEED).shows(202).json
        assert (answer["captured"], answer["refused"]) == (1, 2), answer
        assert _codes(s.client.captures(forged).shows(400)) == [("signature-wrong", f"/epcisBody/eventList/{i}/suyuan:signature") for i in range(2)]


def a_revoked_key_signs_no_more_and_what_it_signed_stays(place):
    with place.server() as s:
        phone = _Phone(place)
        phone.registers(s.client).shows(201)
        before = phone.signs(_private(1))
        s.client.captures(before).shows(202)
        s.client.ask("DELETE", "/api/device-keys/1").shows(204)
        s.client.ask("DELETE", "/api/device-keys/1").shows(204)
        assert _codes(s.client.captures(phone.signs(_private(2))).shows(400)) == [("signing-key-revoked", "/epcisBody/eventList/0/suyuan:signature")]
        assert s.client.captures(before).shows(202).json["known"] == 1          # sent again, it is known
        phone.registers(s.client).shows(409)                                    # and does not come back
        assert "revoked" in s.client.get("/api/device-keys").json["keys"][0]
    run("check", "--data", place.data)


class _FormPhone:
    """A phone that signs the forms of acts, as docs/ref/acts.md says it; the signature is made by openssl."""

    def __init__(self, place, name):
        if not shutil.which("openssl"):
            raise Skip("openssl is not here")
        self.place, self.name = place, name
        self.pem = place.file(f"{name}.pem", subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519"], check=True, capture_output=True).stdout)
        der = subprocess.run(["openssl", "pkey", "-in", self.pem, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        self.key = base64.b64encode(der[-32:]).decode()

    def signs(self, form):
        text = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        message = self.place.file("message", b"suyuan act signature v1\n" + hashlib.sha256(text).digest())
        value = subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.pem, "-in", message], check=True, capture_output=True).stdout
        return {**form, "signature": {"key": self.key, "value": base64.b64encode(value).decode()}}


def an_act_is_taken_under_a_registered_key_alone(place):
    place.init()
    run("org", "add", "farm", "--data", place.data)
    phone, stranger = _FormPhone(place, "phone"), _FormPhone(place, "stranger")
    with place.server() as s:
        s.client.ask("PUT", "/api/places/farm/A1", body=b'{"name":"A"}', headers={"Content-Type": "application/json"}).shows(201)
        s.client.post("/api/seasons", {"org": "farm", "code": "S1", "plot": "A1", "crop": "番茄"}).shows(201)
        run("key", "register", "--data", place.data, "--org", "farm", "--name", "phone", "--public", phone.key)

        def form(n):
            return {"act": "irrigate", "season": "farm/S1", "at": f"2026-05-0{n}T08:00:00+08:00", "id": f"form-{n}", "note": "放水"}

        def acts():
            return len(s.client.get("/api/seasons/farm/S1").shows(200).json["acts"])

        first = phone.signs(form(1))
        s.client.post("/api/acts", first).shows(201)
        refused = s.client.post("/api/acts", stranger.signs(form(2))).shows(400)
        assert _codes(refused) == [("signing-key-unknown", "/signature")], refused
        bent = {**phone.signs(form(3)), "note": "没有放水"}
        assert _codes(s.client.post("/api/acts", bent).shows(400)) == [("signature-wrong", "/signature")]
        assert acts() == 1
        number = s.client.get("/api/device-keys?org=farm").shows(200).json["keys"][0]["n"]
        s.client.ask("DELETE", f"/api/device-keys/{number}?org=farm").shows(204)
        assert _codes(s.client.post("/api/acts", phone.signs(form(4))).shows(400)) == [("signing-key-revoked", "/signature")]
        s.client.post("/api/acts", first).shows(200)            # what it signed before stays, and is known
        assert acts() == 1
        s.client.post("/api/acts", form(4)).shows(201)          # without a signature the same act is taken
        assert acts() == 2
    run("check", "--data", place.data)


def a_key_of_another_organisation_is_refused(place):
    place.init()
    for org in ("farm", "mill"):
        run("org", "add", org, "--data", place.data)
    mine = {org: {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", org, "--scope", "capture").stdout.strip()} for org in ("farm", "mill")}
    with place.server(open_=False) as s:
        phone = _Phone(place)
        phone.registers(s.client, "farm", headers=mine["farm"]).shows(201)
        phone.registers(s.client, "farm", headers=mine["mill"]).shows(404)
        signed = phone.signs(_private(1))
        assert _codes(s.client.captures(signed, headers=mine["mill"]).shows(400))[0][0] == "signing-key-unknown"
        s.client.captures(signed, headers=mine["farm"]).shows(202)
        phone.registers(s.client, "mill", headers=mine["mill"]).shows(201)      # one phone may work for two
        s.client.captures(signed, headers=mine["mill"]).shows(202)


def a_registration_needs_the_key_itself(place):
    with place.server() as s:
        phone, other = _Phone(place), _Phone(place, "other")
        good = phone.registration()
        for wrong in ({"proof": ""}, {"proof": other.registration()["proof"]}, {"name": "another name"}, {"key": other.key}, {"name": "two\nlines"}, {"name": ""},
                      {"key": base64.b64encode(bytes(32)).decode()}, {"key": "x"}, {"proof": good["proof"][:-2]}):
            s.client.post("/api/device-keys", {**good, **wrong}).shows(400)
        s.client.post("/api/device-keys", [good]).shows(400)
        s.client.post("/api/device-keys", good).shows(201)
    # At the machine itself its owner's word is enough.
    assert run("key", "register", "--data", place.data, "--org", "default", "--name", "other", "--public", other.key).stdout == "2\n"
    listed = run("key", "registered", "--data", place.data, "--org", "default").stdout
    assert [line.split("\t")[:3] for line in listed.splitlines()] == [["1", "phone", phone.key], ["2", "other", other.key]], listed
    run("key", "withdraw", "2", "--data", place.data, "--org", "default")
    run("key", "withdraw", "3", "--data", place.data, "--org", "default", code=1)


def an_organisation_has_ten_thousand_keys_at_most(place):
    with place.server() as s:
        _sql(place, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999) "
                    "INSERT INTO device_key SELECT 1, i, 'k', randomblob(32), 1, 0, 'tester' FROM n")
        _Phone(place).registers(s.client).shows(201)
        _Phone(place, "one more").registers(s.client).shows(413)
        listed = run("key", "registered", "--data", place.data, "--org", "default").stdout.splitlines()
        assert len(listed) == 10000 and listed[-1].startswith("10000\tphone\t")


def a_worker_manages_their_own_keys_and_a_manager_all(place):
    people = {"wang": "worker", "zhao": "worker", "li": "manager", "auditor": "auditor"}
    place.init()
    for name, role in people.items():
        run("user", "add", name, "--data", place.data, "--org", "default", "--role", role, input="correct horse\n")
    with place.server(open_=False) as s:
        cookies = {}
        for name in people:
            answer = s.client.post("/api/session", {"name": name, "password": "correct horse"}).shows(204)
            cookies[name] = {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "Origin": s.url}
        _Phone(place, "wang's").registers(s.client, headers=cookies["wang"]).shows(201)
        _Phone(place, "zhao's").registers(s.client, headers=cookies["zhao"]).shows(201)

        def names(who):
            return [k["name"] for k in s.client.ask("GET", "/api/device-keys", headers=cookies[who]).shows(200).json["keys"]]

        assert names("wang") == ["wang's"] and names("zhao") == ["zhao's"] and names("li") == ["wang's", "zhao's"]
        s.client.ask("GET", "/api/device-keys", headers=cookies["auditor"]).shows(403)
        s.client.ask("DELETE", "/api/device-keys/2", headers=cookies["wang"]).shows(404)
        s.client.ask("DELETE", "/api/device-keys/1", headers=cookies["wang"]).shows(204)
        s.client.ask("DELETE", "/api/device-keys/2", headers=cookies["li"]).shows(204)
        trail = s.client.ask("GET", "/api/audit", headers=cookies["li"]).shows(200).json["audit"]
        assert [(a["actor"], a["act"], a["target"]) for a in trail if a["act"].startswith("device-key")] == [
            ("user:wang", "device-key.add", "wang's"), ("user:zhao", "device-key.add", "zhao's"), ("user:wang", "device-key.revoke", "wang's"),
            ("user:li", "device-key.revoke", "zhao's")]


def a_server_that_changes_what_was_signed_is_found_out(place):
    with place.server() as s:
        phone = _Phone(place)
        phone.registers(s.client).shows(201)
        s.client.captures(phone.signs(event(1, **{"suyuan:crop": "rice"}))).shows(202)
    run("check", "--data", place.data)
    (body,), = _sql(place, "SELECT body FROM event_body")
    changed = body.replace('"rice"', '"oats"')
    _sql(place, "UPDATE event_body SET body = ?", changed)
    assert "signature that does not hold" not in run("check", "--data", place.data, code=1).stdout     # the digest tells already
    # It makes the digest fit as well: only the phone could make the signature fit.
    e = {n.replace("suyuan:", "https://w3id.org/suyuan/voc/"): v for n, v in json.loads(changed).items() if n != "suyuan:signature"}
    digest = hashlib.sha256(json.dumps(e, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()).digest()
    _sql(place, "UPDATE event SET digest = ?", digest)
    assert "event 1 bears a device's signature that does not hold" in run("check", "--data", place.data, code=1).stdout


def what_stands_unsigned_does_not_take_the_place_of_what_was_signed(place):
    with place.server() as s:
        phone = _Phone(place)
        phone.registers(s.client).shows(201)
        plain = event(1)                # nothing of it is sealed: signed or not, it has one digest
        s.client.captures(document(plain)).shows(202)
        signed = phone.signs(plain)
        assert s.client.captures(signed).shows(202).json["captured"] == 1
        assert s.client.captures(signed).shows(202).json["known"] == 1
        assert s.client.captures(document(plain)).shows(202).json["known"] == 1
        both = document(event(2), *_events(phone.signs(event(2))))
        assert s.client.captures(both).shows(202).json["captured"] == 2
    run("check", "--data", place.data)
    run("rebuild", "--data", place.data)
    run("check", "--data", place.data)


def a_copy_of_a_signed_record_is_signed(place):
    place.init()
    run("org", "add", "buyer", "--data", place.data)
    with place.server() as s:
        phone = _Phone(place)
        phone.registers(s.client).shows(201)
        signed = phone.signs(_private(1, destinationList=[{"type": "owning_party", "destination": f"{HERE}/org/buyer"}]),
                             _private(2, destinationList=[{"type": "owning_party", "destination": f"{HERE}/org/late"}]))
        s.client.captures(signed).shows(202)
        s.client.ask("DELETE", "/api/device-keys/1").shows(204)
        run("org", "add", "late", "--data", place.data)         # copies of what stands already are no new records
    run("check", "--data", place.data)
    rows = _sql(place, "SELECT org, digest, salt FROM event ORDER BY time_us, org")
    assert len(rows) == 4 and rows[0][1:] == rows[1][1:] and rows[2][1:] == rows[3][1:], rows
    assert {r[0] for r in rows} == {1, 2, 3}


play()
