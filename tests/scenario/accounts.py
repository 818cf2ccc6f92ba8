"""Organisations, users, keys: who comes in, and who sees what."""
import json

from suyuan import Client, document, event, play, run


def _key(place, org, scope, *more):
    out = run("key", "add", "--data", place.data, "--org", org, "--scope", scope, *more).stdout
    assert out.startswith("suyuan_key_") and out.count("\n") == 1, out
    return {"Authorization": "Bearer " + out.strip()}


def _id(n):
    return f"urn:uuid:00000000-0000-4000-8000-{n:012d}"


def a_key_is_made_without_a_server_and_used_with_one(place):
    place.init()
    run("org", "add", "lotus", "--data", place.data, "--name", "荷香合作社")
    key = _key(place, "lotus", "capture,query", "--name", "erp")
    with place.server(open_=False) as s:
        s.client.captures(document(event(1))).shows(401)
        assert s.client.captures(document(event(1)), headers=key).shows(202).json["captured"] == 1
        me = s.client.ask("GET", "/api/session", headers=key).shows(200).json
        assert me["org"] == "lotus" and me["actor"] == "key:1" and "users" not in me["may"], me
        s.client.ask("GET", "/api/users", headers=key).shows(403)
    assert "erp" in run("key", "list", "--data", place.data).stdout


def one_organisation_never_reads_another_s(place):
    with place.server(open_=False) as s:
        for code in ("east", "west"):
            run("org", "add", code, "--data", place.data, "--name", code)
        east, west = _key(place, "east", "capture,query"), _key(place, "west", "capture,query")
        answer = s.client.captures(document(event(1, eventID=_id(1))), headers=east).shows(202)
        job = answer.headers["Location"]
        s.client.ask("GET", "/epcis/events/" + _id(1), headers=east).shows(200)
        s.client.ask("GET", "/epcis/events/" + _id(1), headers=west).shows(404)
        s.client.ask("GET", job, headers=east).shows(200)
        s.client.ask("GET", job, headers=west).shows(404)


def a_regulator_sees_its_district_and_records_nothing(place):
    with place.server(open_=False) as s:
        run("org", "add", "town", "--data", place.data, "--kind", "regulator")
        run("org", "add", "farm", "--data", place.data, "--district", "town")
        run("org", "add", "far", "--data", place.data)
        farm, far, town = _key(place, "farm", "capture"), _key(place, "far", "capture"), _key(place, "town", "capture,query")
        s.client.captures(document(event(1, eventID=_id(1))), headers=farm).shows(202)
        s.client.captures(document(event(2, eventID=_id(2))), headers=far).shows(202)
        s.client.ask("GET", "/epcis/events/" + _id(1), headers=town).shows(200)
        s.client.ask("GET", "/epcis/events/" + _id(2), headers=town).shows(404)
        s.client.captures(document(event(3)), headers=town).shows(403)


def wrong_revoked_and_misspelt_keys_are_refused_and_told_in_the_trail(place):
    with place.server(open_=False) as s:
        key = _key(place, "default", "query")
        text = key["Authorization"]
        s.client.ask("GET", "/epcis/events/x", headers=key).shows(404)
        for wrong in (text[:-1] + ("0" if text[-1] != "0" else "1"), "Bearer x", "Basic eDp5", "Bearer", text.replace("suyuan_key_", "suyuan_ses_")):
            r = s.client.ask("GET", "/epcis/events/x", headers={"Authorization": wrong}).shows(401)
            assert r.headers["WWW-Authenticate"].startswith("Bearer"), r.headers
        run("key", "revoke", "1", "--data", place.data)
        s.client.ask("GET", "/epcis/events/x", headers=key).shows(401)
        owner = Client("localhost", 80, unix=place.data / "suyuan.sock")
        rows = owner.get("/api/audit").shows(200).json["audit"]
        assert [r["n"] for r in rows] == list(range(1, len(rows) + 1))
        assert {"key.add", "key.revoke", "refused"} <= {r["act"] for r in rows}, rows
        assert text.split()[1] not in json.dumps(rows) and text.split()[1] not in s.log()


