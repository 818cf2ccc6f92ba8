"""Devices: registered once in the installation, known by a secret told once, stated where they stand; readings are durable when they are acknowledged."""
import base64
import gzip
import json
import threading
import time

from suyuan import DEADLINE, play, run

T0 = 1_789_999_980_000      # a whole minute of September 2026
JSON = {"Content-Type": "application/json"}


def _farms(place, *codes):
    place.init()
    for code in codes:
        run("org", "add", code, "--data", place.data)


def _add(place, id, *more, org="farm", protocol="http", where="A1", model="generic", **kw):
    """A device and its secret."""
    out = run("device", "add", id, "--data", place.data, "--org", org, "--place", where, "--model", model, "--protocol", protocol, *more, **kw)
    lines = dict(line.split(" ", 1) for line in out.stdout.splitlines())
    assert lines["id"] == id, out.stdout
    return lines.get("secret")


def _basic(id, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{id}:{secret}".encode()).decode()}


def _bearer(secret):
    return {"Authorization": "Bearer " + secret}


def _push(s, id, body, credentials, headers=None):
    return s.client.post(f"/api/devices/{id}/readings", body, headers={**JSON, **credentials, **(headers or {})})


def _reading(n, **values):
    return {"t": T0 + n * 60000, "values": values or {"t": 20 + n / 10}}


def _points(s, device, channel="t", more="", **headers):
    return s.client.get(f"/api/series?device={device}&channel={channel}&from={T0}&to={T0 + 30 * 86400000}{more}", **headers).shows(200).json["points"]


def _until(what, f, patience=DEADLINE):
    end = time.monotonic() + patience
    while not (got := f()):
        assert time.monotonic() < end, what
        threading.Event().wait(0.05)
    return got


def a_device_is_added_with_and_without_a_server(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    assert secret.startswith("suyuan_dev_"), secret
    with place.server() as s:
        other = _add(place, "soil-2", where="http://127.0.0.1:8080/place/farm/A1")
        assert other != secret
        told = s.client.get("/api/devices/soil-2").shows(200).json
        assert told["org"] == "farm" and told["state"] == "never" and told["uri"].endswith("/device/farm/soil-2") and told["placeUri"].endswith("/place/farm/A1"), told
        assert secret not in json.dumps(told) and other not in json.dumps(told) and "lastSeen" not in told, told
        listed = s.client.get("/api/devices?org=farm").shows(200).json["devices"]
        assert [d["id"] for d in listed] == ["soil-1", "soil-2"], listed
        assert run("device", "list", "--data", place.data).stdout.count("soil-") == 2
        page = s.client.get("/api/devices?org=farm&perPage=1").shows(200)
        assert "after=soil-1" in page.headers["Link"], page.headers


def ids_and_mns_are_unique_in_the_installation(place):
    _farms(place, "farm", "other")
    _add(place, "soil-1", "--mn", "88888880000001320101", protocol="hj212")
    for org in ("farm", "other"):
        r = run("device", "add", "soil-1", "--data", place.data, "--org", org, "--place", "A1", "--model", "m", "--protocol", "http", code=1)
        assert "soil-1" in r.stderr, r.stderr
    run("device", "add", "soil-2", "--data", place.data, "--org", "farm", "--place", "A1", "--model", "m", "--protocol", "hj212", "--mn", "88888880000001320101", code=1)
    run("device", "add", "soil-3", "--data", place.data, "--org", "nobody", "--place", "A1", "--model", "m", "--protocol", "http", code=1)
    run("device", "add", "soil 3", "--data", place.data, "--org", "farm", "--place", "A1", "--model", "m", "--protocol", "http", code=1)
    run("device", "add", "soil-3", "--data", place.data, "--org", "farm", "--place", "A1", "--model", "m", "--protocol", "pigeon", code=1)


def the_password_of_hj212_is_six_characters(place):
    _farms(place, "farm")
    assert len(_add(place, "air-1", "--mn", "A1", protocol="hj212")) == 6
    assert _add(place, "88888880000001320101", "--mn", "88888880000001320101", "--secret-stdin", protocol="hj212", input="123456\n") == "123456"


def unknown_models_and_places_are_accepted_with_a_finding(place):
    _farms(place, "farm")
    with place.server() as s:
        s.client.ask("PUT", "/api/places/farm/A1", body=json.dumps({"name": "一号田"}).encode(), headers=JSON).shows(201)
        _add(place, "known", where="A1", model="generic")
        _add(place, "odd", where="https://elsewhere.example/field/7", model="Frobnicator 9")
        kinds = {id: [f["kind"] for f in s.client.get(f"/api/devices/{id}").json["findings"]] for id in ("known", "odd")}
        assert kinds == {"known": [], "odd": ["unknown-place", "unknown-model"]}, kinds
        for path in ("/api/devices?org=farm", "/api/devices"):         # the list counts what each tells
            counts = {d["id"]: d["findings"] for d in s.client.get(path).shows(200).json["devices"]}
            assert counts == {"known": {"informs": 0, "warns": 0, "grave": 0}, "odd": {"informs": 2, "warns": 0, "grave": 0}}, counts


def it_is_told_what_the_channels_are(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    channels = place.file("channels.json", [{"code": "t", "quantity": "soil-temperature", "unit": "°C", "range": {"min": -40, "max": 85}, "resolution": 0.1, "depthM": 0.2,
                                             "calibration": [{"date": "2026-03-01", "offset": -0.2}], "bands": [{"stage": "seedling", "min": 15, "max": 28}]}])
    with place.server() as s:
        run("device", "set", "soil-1", "--data", place.data, "--channels", channels, "--name", "东边探头")
        _push(s, "soil-1", _reading(0, t=21.50, e=7), _bearer(secret)).shows(200)
        told = s.client.get("/api/devices/soil-1").shows(200).json
        assert told["name"] == "东边探头" and told["model"] == "generic", told
        t, e = told["channels"]
        assert "name" not in t and t["quantity"] == "soil-temperature", t       # nobody named it: readers have their own word for what it measures
        assert t["code"] == "t" and t["uom"] == "CEL" and t["range"] == {"min": -40, "max": 85} and t["last"] == [T0, 21.5], t
        assert e["code"] == "e" and e["last"] == [T0, 7], e
        again = s.client.ask("PUT", "/api/devices/soil-1", body=json.dumps(told).encode(), headers=JSON).shows(200).json       # what was told may be put
        assert "secret" not in again
        wrong = s.client.ask("PUT", "/api/devices/soil-1", body=json.dumps({"channels": [{"code": "a b"}, {"code": "x", "range": {"min": 2, "max": 1}}]}).encode(), headers=JSON).shows(400).json
        assert {x["pointer"] for x in wrong["errors"]} == {"/channels/0/code", "/channels/1/range"}, wrong
        past = s.client.get("/api/devices/soil-1/history").shows(200).json["history"]
        assert len(past) >= 2 and past[0]["name"] == "东边探头" and "name" not in past[-1], past


def where_it_stands_is_in_the_record(place):
    _farms(place, "farm")
    with place.server() as s:
        _add(place, "old")
        _add(place, "new", where="B1")
        run("device", "set", "old", "--data", place.data, "--place", "C1")
        run("device", "replace", "old", "new", "--data", place.data)
        events = s.client.get("/epcis/events?eventType=AssociationEvent&perPage=100", Accept="application/json").shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        said = sorted((e["eventTime"], e["action"], e["parentID"].rsplit("/", 1)[1], e["childEPCs"][0].rsplit("/", 1)[1]) for e in events)
        assert [x[1:] for x in said] == [("ADD", "A1", "old"), ("ADD", "B1", "new"), ("DELETE", "A1", "old"), ("ADD", "C1", "old"),
                                         ("DELETE", "C1", "old"), ("DELETE", "B1", "new"), ("ADD", "C1", "new")], said
        old = s.client.get("/api/devices/old").shows(200).json
        assert old["state"] == "revoked" and old["successor"] == "new" and "removed" in old, old
        assert s.client.get("/api/devices/new").json["placeUri"].endswith("/place/farm/C1")
        run("device", "set", "old", "--data", place.data, "--name", "x", code=1)


def readings_come_by_http(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    with place.server(open_=False) as s:
        assert _push(s, "soil-1", _reading(0), _bearer(secret)).shows(200).json == {"accepted": 1}
        assert _push(s, "soil-1", [_reading(1), _reading(2)], _basic("soil-1", secret)).shows(200).json["accepted"] == 2
        packed = gzip.compress(json.dumps([_reading(n) for n in range(3, 1000)]).encode())
        assert _push(s, "soil-1", packed, _bearer(secret), {"Content-Encoding": "gzip"}).shows(200).json["accepted"] == 997
        _push(s, "soil-1", _reading(2), _bearer(secret)).shows(200)                     # again: nothing changes
        bomb = gzip.compress(b" " * (64 << 20))
        _push(s, "soil-1", bomb, _bearer(secret), {"Content-Encoding": "gzip"}).shows(413)
        _push(s, "soil-1", packed[:100], _bearer(secret), {"Content-Encoding": "gzip"}).shows(400)
        _push(s, "soil-1", packed, _bearer(secret), {"Content-Encoding": "br"}).shows(415)
        _push(s, "soil-1", b"{", _bearer(secret)).shows(400)
        _push(s, "soil-1", {"t": "yesterday", "values": {"t": 1}}, _bearer(secret)).shows(400)
        _push(s, "soil-1", b"<t>1</t>", _bearer(secret), {"Content-Type": "text/xml"}).shows(415)
    with place.server() as s:
        points = _points(s, "soil-1")
        assert len(points) == 1000 and points[0] == [T0, 20] and points[999] == [T0 + 999 * 60000, 119.9], points[:3]
        told = s.client.get("/api/devices/soil-1").json
        assert told["state"] == "online" and told["lastSeen"].endswith("Z") and 0 < told["onlineRate"] <= 1, told


def a_logger_s_table_is_uploaded(place):
    _farms(place, "farm")
    secret = _add(place, "log-1", model="logger")
    table = "time,t,rh\r\n2026-10-01T08:00:00+08:00,21.5,60\r\n2026-10-01T08:10:00+08:00,21.7,61\r\n"
    with place.server() as s:
        assert _push(s, "log-1", table, _bearer(secret), {"Content-Type": "text/csv"}).shows(200).json["accepted"] == 4
        got = s.client.get("/api/series?device=log-1&channel=rh&from=2026-10-01T00:00:00%2B08:00&to=2026-10-02T00:00:00%2B08:00").shows(200).json["points"]
        assert [p[1] for p in got] == [60, 61], got


def a_credential_that_is_given_is_asked_also_by_an_open_server(place):
    _farms(place, "farm")
    secrets = {id: _add(place, id) for id in ("soil-1", "soil-2")}
    with place.server() as s:
        _push(s, "soil-1", _reading(0), {}).shows(200)          # nobody says who it is: the administrator
        _push(s, "soil-1", _reading(1), _bearer(secrets["soil-1"])).shows(200)
        _push(s, "soil-1", _reading(2), _bearer("wrong")).shows(401)
        _push(s, "soil-1", _reading(2), _basic("soil-2", secrets["soil-2"])).shows(403)
        assert len(_points(s, "soil-1")) == 2


def guesses_are_slowed_down_whatever_path_they_take(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    with place.server(open_=False) as s:
        for n in range(40):
            last = s.client.post(f"/api/devices/x{n}/readings", _reading(0), headers={**JSON, **_basic("soil-1", f"guess{n}")})
        assert last.status == 429, last
        _push(s, "soil-1", _reading(0), _basic("soil-1", secret)).shows(429)


def a_description_maps_what_comes_by_http(place):
    _farms(place, "farm")
    secret = _add(place, "log-1")
    with place.server() as s:
        channel = {"code": "air-temperature", "from": "温度(℃)", "scale": 0.1}
        s.client.ask("PUT", "/api/devices/log-1", body=json.dumps({"channels": [channel]}).encode(), headers=JSON).shows(200)
        _push(s, "log-1", {"t": T0, "values": {"温度(℃)": 193}}, _bearer(secret)).shows(200)
        table = f"time,温度(℃)\n{T0 + 60000},201\n".encode()
        s.client.ask("POST", "/api/devices/log-1/readings", body=table, headers={"Content-Type": "text/csv", **_bearer(secret)}).shows(200)
        assert _points(s, "log-1", "air-temperature") == [[T0, 19.3], [T0 + 60000, 20.1]]


def an_id_that_the_broker_knows_as_ours_is_no_device_s(place):
    _farms(place, "farm")
    r = run("device", "add", "suyuan-collect", "--data", place.data, "--org", "farm", "--place", "A1", "--model", "m", "--protocol", "mqtt", code=1)
    assert "suyuan-" in r.stderr, r.stderr


def who_is_not_the_device_hands_in_nothing(place):
    _farms(place, "farm", "other")
    secrets = {id: _add(place, id) for id in ("soil-1", "soil-2")}
    foreign = _add(place, "far", org="other")
    with place.server(open_=False) as s:
        _push(s, "soil-1", _reading(0), {}).shows(401)
        _push(s, "soil-1", _reading(0), _bearer("wrong")).shows(401)
        _push(s, "soil-1", _reading(0), _basic("soil-1", "wrong")).shows(401)
        _push(s, "soil-1", _reading(0), _bearer(foreign)).shows(401)
        _push(s, "soil-1", _reading(0), _basic("soil-2", secrets["soil-2"])).shows(403)
        _push(s, "soil-1", _reading(0), _basic("far", foreign)).shows(403)
        _push(s, "nothing", _reading(0), _bearer(foreign)).shows(401)
        for n in range(40):
            last = _push(s, "soil-1", _reading(0), _bearer(f"guess{n}"))
        assert last.status == 429 and int(last.headers["Retry-After"]) > 0, last
        _push(s, "soil-2", _reading(0), _bearer(secrets["soil-2"])).shows(200)          # the others are unharmed
        s.client.ask("POST", "/api/devices/soil-2/revoke", headers=_basic("soil-2", secrets["soil-2"])).shows(403)
        s.client.ask("GET", "/api/devices/soil-2", headers=_basic("soil-2", secrets["soil-2"])).shows(401)
        mine = {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", "farm", "--scope", "capture,query,audit").stdout.strip()}
        _push(s, "soil-1", _reading(5), mine).shows(200)
        _push(s, "far", _reading(5), mine).shows(404)
        trail = lambda: [(r["outcome"], r["target"], r["actor"]) for r in s.client.ask("GET", "/api/audit?limit=200", headers=mine).shows(200).json["audit"]]
        assert ("401", "device.act", "device:soil-1?") in trail(), trail()
        _until("the trail tells of the foreign device", lambda: any(o == "foreign-topic" and t == "soil-2" for o, t, _ in trail()))
        assert ("403", "device.act", "device:soil-2") in trail(), trail()
    with place.server() as s:
        assert _points(s, "soil-1") == [[T0 + 300000, 20.5]]


def a_flood_from_one_device_harms_nobody_else(place):
    _farms(place, "farm")
    loud, calm = _add(place, "loud"), _add(place, "calm")
    run("device", "set", "loud", "--data", place.data, "--channels", place.file("less.json", {"maxPerMinute": 60}))
    with place.server() as s:
        seen = [_push(s, "loud", [_reading(n * 60 + k) for k in range(60)], _bearer(loud)) for n in range(60)]
        refused = [a for a in seen if a.status == 429]
        assert refused and int(refused[0].headers["Retry-After"]) >= 1 and {a.status for a in seen} == {200, 429}, {a.status for a in seen}
        _push(s, "calm", _reading(0), _bearer(calm)).shows(200)
        _until("a finding tells of it", lambda: [f for f in s.client.get("/api/devices/loud").json["findings"] if f["kind"] == "throttled"])
        counts = {d["id"]: d["findings"]["warns"] for d in s.client.get("/api/devices?org=farm").json["devices"]}
        assert counts == {"calm": 0, "loud": 1}, counts
        assert [r for r in s.client.get("/api/audit?org=farm&limit=200").json["audit"] if r["outcome"] == "throttled" and r["target"] == "loud"]


def a_secret_is_taken_back_and_given_anew(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    with place.server(open_=False) as s:
        _push(s, "soil-1", _reading(0), _bearer(secret)).shows(200)
        run("device", "revoke", "soil-1", "--data", place.data)
        _push(s, "soil-1", _reading(1), _bearer(secret)).shows(401)
        assert json.loads(run("device", "show", "soil-1", "--data", place.data).stdout)["state"] == "revoked"
        new = run("device", "renew", "soil-1", "--data", place.data).stdout.split()[-1]
        _push(s, "soil-1", _reading(1), _bearer(secret)).shows(401)
        _push(s, "soil-1", _reading(1), _bearer(new)).shows(200)
        run("device", "renew", "soil-1", "--data", place.data, "--secret-stdin", input="my-own-one\n")
        _push(s, "soil-1", _reading(2), _bearer("my-own-one")).shows(200)
        run("device", "remove", "soil-1", "--data", place.data)
        _push(s, "soil-1", _reading(3), _bearer("my-own-one")).shows(401)


def what_was_acknowledged_survives_a_kill_and_comes_once(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    acknowledged, sent, n = set(), set(), 0
    for life in range(4):
        s = place.server(open_=False)
        stop = threading.Event()
        killer = threading.Timer(0.4 + 0.3 * life, s.kill)
        killer.start()
        while not stop.is_set():
            batch = list(range(n, n + 5))
            sent.update(batch)
            try:
                answer = _push(s, "soil-1", [_reading(k) for k in batch], _bearer(secret))
            except OSError:
                break               # between push and answer: the device says it again in the next life
            except Exception:
                break
            if answer.status == 200:
                acknowledged.update(batch)
                n += 5
        killer.join()
    with place.server() as s:
        got = [p[0] for p in _points(s, "soil-1")]
        held = {(t - T0) // 60000 for t in got}
        assert acknowledged <= held <= sent and len(got) == len(held), (sorted(acknowledged - held), len(got), len(held))
        _push(s, "soil-1", [_reading(k) for k in sorted(sent)], _bearer(secret)).shows(200)
        again = _points(s, "soil-1")
        assert len(again) == len(sent) and [p[0] for p in again] == sorted(T0 + k * 60000 for k in sent), (len(again), len(sent))


def two_values_for_one_moment_are_a_finding(place):
    _farms(place, "farm")
    secret = _add(place, "soil-1")
    with place.server() as s:
        _push(s, "soil-1", _reading(0, t=20), _bearer(secret)).shows(200)
        _push(s, "soil-1", _reading(0, t=99), _bearer(secret)).shows(200)
        assert _points(s, "soil-1") == [[T0, 20]]
    with place.server() as s:       # found when the journal moves, at the latest at the end
        found = _until("the conflict is a finding", lambda: [f for f in s.client.get("/api/devices/soil-1").json["findings"] if f["kind"] == "conflict"])
        assert found[0]["channel"] == "t" and found[0]["evidence"] == {"t": T0, "stands": 20, "said": 99}, found


def the_collecting_process_knows_the_devices(place):
    _farms(place, "farm")
    _add(place, "air-1", "--mn", "MN1", protocol="hj212")
    key = {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", "default", "--scope", "collect").stdout.strip()}
    with place.server(open_=False) as s:
        told = s.client.ask("GET", "/api/collect/devices", headers=key).shows(200).json
        d = told["devices"][0]
        assert (d["id"], d["org"], d["protocol"], d["mn"], d["revoked"]) == ("air-1", "farm", "hj212", "MN1", False) and d["secret"].startswith("sha256:"), d
        s.client.ask("GET", f"/api/collect/devices?since={told['mark']}", headers=key).shows(204)
        run("device", "revoke", "air-1", "--data", place.data)
        assert s.client.ask("GET", f"/api/collect/devices?since={told['mark']}", headers=key).shows(200).json["devices"][0]["revoked"]
        ask = lambda more: s.client.ask("GET", f"/api/collect/devices?{more}", headers=key)
        for id in ("air-2", "air-3"):
            _add(place, id, protocol="hj212")
        first = ask("page=2").shows(200).json                    # the revoked one has changed last but for these
        assert [d["id"] for d in first["changed"]] == ["air-1", "air-2"] and first["whole"] and first["more"], first
        second = ask(f"page=2&since={first['mark']}").shows(200).json
        assert [d["id"] for d in second["changed"]] == ["air-3"] and "more" not in second and "whole" not in second and second["gone"] == [], second
        ask(f"page=2&since={second['mark']}").shows(204)
        run("device", "remove", "air-2", "--data", place.data)
        third = ask(f"page=2000&since={second['mark']}").shows(200).json
        assert (third["changed"], third["gone"]) == ([], ["air-2"]) and int(third["mark"]) > int(second["mark"]), third
        for unknown in ("999999", "x", ""):
            again = ask(f"page=2000&since={unknown}").shows(200).json
            assert again["whole"] and {d["id"] for d in again["changed"]} == {"air-1", "air-3"} and again["gone"] == ["air-2"], again
        ask("page=0").shows(400)
        ask("page=2001").shows(400)
        notice = [{"what": "bad-frame", "device": "air-1", "from": "192.0.2.1:7", "detail": "CRC", "bytes": base64.b64encode(b"##0000").decode(), "at": T0, "times": 2}]
        s.client.post("/api/collect/notices", notice, headers=key).shows(204)
        s.client.post("/api/collect/notices", [{"what": "gossip"}], headers=key).shows(400)
        s.client.ask("POST", "/api/collect/readings", body=b"nonsense", headers=key).shows(400)
        mine = {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", "farm", "--scope", "query").stdout.strip()}
        for method, path in (("GET", "/api/collect/devices"), ("POST", "/api/collect/readings"), ("POST", "/api/collect/notices")):
            s.client.ask(method, path, body=b"[]", headers={**JSON, **mine}).shows(403)
        seen = _until("the frame is kept", lambda: s.client.ask("GET", "/api/devices/air-1/notices", headers=mine).shows(200).json["notices"])
        assert seen[0]["what"] == "bad-frame" and base64.b64decode(seen[0]["bytes"]) == b"##0000", seen


def only_who_may_sees_a_device_and_its_curves(place):
    _farms(place, "farm", "other")
    run("org", "add", "county", "--kind", "regulator", "--data", place.data)
    run("org", "set", "farm", "--district", "county", "--data", place.data)
    secret = _add(place, "soil-1")
    keys = {org: {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", org, "--scope", "query").stdout.strip()} for org in ("farm", "other", "county")}
    with place.server(open_=False) as s:
        _push(s, "soil-1", _reading(0), _bearer(secret)).shows(200)
        for path in ("/api/devices/soil-1", f"/api/series?device=soil-1&channel=t&from={T0}&to={T0 + 1}", "/api/live?device=soil-1&wait=1", "/api/devices?org=farm"):
            s.client.ask("GET", path, headers=keys["farm"]).shows(200)
            s.client.ask("GET", path, headers=keys["county"]).shows(200)
            s.client.ask("GET", path, headers=keys["other"]).shows(404)
            s.client.ask("GET", path).shows(401)


if __name__ == "__main__":
    play()
