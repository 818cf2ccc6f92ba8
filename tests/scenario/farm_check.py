"""`check` holds the farm's views against the record: whatever row somebody changed by hand is named.  What the day book cannot follow it goes on past, and says so."""
import contextlib
import os
import re
import sqlite3
import subprocess
import threading
import time

import pg_cluster
from rules import _act, _advice, _alarms, _begin, _farm, _import, _spray
from suyuan import DEADLINE, play, run


def _sql(place, text):
    """Rows of one statement, past the program; a list of tuples of texts."""
    if "SUYUAN_DATABASE" in os.environ:
        done = subprocess.run([pg_cluster.tool("psql"), "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", os.environ["SUYUAN_DATABASE"], "-c", text], capture_output=True, text=True, timeout=DEADLINE)
        assert done.returncode == 0, done.stderr
        return [tuple(line.split("\t")) for line in done.stdout.splitlines()]
    with contextlib.closing(sqlite3.connect(place.data / "suyuan.db", timeout=DEADLINE)) as db, db:
        return [tuple("" if v is None else str(v) for v in row) for row in db.execute(text)]


def _check(place, code=0):
    return run("check", "--data", place.data, code=code).stdout


def _until(true, what):
    end = time.monotonic() + DEADLINE
    while not true():
        assert time.monotonic() < end, what
        threading.Event().wait(0.02)


def _day(place):
    """A farm with something in every view: a season with a fault that a decision closed, one that is open, one that a correction closed."""
    files = _begin(place)
    _import(place, *files)
    with place.server() as s:
        _farm(s)
        _act(s, "receive-input", "2026-03-15T09:00:00+08:00", season=None, org="guyu", place="P01", product="SEVEN", lot="S1", quantity=10, uom="L")
        _act(s, "receive-input", "2026-06-15T09:00:00+08:00", season=None, org="guyu", place="P01", product="METHO", lot="M1", quantity=10, uom="L")
        _act(s, "sow", "2026-04-01T08:00:00+08:00", product="SEVEN", quantity=1, uom="L")
        _spray(s, "2026-07-01T08:00:00+08:00", "SEVEN", lot="S1", position={"lat": 25.5871, "lon": 113.1264, "accuracyM": 8}, operator="W2")
        _act(s, "harvest", "2026-07-03T08:00:00+08:00", quantity=100, uom="kg")
        _spray(s, "2026-07-05T08:00:00+08:00", "METHO", lot="M1")
        wrong = _spray(s, "2026-07-04T08:00:00+08:00", "DIMETHO", "Lotus")
        _act(s, "weed", "2099-01-01T08:00:00+08:00", "Lotus")                  # in the future: a finding of the day on which it is asked
        alarms = _alarms(s)
        assert {"interval", "banned-input", "order-of-time"} <= {a["rule"] for a in alarms}, alarms
        banned = next(a for a in alarms if a["rule"] == "banned-input" and a["subject"].endswith("Rice"))
        s.client.post(f"/api/alarms/{banned['id']}/decisions?org=guyu", {"close": True, "reason": "已销毁"}).shows(204)
        _spray(s, "2026-07-04T08:00:00+08:00", "SEVEN", "Lotus", corrects=wrong["eventID"])
        assert any(a["closedBy"] == "rule" for a in _alarms(s, "closed")), _alarms(s, "closed")


def an_untouched_farm_is_as_it_should_be(place):
    _day(place)
    assert "everything is as it should be" in _check(place)
    with place.server() as s:           # also beside a server, which goes on
        _check(place)
        _spray(s, "2026-07-09T08:00:00+08:00", "SEVEN", lot="S1")
    _check(place)
    run("rebuild", "--data", place.data)
    _check(place)                       # nothing is followed yet, and nothing stands
    with place.server() as s:
        _alarms(s)
    _check(place)