def people_sign_in_and_out(place):
    with place.server(open_=False) as s:
        run("user", "add", "li", "--data", place.data, "--org", "default", "--role", "manager", input="correct horse\n")
        s.client.post("/api/session", {"name": "li", "password": "wrong horse"}).shows(401)
        r = s.client.post("/api/session", {"name": "li", "password": "correct horse"}).shows(204)
        cookie = r.headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie, cookie
        mine = {"Cookie": cookie.split(";")[0]}
        assert s.client.ask("GET", "/api/session", headers=mine).shows(200).json["role"] == "manager"
        s.client.ask("DELETE", "/api/session", headers=mine).shows(403)
        s.client.ask("DELETE", "/api/session", headers={**mine, "Origin": "http://evil.example"}).shows(403)
        s.client.ask("DELETE", "/api/session", headers={**mine, "Origin": s.url}).shows(204)
        s.client.ask("GET", "/api/session", headers=mine).shows(401)


def guessing_is_slowed_down(place):
    with place.server(open_=False) as s:
        answers = [s.client.post("/api/session", {"name": "nobody", "password": f"guess {n}"}) for n in range(8)]
        assert [a.status for a in answers[:5]] == [401] * 5 and answers[-1].status == 429, answers
        assert int(answers[-1].headers["Retry-After"]) >= 1


def a_manager_makes_no_administrator(place):
    with place.server(open_=False) as s:
        run("org", "add", "lotus", "--data", place.data)
        run("user", "add", "li", "--data", place.data, "--org", "lotus", "--role", "manager", input="correct horse\n")
        r = s.client.post("/api/session", {"name": "li", "password": "correct horse"}).shows(204)
        mine = {"Cookie": r.headers["Set-Cookie"].split(";")[0], "Origin": s.url}
        for role, status in (("admin", 403), ("regulator", 403), ("worker", 201)):
            s.client.post("/api/users", {"name": "n-" + role, "role": role, "password": "long enough"}, headers=mine).shows(status)
        s.client.post("/api/users", {"name": "x", "org": "default", "role": "worker", "password": "long enough"}, headers=mine).shows(404)
        s.client.post("/api/keys", {"scope": "watch"}, headers=mine).shows(403)
        s.client.post("/api/orgs", {"code": "y"}, headers=mine).shows(403)
        refused = {r["target"]: r for r in s.client.ask("GET", "/api/audit", headers=mine).shows(200).json["audit"] if r["act"] == "refused"}
        assert refused["user.add"]["detail"] == "times=2" and {r["actor"] for r in refused.values()} == {"user:li"}, refused      # by the handlers
        assert refused["key.add"]["outcome"] == refused["org.add"]["outcome"] == "403", refused


def a_disabled_organisation_is_kept_out_until_it_is_enabled(place):
    with place.server(open_=False) as s:
        run("org", "add", "lotus", "--data", place.data)
        run("user", "add", "li", "--data", place.data, "--org", "lotus", "--role", "manager", input="correct horse\n")
        key, other = _key(place, "lotus", "capture,query"), _key(place, "default", "query")
        entry = {"name": "li", "password": "correct horse"}
        mine = {"Cookie": s.client.post("/api/session", entry).shows(204).headers["Set-Cookie"].split(";")[0]}
        s.client.captures(document(event(1, epcList=["http://127.0.0.1:8080/lot/lotus/L1"])), headers=key).shows(202)
        run("org", "disable", "lotus", "--data", place.data)
        assert "disabled" in run("org", "list", "--data", place.data).stdout
        for credentials in (key, mine):
            s.client.ask("GET", "/api/session", headers=credentials).shows(401)
        s.client.post("/api/session", entry).shows(401)
        s.client.ask("GET", "/api/session", headers=other).shows(200)
        s.client.get("/lot/lotus/L1").shows(200)        # what was recorded stays
        assert "own" in run("org", "disable", "default", "--data", place.data, code=1).stderr
        run("org", "enable", "lotus", "--data", place.data)
        for credentials in (key, mine):
            s.client.ask("GET", "/api/session", headers=credentials).shows(200)


play()
