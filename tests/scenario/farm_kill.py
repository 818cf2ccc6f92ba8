"""kill -9 at random moments while acts and things come in and are followed: afterwards the farm's views are those of a rebuild, and nothing is in them twice.

SUYUAN_KILLS says how often."""
import contextlib
import itertools
import json
import os
import random
import sqlite3
import subprocess
import threading

import pg_cluster
from farm_day import _farm, _place, _put
from suyuan import DEADLINE, play, run

KILLS = int(os.environ.get("SUYUAN_KILLS", "3"))


def _forms(first):
    """A list that touches every view: what is sprayed, harvested too early, weeded, bought."""
    at = lambda i, hour: f"2026-{i // 28 % 9 + 1:02d}-{i % 28 + 1:02d}T{hour:02d}:00:00+08:00"
    forms = []
    for i in range(first, first + 5):
        forms += [{"act": "spray", "id": f"s{i}", "at": at(i, 8), "season": "guyu/Rice2026", "product": "CAP", "lot": "A", "quantity": 1, "uom": "mL", "target": "二化螟"},
                  {"act": "harvest", "id": f"h{i}", "at": at(i, 9), "season": "guyu/Rice2026", "quantity": 1, "uom": "kg"},
                  {"act": "receive-input", "id": f"r{i}", "at": at(i, 7), "org": "guyu", "place": "Store", "product": "NPK", "lot": f"N{i}", "quantity": 1, "uom": "kg"}]
    return forms


def _load(server, numbers, acknowledged, lock):
    while True:
        with lock:
            first = next(numbers) * 5
        with contextlib.suppress(AssertionError):       # 503: the killed one was on its way
            try:
                _put(server, f"places/guyu/N{first}", {"name": f"{first}", "type": "plot"})
                answers = json.loads(server.client.post("/api/acts", _forms(first)).shows(200).body)
            except (OSError, ValueError, Exception):
                return
            if all(a["status"] in (200, 201) for a in answers):
                with lock:
                    acknowledged.append(first)


def _kill_under_load(place, acknowledged, numbers, lock):
    with contextlib.ExitStack() as stack:
        s = place.server("--log-level", "warn")
        stack.callback(lambda: s.process.poll() is None and s.kill())
        before = len(acknowledged)
        loads = [threading.Thread(target=_load, args=(s, numbers, acknowledged, lock)) for _ in range(3)]
        [t.start() for t in loads]
        reached = before + random.randint(1, 6)
        while len(acknowledged) < reached and any(t.is_alive() for t in loads):
            threading.Event().wait(random.random() / 200)
        s.kill()
        [t.join() for t in loads]


def _rows(place, statement):
    if "SUYUAN_TEST_DATABASE" in os.environ:
        done = subprocess.run([pg_cluster.tool("psql"), "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", os.environ["SUYUAN_DATABASE"], "-c", statement], capture_output=True, text=True, timeout=DEADLINE)
        assert done.returncode == 0, done.stderr
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]
    with contextlib.closing(sqlite3.connect(place.data / "suyuan.db")) as db:
        return list(db.execute(statement))


def after_a_kill_the_farms_views_are_those_of_a_rebuild(place):
    _place(place)
    with place.server() as s:
        _farm(s)
    acknowledged, lock, numbers = [], threading.Lock(), itertools.count()
    for _ in range(KILLS):
        _kill_under_load(place, acknowledged, numbers, lock)
        run("check", "--data", place.data)              # at whatever place it was followed up to
    assert len(acknowledged) >= KILLS, acknowledged
    with place.server() as s:
        for first in acknowledged:
            answers = s.client.post("/api/acts", _forms(first)).shows(200).json
            assert [a["status"] for a in answers] == [200] * 15, (first, answers)
        s.client.get("/api/alarms?org=guyu").shows(200)
        assert len(s.client.get("/api/seasons/guyu/Rice2026").shows(200).json["acts"]) >= 10 * len(acknowledged)
    run("check", "--data", place.data)
    views = {"season_act": "*", "stock_move": "*", "thing": "*", "alarm": "subject, rule, key, severity, seq, words"}
    query = lambda v: f"SELECT {views[v]} FROM {v}" + (" WHERE closed_us = 0" if v == "alarm" else "")
    before = {v: sorted(_rows(place, query(v))) for v in views}
    mine = len(_rows(place, "SELECT seq FROM season_act WHERE org = 2"))
    assert [tuple(map(int, r)) for r in _rows(place, "SELECT count(*), count(DISTINCT seq) FROM season_act WHERE org = 2")] == [(mine, mine)] and mine
    assert [int(n) for (n,) in _rows(place, "SELECT count(*) FROM farm_passed")] == [0]
    assert before["alarm"]
    run("rebuild", "--data", place.data)
    with place.server() as s:
        s.client.get("/api/alarms?org=guyu").shows(200)
    for v in views:
        assert sorted(_rows(place, query(v))) == before[v], v
    run("check", "--data", place.data)


play()
