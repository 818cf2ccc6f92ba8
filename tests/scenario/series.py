"""Curves: as they were said or by steps, as JSON, CSV and events; live; each sealed hour in the log."""
import csv
import http.server
import io
import json
import sqlite3
import statistics
import threading
import time

from devices import T0, _add, _bearer, _farms, _push, _reading, _until

from suyuan import DEADLINE, play, run

HOUR = 3600 * 1000
BASE = T0 - T0 % HOUR


def _filled(s, secret, hours=3, id="soil-1"):
    values = [(BASE + i * 60000, round(20 + (i % 17) / 10, 1)) for i in range(hours * 60)]
    _push(s, id, [{"t": t, "values": {"t": v}} for t, v in values], _bearer(secret)).shows(200)
    return values


def a_curve_is_told_as_it_was_said_and_by_steps(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    with place.server() as s:
        values = _filled(s, secret)
        ask = lambda q, **h: s.client.get(f"/api/series?device=soil-1&channel=t&from={BASE}&to={BASE + 3 * HOUR}{q}", **h)
        raw = ask("").shows(200).json
        assert raw["points"] == [[t, v] for t, v in values] and raw["device"] == "soil-1", raw["points"][:3]
        for step in ("&step=3600000", "&step=1h", "&step=3600s"):
            told = ask(step).shows(200).json["points"]
            for i, (t, low, mean, high, n) in enumerate(told):
                hour = [v for u, v in values if u // HOUR == (BASE + i * HOUR) // HOUR]
                assert (t, low, high, n) == (BASE + i * HOUR, min(hour), max(hour), 60) and abs(mean - statistics.fmean(hour)) < 1e-9, told[i]
        from_text = s.client.get("/api/series?device=soil-1&channel=t&from=" + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(BASE // 1000)) + f"&to={BASE + HOUR}").shows(200).json
        assert len(from_text["points"]) == 60
        rows = list(csv.reader(io.StringIO(ask("", Accept="text/csv").shows(200).text)))
        assert rows[0] == ["time", "value", "flag"] and len(rows) == 181 and rows[1][1] == "20", rows[:2]
        for wrong in ("&step=0", "&step=-1", "&step=year", "&from=tomorrow", "&format=xml"):
            s.client.get(f"/api/series?device=soil-1&channel=t{wrong}").shows(400)
        s.client.get("/api/series?device=soil-1").shows(400)
        s.client.get("/api/series?device=nothing&channel=t").shows(404)
        assert ask("&channel=").status in (200, 400)
        assert s.client.get(f"/api/series?device=soil-1&channel=none&from={BASE}&to={BASE + HOUR}").shows(200).json["points"] == []


def values_are_exact(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    with place.server() as s:
        _push(s, "soil-1", b'[{"t": %d, "values": {"t": 19.30}}, {"t": %d, "values": {"t": 0.1}}, {"t": %d, "values": {"t": -0.300000000000004}}]' % (T0, T0 + 1, T0 + 2), _bearer(secret)).shows(200)
        body = s.client.get(f"/api/series?device=soil-1&channel=t&from={T0}&to={T0 + 10}").shows(200).text
        assert f"[[{T0},19.3],[{T0 + 1},0.1],[{T0 + 2},-0.300000000000004]]" in body, body


def a_long_curve_is_told_in_pages(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    run("device", "set", "soil-1", "--data", place.data, "--channels", place.file("more.json", {"maxPerMinute": 100000}))
    with place.server() as s:
        for k in range(0, 105000, 15000):
            _push(s, "soil-1", [{"t": BASE + (k + i) * 100, "values": {"t": i % 7}} for i in range(15000)], _bearer(secret)).shows(200)
        first = s.client.get(f"/api/series?device=soil-1&channel=t&from={BASE}&to={BASE + 4 * HOUR}").shows(200)
        assert len(first.json["points"]) == 100000 and first.json["next"] == BASE + 100000 * 100 and "from=" in first.headers["Link"]
        rest = s.client.get(f"/api/series?device=soil-1&channel=t&from={first.json['next']}&to={BASE + 4 * HOUR}").shows(200).json
        assert len(rest["points"]) == 5000 and "next" not in rest


def it_is_told_as_events_that_may_be_captured(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    run("device", "set", "soil-1", "--data", place.data, "--channels", place.file("c.json", [{"code": "t", "quantity": "soil-temperature"}]))
    with place.server() as s:
        values = _filled(s, secret)
        doc = s.client.get(f"/api/series?device=soil-1&channel=t&from={BASE}&to={BASE + 3 * HOUR}&step=1h", Accept="application/ld+json").shows(200).json
        (event,) = doc["epcisBody"]["eventList"]
        assert event["type"] == "ObjectEvent" and len(event["sensorElementList"]) == 3 and event["readPoint"]["id"].endswith("/place/farm/A1"), event
        report = event["sensorElementList"][0]["sensorReport"][0]
        hour = [v for t, v in values if t < BASE + HOUR]
        assert report["type"] == "Temperature" and report["uom"] == "CEL" and report["minValue"] == min(hour) and abs(report["sDev"] - statistics.stdev(hour)) < 1e-9, report
        job = s.client.captures(doc)
        assert job.status == 202, job
        kept = s.client.get(job.headers["Location"]).json
        assert kept["success"] and not kept.get("errors"), kept


def newest_values_come_live(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    with place.server() as s:
        got = []
        first = s.client.get("/api/live?device=soil-1&wait=1").shows(200)
        assert first.headers["Content-Type"].startswith("text/event-stream") and "id: " in first.text, first
        place_ = first.text.split("id: ")[1].split("\n")[0]
        waiting = threading.Thread(target=lambda: got.append(s.client.ask("GET", "/api/live?device=soil-1", headers={"Last-Event-ID": place_})))
        waiting.start()
        _push(s, "soil-1", _reading(0, t=20.5, rh=60), _bearer(secret)).shows(200)
        waiting.join(DEADLINE)
        data = json.loads(got[0].text.split("data: ")[1].split("\n")[0])
        assert data == [{"device": "soil-1", "values": {"t": [T0, 20.5], "rh": [T0, 60]}}], data
        _push(s, "soil-1", _reading(1, t=21), _bearer(secret)).shows(200)           # said between two: it is told with the next
        again = s.client.ask("GET", "/api/live?device=soil-1", headers={"Last-Event-ID": got[0].text.split("id: ")[1].split("\n")[0]}).shows(200)
        assert json.loads(again.text.split("data: ")[1].split("\n")[0]) == [{"device": "soil-1", "values": {"t": [T0 + 60000, 21]}}], again.text


def the_command_line_shows_a_curve(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    with place.server() as s:
        _filled(s, secret)
        span = ("--from", BASE, "--to", BASE + 3 * HOUR, "--data", place.data)
        assert "●" in run("series", "soil-1", "t", *span, "--format", "text").stdout
        assert run("series", "soil-1", "t", *span, "--format", "csv").stdout.count("\n") == 181
        assert json.loads(run("series", "soil-1", "t", *span, "--step", "1h").stdout)["points"][0][4] == 60
    assert len(json.loads(run("series", "soil-1", "t", *span).stdout)["points"]) == 180      # without a server
    assert json.loads(run("series", "soil-1", "t", *span, "--format", "epcis").stdout)["type"] == "EPCISDocument"
    run("series", "nothing", "t", *span, code=1)


def each_sealed_hour_is_in_the_log_once(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    base = BASE
    with place.server("--seal-after", "0") as s:
        _push(s, "soil-1", [{"t": base + i * 60000, "values": {"t": i % 9}} for i in range(120)], _bearer(secret)).shows(200)
    s = place.server("--seal-after", "0")
    listed = lambda: s.client.get(f"/api/devices/soil-1/hours?from={base}&to={base + 24 * HOUR}").shows(200).json["hours"]
    told = _until("two hours are stated", lambda: (h := listed()) and len(h) == 2 and h)
    assert [(h["readings"], h["revision"], h["channels"]) for h in told] == [(60, 1, 1)] * 2, told
    s.kill()
    with place.server("--seal-after", "0") as s:
        assert listed() == told
        _push(s, "soil-1", {"t": base + 90 * 60000 + 30000, "values": {"t": 5}}, _bearer(secret)).shows(200)
    with place.server("--seal-after", "0") as s:
        late = _until("the late reading makes the next revision", lambda: (h := listed()) and len(h) == 3 and h)
        assert [(h["readings"], h["revision"]) for h in late] == [(61, 2), (60, 1), (60, 1)], late
    run("check", "--data", place.data)
    with sqlite3.connect(place.data / "suyuan.db") as db:
        assert db.execute("SELECT count(*) FROM log_statement WHERE type = 3").fetchone() == (3,)
        db.execute("UPDATE device_hour SET root = zeroblob(32) WHERE revision = 2")
    assert "device hour" in run("check", "--data", place.data, code=1).stdout


# A table has no words but its rows, a document none but its events: a header says it, the command on stderr.
def _every_form_says_it(place, s, base, figures):
    text = lambda ms: time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + ".000Z"
    get = lambda more, channel="t", to=2 * HOUR, begin=0: s.client.get(f"/api/series?device=soil-1&channel={channel}&from={base + begin}&to={base + to}{more}").shows(200)
    for form in ("json", "csv", "epcis"):
        assert get(f"&format={form}").headers["Suyuan-Only-Hours-Until"] == text(base + 2 * HOUR)
        assert get(f"&format={form}", to=HOUR).headers["Suyuan-Only-Hours-Until"] == text(base + HOUR)
        assert "Suyuan-Only-Hours-Until" not in get(f"&format={form}", channel="u").headers
    assert get("&format=csv").text == "time,value,flag\r\n" and get("&format=csv&step=1h").text.count("\r\n") == 3
    # what an event says of an hour whose readings went is of that whole hour, however short the steps and wherever they begin
    for more, begin in (("", 0), ("&step=10min", 0), ("&step=10min", HOUR // 3), ("&step=1h", HOUR // 2)):
        (event,) = get("&format=epcis" + more, begin=begin).json["epcisBody"]["eventList"]
        told = [(e["sensorMetadata"]["startTime"], e["sensorMetadata"]["endTime"], *(e["sensorReport"][0][x] for x in ("minValue", "meanValue", "maxValue", "suyuan:count"))) for e in event["sensorElementList"]]
        whole = [(text(t), text(t + HOUR), low, mean, high, n) for t, low, mean, high, n in figures]
        if more == "&step=1h":          # the second hour begins in the first step: one step is of both
            assert [x[:2] + x[5:] for x in told] == [(text(base), text(base + 2 * HOUR), 120)], told
        else:
            assert told == whole and event["eventTime"] == text(base + 2 * HOUR), (more, begin, told, whole)
    span = ("--from", base, "--to", base + 2 * HOUR, "--data", place.data, "--format")
    for form in ("csv", "epcis"):
        said = run("series", "soil-1", "t", *span, form)
        assert said.stderr.startswith(text(base + 2 * HOUR)) and "only figures of hours are kept" in said.stderr and "only" not in said.stdout, said
        assert "only" not in run("series", "soil-1", "u", *span, form).stderr


def readings_that_are_old_enough_go_and_their_hours_and_proofs_stay(place):
    _farms(place, "farm")
    secrets = [_add(place, id) for id in ("soil-1", "soil-2")]
    base = (int(time.time() * 1000) - 1000 * 24 * HOUR) // HOUR * HOUR
    described = {"keepDays": 730, "channels": [{"code": "u", "keepDays": 0}]}
    for id in ("soil-1", "soil-2"):
        run("device", "set", id, "--data", place.data, "--channels", place.file("keep.json", described))
        refused = run("device", "set", id, "--data", place.data, "--channels", place.file("less.json", {"keepDays": 729}), code=1)
        assert "730" in refused.stderr, refused.stderr
    with place.server("--seal-after", "0") as s:
        for id, secret in zip(("soil-1", "soil-2"), secrets):
            _push(s, id, [{"t": base + i * 60000, "values": {"t": i % 9, "u": 5}} for i in range(120)], _bearer(secret)).shows(200)
    ask = lambda id, channel="t", more="": s.client.get(f"/api/series?device={id}&channel={channel}&from={base}&to={base + 2 * HOUR}{more}").shows(200).json
    with place.server("--seal-after", "0") as s:
        hours = lambda: s.client.get(f"/api/devices/soil-1/hours?from={base}&to={base + 24 * HOUR}").shows(200).json["hours"]
        stated = _until("the hours are stated", lambda: (h := hours()) and len(h) == 2 and h)
        figures = ask("soil-1", more="&step=1h")["points"]
        would = run("device", "retain", "soil-1", "--dry-run", "--data", place.data).stdout
        assert would.startswith("t\tkeepDays 730\thours 2\t") and would.count("\n") == 1, would
        assert len(ask("soil-1")["points"]) == 120 and "onlyHoursUntil" not in ask("soil-1")
        run("device", "retain", "soil-1", "--data", place.data)
        gone = ask("soil-1")
        assert gone["points"] == [] and gone["onlyHoursUntil"] == base + 2 * HOUR, gone
        assert ask("soil-1", more="&step=1h")["points"] == figures and len(figures) == 2 and hours() == stated
        assert len(ask("soil-1", "u")["points"]) == 120 and len(ask("soil-2")["points"]) == 120
        assert "\thours 0\t" in run("device", "retain", "soil-1", "--dry-run", "--data", place.data).stdout
        shown = run("series", "soil-1", "t", "--from", base, "--to", base + 2 * HOUR, "--format", "text", "--data", place.data).stdout
        assert "only figures of hours are kept" in shown, shown
        _every_form_says_it(place, s, base, figures)
    with sqlite3.connect(place.data / "suyuan.db") as db:
        db.execute("UPDATE device_mark SET n = 0 WHERE name = 'retained'")          # another day
    with place.server("--keep-days-least", "30") as s:
        _until("the day's pass lets the other's go", lambda: ask("soil-2")["points"] == [])
        assert len(ask("soil-2", "u")["points"]) == 120
        run("device", "set", "soil-2", "--data", place.data, "--channels", place.file("less.json", {"keepDays": 30}))
    run("check", "--data", place.data)


class _Metrics(http.server.ThreadingHTTPServer):
    """A VictoriaMetrics server as far as it takes imports; may be told to refuse."""

    def __init__(self):
        self.points, self.refuse, self.asked = {}, False, 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.asked += 1
                good = not outer.refuse and self.path == "/api/v1/import"
                for line in body.splitlines() if good else ():
                    row = json.loads(line)
                    m = row["metric"]
                    assert m["__name__"] == "suyuan" and len(row["values"]) == len(row["timestamps"]), row
                    outer.points.setdefault((m["org"], m["device"], m["channel"]), {}).update(zip(row["timestamps"], row["values"]))
                self.send_response(204 if good else 503)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


def readings_are_copied_to_a_metrics_server(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    m = _Metrics()
    with place.server("--metrics-url", m.url) as s:
        values = _filled(s, secret)
        _until("all are there", lambda: m.points.get(("farm", "soil-1", "t")) == dict(values))
        m.refuse, was = True, m.asked
        _push(s, "soil-1", {"t": T0 + 7, "values": {"rh": 61}}, _bearer(secret)).shows(200)       # no acknowledgement waits
        _until("it was tried", lambda: m.asked > was)
        m.refuse = False
        _until("what was refused comes again", lambda: m.points.get(("farm", "soil-1", "rh")) == {T0 + 7: 61})
    now = int(time.time() * 1000)
    with place.server() as s:
        _push(s, "soil-1", {"t": now, "values": {"t": 5}}, _bearer(secret)).shows(200)
    with place.server("--metrics-url", m.url):
        _until("what was said meanwhile is copied too", lambda: m.points[("farm", "soil-1", "t")].get(now) == 5)
    m.shutdown()


if __name__ == "__main__":
    play()
