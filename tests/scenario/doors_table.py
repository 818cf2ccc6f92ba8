"""Every route of a real server, held against the one table (src/app/doors.def): by each role signed in, by keys, and by whoever should not come in."""
import contextlib
import sqlite3
import subprocess

from suyuan import BUILD, document, event, play, run

ROLES = ("admin", "regulator", "manager", "worker", "laboratory", "buyer", "carrier", "auditor")
PASSWORD = "correct horse"
MARK = "OnlyOfEast"


def _doors():
    """(route, method, pattern, roles, scopes), leaving last: who has signed out can ask nothing more."""
    out = subprocess.run([BUILD / "src/app/test_app_doors", "--list"], capture_output=True, text=True, timeout=60, check=True).stdout
    rows = [line.split("\t") for line in out.splitlines()]
    assert len(rows) > 70, rows
    return sorted(([name, method, pattern, roles.split(), scopes.split()] for name, method, pattern, roles, scopes in rows), key=lambda r: r[0] == "session.leave")


def _ask(s, method, path, credentials):
    body = b"{}" if method in ("POST", "PUT") else None
    return s.client.ask(method, path, body=body, headers={"Content-Type": "application/json", "Accept": "application/json", "X-Forwarded-For": "192.0.2.9", **credentials})


def _path(pattern):
    return pattern.replace("*", "x")