TOUCHED = [
    ("UPDATE thing SET body = '{\"name\":\"x\"}' WHERE code = 'P01'", "thing: org 2, n ", "/place/guyu/P01: is not what the event says: body"),
    ("UPDATE thing SET canonical = '/place/guyu/P02' WHERE code = 'P01'", "thing: org 2, n ", "is not what the event says: canonical"),
    ("DELETE FROM thing WHERE code = 'Lotus'", "thing: org 2, n ", "/season/guyu/Lotus: is missing"),
    ("INSERT INTO thing (org, kind, code, canonical, n, record_us, body) SELECT org, kind, 'P09', '/place/guyu/P09', 99, record_us, body FROM thing WHERE code = 'P01'",
     "thing: org 2, n 99, canonical /place/guyu/P09: stands here, but no event says so"),
    ("UPDATE season_act SET facts = '{' WHERE act = 4", "season_act: org 2, seq ", "/season/guyu/Rice: is not what the event says: facts"),
    ("UPDATE season_act SET time_us = time_us + 1 WHERE act = 9", "season_act: org 2, seq ", "is not what the event says: time_us"),
    ("DELETE FROM season_act WHERE act = 9", "season_act: org 2, seq ", "is missing"),
    ("UPDATE stock_move SET quantity = '99' WHERE lot = '/lot/guyu/S1' AND quantity = '10'", "stock_move: org 2, seq 1, n 0, lot /lot/guyu/S1: is not what the event says: quantity"),
    ("UPDATE stock_move SET lot = '/lot/guyu/S9' WHERE lot = '/lot/guyu/M1'", "stock_move: ", "/lot/guyu/S9: is not what the event says: lot"),
    ("DELETE FROM stock_move WHERE quantity = '10'", "stock_move: org 2, seq 1, n 0, lot /lot/guyu/S1: is missing"),
    ("UPDATE alarm SET severity = 1 WHERE rule = 'interval'", "alarm: org guyu, /season/guyu/Rice, rule interval, ", "is not what the rule finds: severity"),
    ("UPDATE alarm SET words = '{}' WHERE rule = 'interval'", "alarm: org guyu, /season/guyu/Rice, rule interval, ", "is not what the rule finds: words"),
    ("UPDATE alarm SET seq = 1 WHERE rule = 'interval'", "alarm: ", "is not what the rule finds: seq"),
    ("UPDATE alarm SET closed_us = opened_us + 1 WHERE rule = 'interval'", "alarm: ", "is closed, but the rule finds it and nobody decided so"),
    ("UPDATE alarm SET closed_us = 0 WHERE rule = 'banned-input' AND subject = '/season/guyu/Rice'", "alarm: ", "is open, but a decision closed it"),
    ("UPDATE alarm SET closed_us = closed_us + 1 WHERE rule = 'banned-input' AND subject = '/season/guyu/Rice'", "alarm: ", "is not closed when it was decided"),
    ("DELETE FROM alarm WHERE rule = 'interval'", "alarm: ", "rule interval, ", "is missing"),
    ("UPDATE alarm SET closed_us = 0 WHERE subject = '/season/guyu/Lotus' AND rule = 'banned-input'", "alarm: ", "is open, but no rule finds it"),
    ("INSERT INTO alarm (org, subject, rule, key, severity, seq, pointer, opened_us, closed_us, words) SELECT org, '/season/guyu/None', rule, key, 3, seq, '', opened_us, 0, words FROM alarm WHERE rule = 'interval'",
     "alarm: org guyu, /season/guyu/None, rule interval, ", "is open, but no rule finds it"),
    ("UPDATE farm_mark SET seq = seq + 5 WHERE org = 2", "farm_mark: org guyu is followed up to event "),
    ("UPDATE farm_mark SET seq = 1 WHERE org = 2", "season_act: ", "stands here, but no event says so"),
    ("DELETE FROM farm_mark WHERE org = 2", "thing: ", "stands here, but no event says so"),
]


def whatever_row_is_changed_by_hand_is_named(place):
    _day(place)
    _check(place)
    for change, *said in TOUCHED:
        tables = ["thing", "season_act", "stock_move", "alarm", "farm_mark"]
        for t in tables:
            _sql(place, f"CREATE TABLE kept_{t} AS SELECT * FROM {t}")
        before = {t: sorted(_sql(place, f"SELECT * FROM {t}")) for t in tables}
        _sql(place, change)
        assert before != {t: sorted(_sql(place, f"SELECT * FROM {t}")) for t in tables}, f"nothing was changed: {change}"
        told = _check(place, code=1)
        assert any(all(part in line for part in said) for line in told.splitlines()), (change, said, told)
        for t in tables:
            _sql(place, f"DELETE FROM {t}")
            _sql(place, f"INSERT INTO {t} SELECT * FROM kept_{t}")
            _sql(place, f"DROP TABLE kept_{t}")
        assert {t: sorted(_sql(place, f"SELECT * FROM {t}")) for t in tables} == before
    _check(place)


def a_rebuild_makes_well_what_check_named_and_keeps_the_decision(place):
    _day(place)
    _sql(place, "DELETE FROM season_act")
    _sql(place, "UPDATE stock_move SET quantity = '7'")
    _sql(place, "UPDATE alarm SET closed_us = 0")
    _check(place, code=1)
    run("rebuild", "--data", place.data)
    with place.server() as s:
        assert any(a["closedBy"] == "decision" for a in _alarms(s, "closed")), _alarms(s, "closed")
    _check(place)


