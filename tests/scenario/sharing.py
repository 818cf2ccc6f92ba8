"""Copies of what was recorded before an organisation was registered: what was asked stands, and a server that is killed in the middle goes on where it
stopped, each copy once.  SUYUAN_KILLS says how often."""
import contextlib
import json
import os
import random
import sqlite3
import subprocess
import threading
import time

import pg_cluster
from suyuan import DEADLINE, Place, document, event, play, run

KILLS = int(os.environ.get("SUYUAN_KILLS", "3"))
HERE = "http://127.0.0.1:8080"
NAMED = [{"type": "owning_party", "destination": f"{HERE}/org/buyer"}]
EVENTS = 4500


def _sql(place, text):
    """Rows, each cell as text."""
    if "SUYUAN_TEST_DATABASE" in os.environ:
        done = subprocess.run([pg_cluster.tool("psql"), "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", place.database, "-c", text], capture_output=True,
                              text=True, timeout=DEADLINE, check=True)
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]
    with contextlib.closing(sqlite3.connect(place.data / "suyuan.db", timeout=DEADLINE)) as db, db:
        return [tuple(map(str, row)) for row in db.execute(text)]


def _until(fact, why="it never is so"):
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        said = fact()
        if said:
            return said
        threading.Event().wait(0.005)
    raise AssertionError(why)


def _id(n):
    return f"urn:uuid:00000000-0000-4000-8000-{n:012d}"


def _event(k):
    return event(k, eventID=_id(k), **({"destinationList": NAMED} if k % 3 else {}))