def _key(place, org, scope, *more):
    return {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", org, "--scope", scope, *more).stdout.strip()}


def _sign_in(s, name):
    answer = s.client.post("/api/session", {"name": name, "password": PASSWORD}).shows(204)
    return {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}


def _mine(s, cookie):
    return {**cookie, "Origin": s.url}


def _person(place, name, role, org="default"):
    run("user", "add", name, "--data", place.data, "--org", org, "--role", role, input=PASSWORD + "\n")


def _told(answer, want, what):
    """`want`: 401, 403, or None for whoever passes the door; what lies behind it may still be nothing."""
    good = answer.status not in (401, 403) if want is None else answer.status == want
    return [] if good else [f"{what}: {answer.status}, the table says {want or 'come in'}"]


def each_role_passes_the_doors_that_the_table_opens(place):
    with place.server(open_=False) as s:
        for role in ROLES:
            _person(place, role, role)
        cookies = {role: _mine(s, _sign_in(s, role)) for role in ROLES}
        wrong = []
        for name, method, pattern, roles, _ in _doors():
            for role in ROLES:
                if name == "session.enter":     # behind this door 401 is what a wrong password gets
                    continue
                wrong += _told(_ask(s, method, _path(pattern), cookies[role]), None if role in roles else 403, f"{role} {method} {pattern}")
        assert not wrong, wrong


def a_key_passes_what_its_scope_opens(place):
    with place.server(open_=False) as s:
        scopes = ("capture", "query", "subscribe", "audit", "users", "watch", "decide", "collect")
        keys = {scope: _key(place, "default", scope) for scope in scopes}
        device = _key(place, "default", "capture", "--device", "urn:epc:id:giai:6901234.5")
        wrong = []
        for name, method, pattern, roles, opens in _doors():
            if name == "session.enter":
                continue
            for scope in scopes:
                wrong += _told(_ask(s, method, _path(pattern), keys[scope]), None if scope in opens else 403, f"key {scope} {method} {pattern}")
            passes = "device" in roles and "capture" in opens
            wrong += _told(_ask(s, method, _path(pattern), device), None if passes else 403, f"device {method} {pattern}")
        assert not wrong, wrong


def _bent(text):
    return text[:-8] + ("0" if text[-8] != "0" else "1") + text[-7:]


def whoever_should_not_come_in_does_not(place):
    with place.server(open_=False) as s:
        keys = {what: _key(place, "default", "capture,query,users,audit") for what in ("revoked", "expired", "good")}
        run("key", "revoke", "1", "--data", place.data)
        for name in ("fired", "late"):
            _person(place, name, "manager")
        cookies = {name: _sign_in(s, name) for name in ("fired", "late")}
    with contextlib.closing(sqlite3.connect(place.data / "suyuan.db")) as db, db:       # what only time does
        db.execute("UPDATE api_key SET expires_us = 1 WHERE id = 2")
        db.execute("UPDATE account SET disabled = 1 WHERE name = 'fired'")
        db.execute("UPDATE login SET until_us = 1 WHERE account = (SELECT id FROM account WHERE name = 'late')")
    good = keys.pop("good")["Authorization"]
    with place.server(open_=False) as s:
        strangers = {**keys, "nobody": {}, "disabled": _mine(s, cookies["fired"]), "over": _mine(s, cookies["late"]),
                     "bent": {"Authorization": _bent(good)}, "forged": {"Authorization": "Bearer suyuan_key_" + "0" * 38},
                     "forged session": _mine(s, {"Cookie": "suyuan_session=suyuan_ses_" + "0" * 38}), "basic": {"Authorization": "Basic YWRtaW46YWRtaW4="}}
        wrong = []
        for name, method, pattern, roles, _ in _doors():
            if name == "session.enter":
                continue
            for who, credentials in strangers.items():
                answer = _ask(s, method, _path(pattern), credentials)
                wrong += _told(answer, None if "nobody" in roles else 401, f"{who} {method} {pattern}")
        assert not wrong, wrong
        s.client.ask("GET", "/api/session", headers={"Authorization": good}).shows(200)


def a_session_changes_nothing_from_another_site(place):
    with place.server(open_=False) as s:
        _person(place, "li", "admin")
        cookie = _sign_in(s, "li")
        wrong = []
        for name, method, pattern, roles, _ in _doors():
            if method in ("GET", "HEAD", "OPTIONS") or "nobody" in roles:
                continue
            for proof in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
                wrong += _told(_ask(s, method, _path(pattern), {**cookie, **proof}), 403, f"{proof} {method} {pattern}")
        assert not wrong, wrong
        s.client.ask("GET", "/api/session", headers=cookie).shows(200)


def _fill(pattern, known):
    stem = pattern.rstrip("*")
    return [stem + rest for rest in known.get(stem, ["x"])] if pattern.endswith("*") else [pattern + q for q in known.get(pattern, [""])]


class _East:
    """An organisation with something of everything, each bearing MARK."""

    def __init__(self, place, s):
        for code in ("east", "west"):
            run("org", "add", code, "--data", place.data, "--published", "no")
        scope = "capture,query,users,audit"
        self.key, self.west, self.event = _key(place, "east", scope), _key(place, "west", scope), f"urn:uuid:00000000-0000-4000-8000-{7:012d}"
        self.item, at = f"http://127.0.0.1:8080/lot/east/{MARK}", f"http://127.0.0.1:8080/place/east/{MARK}"
        word = f"https://example.com/{MARK}"
        _person(place, MARK, "worker", "east")
        made = event(1, eventID=self.event, epcList=[self.item], readPoint={"id": at}, bizLocation={"id": at}, bizStep=word, disposition=word)
        self.job = s.client.captures(document(made), headers=self.key).shows(202).headers["Location"].split("/")[-1]
        dest = {"dest": f"https://east.example/{MARK}", "schedule": {"month": "1", "dayOfMonth": "1"}}
        self.subscription = s.client.post("/epcis/queries/SimpleEventQuery/subscriptions", dest, headers=self.key).shows(201).headers["Location"]
        s.client.post("/epcis/queries", {"name": MARK, "query": {"EQ_bizStep": [word]}}, headers=self.key).shows(201)
        link = {"item": self.item, "linkType": "gs1:instructions", "href": "https://example.com/", "title": MARK}
        s.client.post("/api/links", link, headers=self.key).shows(201)
        for kind in ("places", "products", "inputs", "crops", "partners", "staff"):
            s.client.ask("PUT", f"/api/{kind}/east/{MARK}", body=b'{"name":"x"}', headers={"Content-Type": "application/json", **self.key}).shows(201)
        s.client.post("/api/devices", {"id": MARK, "protocol": "http", "place": at}, headers=self.key).shows(201)
        s.client.post(f"/api/devices/{MARK}/readings", {"t": 1000, "values": {MARK: 1}}, headers=self.key).shows(200)
        self.marks = (MARK, self.event, self.job)

    def paths(self, pattern):
        quoted = self.item.replace("/", "%2F")
        below = self.subscription.removeprefix("/epcis/queries/")
        known = {"/epcis/capture/*": [self.job], "/epcis/events/*": [self.event], "/epcis/queries/*": ["SimpleEventQuery/subscriptions", below, MARK, MARK + "/events"],
                 "/epcis/epcs/*": [quoted + "/events"], "/api/trace": ["?item=" + self.item], "/api/links": ["?item=" + self.item], "/api/audit": ["", "?org=east"],
                 "/api/devices": ["", "?org=east"], "/api/devices/*": [MARK, MARK + "/history", MARK + "/hours", MARK + "/notices"], "/api/series": [f"?device={MARK}&channel={MARK}&from=0&to=2000"],
                 "/api/live": [f"?device={MARK}&wait=1"]}
        things = ("places", "products", "inputs", "crops", "partners", "staff")
        known |= {f"/api/{kind}": ["?org=east"] for kind in things} | {f"/api/{kind}/*": ["east", "east/" + MARK] for kind in things}
        known |= {f"/api/{kind}.csv": ["?org=east"] for kind in things[:5]}
        return [pattern.rstrip("*") + rest for rest in known.get(pattern, ["x" if pattern.endswith("*") else ""])]


def no_door_shows_one_organisation_s_records_to_another(place):
    with place.server(open_=False) as s:
        east = _East(place, s)
        shown, seen = [], set()
        for name, method, pattern, roles, _ in _doors():
            for path in east.paths(pattern) if method == "GET" and "nobody" not in roles else []:
                mine, theirs = _ask(s, "GET", path, east.key), _ask(s, "GET", path, east.west)
                if any(m.encode() in mine.body for m in east.marks) and mine.status == 200:
                    seen.add(name)
                if any(m.encode() in theirs.body for m in east.marks) and theirs.status == 200:
                    shown.append((path, theirs))
        assert not shown, shown
        vain = {"events.query", "event", "capture.jobs", "capture.job", "epcs", "epcs.one", "bizSteps", "bizLocations", "readPoints", "dispositions", "trace", "links",
                "queries", "query", "users", "audit", "place", "places", "places.csv", "product", "input", "crop", "partner", "staff", "person", "devices", "device", "series"} - seen
        assert not vain, vain


def nobody_changes_what_is_another_organisation_s(place):
    with place.server(open_=False) as s:
        east = _East(place, s)
        for method, path, status in (("DELETE", east.subscription, 404), ("DELETE", "/api/keys/1", 404), ("POST", "/api/users/" + MARK, 404),
                                     ("POST", "/api/orgs/east", 403), ("PUT", "/api/places/east/" + MARK, 404), ("PUT", "/api/devices/" + MARK, (404, 409)), ("POST", f"/api/devices/{MARK}/revoke", 404),
                                     ("POST", f"/api/devices/{MARK}/readings", 404), ("POST", f"/api/devices/{MARK}/remove", 404), ("DELETE", "/api/staff/east/" + MARK, 404), ("DELETE", f"/api/links?item={east.item}&linkType=gs1:instructions", (204, 403, 404))):
            got = _ask(s, method, path, east.west).status
            assert got in (status if isinstance(status, tuple) else (status,)), (method, path, got)
        for path in (east.subscription, "/api/session", f"/api/links?item={east.item}"):
            answer = _ask(s, "GET", path, east.key).shows(200)
            assert "links" not in path or MARK in answer.text, answer
        for path in ("/api/places/east/" + MARK, "/api/staff/east/" + MARK):
            _ask(s, "GET", path, east.key).shows(200)
        assert '"disabled":false' in _ask(s, "GET", "/api/users", east.key).text


play()