def what_was_erased_leaves_the_farms_views_too(place):
    _day(place)
    (seq, event_id), = _sql(place, "SELECT a.seq, e.event_id FROM season_act a JOIN event e ON e.org = a.org AND e.seq = a.seq WHERE a.facts LIKE '%113.1264%'")
    with place.server() as s:
        s.client.post("/api/erase", {"eventID": event_id, "org": "guyu", "reason": "request"}).shows(200)
        assert "interval" in [a["rule"] for a in _alarms(s)]                    # the rest of it is still judged
    assert _sql(place, "SELECT count(*) FROM season_act WHERE facts LIKE '%113.1264%'") == [("0",)]
    assert _sql(place, f"SELECT count(*) FROM season_act WHERE org = 2 AND seq = {seq}") == [("1",)]
    assert _sql(place, "SELECT count(*) FROM farm_again") == [("0",)]
    _check(place)


def _passed(s):
    return int(re.search(r"^suyuan_farm_passed_over (\d+)$", s.client.get("/metrics").text, re.M)[1])


def an_event_that_cannot_be_read_does_not_hold_up_its_organisation(place):
    _day(place)
    run("rebuild", "--data", place.data)                # so that it is followed anew
    (seq, body), = _sql(place, "SELECT b.seq, b.body FROM event_body b WHERE b.org = 2 AND b.seq = 3")
    _sql(place, "UPDATE event_body SET body = '{\"type\":' WHERE org = 2 AND seq = 3")
    with place.server() as s:
        assert _spray(s, "2026-07-10T08:00:00+08:00", "SEVEN")["findings"] is not None
        assert _advice(s, "act=harvest")["allowed"] is not None
        assert len(_alarms(s)) > 0
        assert _passed(s) == 1
        s.client.post("/api/acts", {"act": "weed", "at": "2026-07-11T08:00:00+08:00", "id": "w1", "season": "guyu/Rice"}).shows(201)
        lines = [line for line in s.log().splitlines() if "daybook.passed" in line]
        assert len(lines) == 1 and "n=3" in lines[0] and "ERROR" in lines[0].upper(), s.log()[-3000:]
    told = _check(place, code=1)
    assert "farm_passed: org guyu: event 3 was passed over, the farm's day goes on without it: " in told, told
    assert _sql(place, "SELECT count(*) FROM season_act WHERE org = 2 AND seq = 3") == [("0",)]
    quoted = body.replace("'", "''")
    _sql(place, f"UPDATE event_body SET body = '{quoted}' WHERE org = 2 AND seq = 3")
    told = _check(place, code=1)
    assert "farm_passed: " in told and "season_act: org 2, seq 3, " in told, told
    run("rebuild", "--data", place.data)
    with place.server() as s:
        _alarms(s)
        assert _passed(s) == 0
    assert _sql(place, "SELECT count(*) FROM season_act WHERE org = 2 AND seq = 3") == [("1",)]
    _check(place)


def a_statement_that_cannot_be_read_and_a_missing_event_are_passed_over_too(place):
    _day(place)
    run("rebuild", "--data", place.data)
    _sql(place, "UPDATE master SET body = '[' WHERE org = 2 AND n = 1")
    _sql(place, "DELETE FROM event_body WHERE org = 2 AND seq = 4")
    with place.server() as s:
        assert _alarms(s) is not None
        _until(lambda: _passed(s) == 2, "both are passed over")
    told = _check(place, code=1)
    assert "statement 1 was passed over" in told and "event 4 was passed over" in told, told


def _refuse(place, table, when):
    if "SUYUAN_DATABASE" in os.environ:
        _sql(place, f"ALTER TABLE {table} ADD CONSTRAINT no CHECK (NOT ({when}))")
    else:
        _sql(place, f"CREATE TRIGGER no BEFORE INSERT ON {table} WHEN new.{when} BEGIN SELECT RAISE(ABORT, 'no'); END")


def _allow(place, table):
    _sql(place, f"ALTER TABLE {table} DROP CONSTRAINT no" if "SUYUAN_DATABASE" in os.environ else "DROP TRIGGER no")


def what_the_store_refuses_is_found_and_passed_over_alone(place):
    _day(place)
    for table, when in (("season_act", "seq = 5"), ("alarm", "rule = 'interval'")):
        run("rebuild", "--data", place.data)
        _refuse(place, table, when)
        with place.server() as s:
            _spray(s, "2026-07-12T08:00:00+08:00", "SEVEN")
            assert _alarms(s) is not None
            assert _passed(s) == 1, s.log()[-3000:]
        told = _check(place, code=1)
        assert ("event 5 was passed over" if table == "season_act" else "the judging of /season/guyu/Rice was passed over") in told, told
        if table == "season_act":
            assert _sql(place, "SELECT count(*) FROM season_act WHERE org = 2 AND seq IN (4, 6)") == [("2",)]
        _allow(place, table)
        run("rebuild", "--data", place.data)
        with place.server() as s:
            _alarms(s)
            assert _passed(s) == 0
        _check(place)


play()