def _filled(folder, n=EVENTS):
    """Records of two organisations of before the buyer was registered; two of three name it."""
    folder.mkdir(exist_ok=True)
    place = Place(folder)
    place.database = os.environ.get("SUYUAN_DATABASE", "")
    place.init()
    run("org", "add", "mill", "--data", place.data)
    mill = {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", "mill", "--scope", "capture").stdout.strip()}
    with place.server() as s:
        for first in range(1, n + 1, 500):
            events = [_event(k) for k in range(first, min(first + 500, n + 1))]
            assert s.client.captures(document(*events), headers=mill if first > n // 2 else None).shows(202).json["captured"] == len(events)
    return place


def _register(place):
    """As it stands after a registration, but without the job that one makes."""
    secret = "decode(repeat('07', 32), 'hex')" if place.database else "zeroblob(32)"
    _sql(place, f"INSERT INTO org (id, code, name, secret, created_us) VALUES (3, 'buyer', 'buyer', {secret}, 0)")


def _copies(place):
    """What the buyer has, in its order, and of which records."""
    return _sql(place, "SELECT e.seq, e.event_id, x.from_org, x.from_seq FROM event e JOIN received x ON x.org = e.org AND x.seq = e.seq WHERE e.org = 3 ORDER BY e.seq")


def _job(server, of="buyer/1"):
    return server.client.get(f"/api/share/{of}").shows(200).json


def _done(server, of="buyer/1"):
    return _until(lambda: (lambda j: j if j["state"] == "done" else None)(_job(server, of)), "the job does not end")


def _lines(server, word):
    return [line for line in server.log().splitlines() if f" access.share {word} org=buyer " in line]


def _whole(place):
    if place.database:
        os.environ["SUYUAN_DATABASE"] = place.database
    run("check", "--data", place.data)


def _interrupted(place, kills):
    """Asks, and kills the server so often in the middle; what the job says at the end."""
    _register(place)
    s = place.server()
    s.client.post("/api/share?org=buyer", "").shows(202)
    seen = 0
    for k in range(kills):
        goal = EVENTS * 2 // 3 * (k + 1) // (2 * kills)
        now = _until(lambda: (lambda j: j if j["copies"] >= goal or j["state"] == "done" else None)(_job(s)))
        assert now["state"] == "running" and now["copies"] >= seen and now["looked"] < now["of"] == EVENTS, (k, now)
        threading.Event().wait(random.random() / 50)            # not a wait for anything: a moment to be struck at
        s.kill()
        seen = now["copies"]
        s = place.server()
        again = _job(s)
        assert again["copies"] >= seen and again["looked"] >= now["looked"], (now, again)
        assert len(_until(lambda: _lines(s, "resuming"), "nobody goes on")) == 1
    said = _done(s)
    _until(lambda: _lines(s, "done"))
    assert s.stop() == 0
    return said


def a_job_that_is_killed_again_and_again_ends_as_one_that_is_not(place):
    one = _filled(place.folder / "one")
    _register(one)
    with one.server() as s:
        asked = s.client.post("/api/share?org=buyer", "").shows(202)
        assert asked.headers["Location"] == "/api/share/buyer/1" and asked.json["kind"] == "asked"
        smooth = _done(s)
        assert len(_until(lambda: _lines(s, "done"))) == len(_lines(s, "begins")) == 1 and not _lines(s, "resuming")
    want = _copies(one)
    _whole(one)
    other = _filled(place.folder / "other")
    rough = _interrupted(other, KILLS)
    assert _copies(other) == want and len(want) == EVENTS * 2 // 3
    assert smooth["copies"] == rough["copies"] == len(want), (smooth, rough)
    assert "looked" not in rough and rough["finished"] > rough["begun"] >= rough["asked"]
    _whole(other)


def a_registration_that_is_killed_is_gone_on_with(place):
    place = _filled(place.folder / "one", 3000)
    s = place.server()

    def registers():
        with contextlib.suppress(Exception):        # the connection ends with the server
            s.client.post("/api/orgs", {"code": "buyer"})
    t = threading.Thread(target=registers)
    t.start()
    jobs = lambda: (lambda a: a.json["jobs"] if a.status == 200 else [])(s.client.get("/api/share?org=buyer"))
    before = _until(lambda: [j for j in jobs() if j["copies"]])
    s.kill()
    t.join()
    assert before[0]["kind"] == "registered" and before[0]["copies"] < 2000, before
    with place.server() as s:
        assert _done(s)["copies"] == 2000
        looks = _until(lambda: [j for j in jobs() if j["kind"] == "look" and j["state"] == "done"])
        assert [j["copies"] for j in looks] == [0] and len(_copies(place)) == 2000
    _whole(place)


def captures_go_on_beside_a_job_and_nothing_is_copied_twice(place):
    place = _filled(place.folder / "one", 3000)
    _register(place)
    with place.server() as s:
        s.client.post("/api/share?org=buyer", "").shows(202)
        live = 0
        while _job(s)["state"] != "done":           # new ones, and some that the job is about to come to
            k = 3001 + live
            again = random.randint(1, 1500)
            s.client.captures(document({**_event(k), "destinationList": NAMED}, _event(again))).shows(202)
            live += 1
        assert live
        copies = _copies(place)
        assert len(copies) == len({(org, seq) for _, _, org, seq in copies}) == 2000 + live
        assert _job(s)["copies"] <= 2000
    _whole(place)


def who_asks_again_is_told_the_job_that_is_under_way(place):
    place = _filled(place.folder / "one", 3000)
    _register(place)
    with place.server() as s:
        for _ in range(3):
            first = s.client.post("/api/share?org=buyer", "").shows(202).json
            assert first["id"] == "buyer/1" or _job(s)["state"] == "done", first
        assert _done(s)["copies"] == 2000
        second = s.client.post("/api/share?org=buyer", "").shows(202)
        again = _done(s, second.json["id"])
        assert again["copies"] == 0 and len(_copies(place)) == 2000
        ids = [j["id"] for j in s.client.get("/api/share?org=buyer").shows(200).json["jobs"]]
        assert ids == [f"buyer/{n}" for n in range(1, len(ids) + 1)] and ids[-1] == second.json["id"]
        assert [j["id"] for j in s.client.get(f"/api/share?org=buyer&after={len(ids) - 1}").json["jobs"]] == ids[-1:]
        assert any(row["act"] == "share" for row in s.client.get("/api/audit?org=buyer").json["audit"])


def what_is_no_job_is_not_found(place):
    place = _filled(place.folder / "one", 3)
    _register(place)
    with place.server() as s:
        for path in ("buyer/1", "buyer/0", "buyer/-1", "buyer/x", "buyer", "buyer/1/2", "nobody/1", "%zz/1", "buyer/99999999999999999999", "buyer/9223372036854775807", "buyer/"):
            s.client.get(f"/api/share/{path}").shows(404)
        s.client.get("/api/share?org=nobody").shows(404)
        s.client.get("/api/share").shows(404)
        assert json.loads(s.client.get("/api/share?org=buyer").shows(200).text) == {"jobs": []}


play()
