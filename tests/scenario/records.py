"""The records of a farm: found by the server by act, season, place, person, days and words, a page at a time, each once."""
import json
import re
import urllib.parse
import uuid

from suyuan import document, event, play, run

HERE = "http://127.0.0.1:8080"


def _put(s, path, value):
    s.client.ask("PUT", "/api/" + path, body=json.dumps(value).encode(), headers={"Content-Type": "application/json"}).shows(201)


def _act(s, act, at, headers=None, **fields):
    return s.client.post("/api/acts", {"act": act, "at": at, "id": str(uuid.uuid4()), **fields}, headers=headers).shows(201).json["eventID"]


def _page(s, headers=None, path=None, **query):
    r = s.client.ask("GET", path or "/api/records?" + urllib.parse.urlencode({"org": "guyu", **query}, quote_via=urllib.parse.quote), headers=headers or {}).shows(200)
    link = re.match(r'<([^>]+)>; rel="next"', r.headers["Link"] or "")
    return r.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"], link and link.group(1)


def _all(s, headers=None, **query):
    events, path = _page(s, headers, **query)
    while path:
        more, path = _page(s, headers, path)
        events += more
    return events


def _ids(events):
    return [e["eventID"] for e in events]


def _farm(place, s):
    for path, body in {"places/guyu/P1": {"name": "河边田", "type": "plot"}, "places/guyu/P2": {"name": "山脚田", "type": "plot"}, "places/guyu/Store": {"name": "农资库", "type": "store"},
                       "inputs/guyu/CAP": {"name": "康宽悬浮剂", "category": "pesticide", "intervalDays": 7}, "staff/guyu/W1": {"name": "张三丰"}, "staff/guyu/W2": {"name": "李四"}}.items():
        _put(s, path, body)
    for code, plot in (("S1", "P1"), ("S2", "P2")):
        s.client.post("/api/seasons", {"org": "guyu", "code": code, "plot": plot, "crop": "水稻"}).shows(201)


def each_filter_finds_what_it_says(place):
    place.init()
    run("org", "add", "guyu", "--data", place.data)
    run("org", "add", "bai", "--data", place.data)
    with place.server() as s:
        _farm(place, s)
        bought = _act(s, "receive-input", "2026-03-01T09:00:00+08:00", org="guyu", place="Store", product="CAP", lot="L1", quantity=5, uom="L")
        water = _act(s, "irrigate", "2026-05-01T00:00:00+08:00", season="guyu/S1", operator="W1", note="放水 Ten cm")
        sprayed = _act(s, "spray", "2026-05-02T08:00:00+08:00", season="guyu/S1", product="CAP", quantity=1, uom="L", operator="W2", target="二化螟")
        other = _act(s, "irrigate", "2026-05-02T23:59:59+08:00", season="guyu/S2", operator="W2")
        picked = _act(s, "harvest", "2026-08-02T08:00:00+08:00", season="guyu/S1", quantity=100, uom="kg", lot="H1")
        packed = _act(s, "pack", "2026-08-03T08:00:00+08:00", org="guyu", place="Store", inputs=[{"lot": "H1", "quantity": 10, "uom": "kg"}], lot="B1", quantity=10, uom="pcs")
        joined = _act(s, "aggregate", "2026-08-03T09:00:00+08:00", org="guyu", place="Store", parent="C1", lots=[{"lot": "B1", "quantity": 10, "uom": "pcs"}])
        everything = [joined, packed, picked, other, sprayed, water, bought]
        for query, wanted in (({}, everything), ({"act": "irrigate"}, [other, water]), ({"act": "pack"}, [packed]), ({"act": "aggregate"}, [joined]), ({"act": "receive-input"}, [bought]),
                              ({"season": "S1"}, [picked, sprayed, water]), ({"season": "S1", "act": "spray"}, [sprayed]), ({"season": "None"}, []), ({"place": "P2"}, [other]),
                              ({"place": "Store"}, [joined, packed, bought]), ({"place": "Nowhere"}, []), ({"person": "W2"}, [other, sprayed]), ({"person": "W"}, []),
                              ({"from": "2026-05-01", "to": "2026-05-02"}, [other, sprayed, water]), ({"to": "2026-05-01"}, [water, bought]), ({"from": "2026-05-03"}, [joined, packed, picked]),
                              ({"text": "放水"}, [water]), ({"text": "ten CM"}, [water]), ({"text": "康宽"}, [sprayed, bought]), ({"text": "三丰"}, [water]), ({"text": "河边"}, [picked, sprayed, water]),
                              ({"text": "打药"}, [sprayed]), ({"text": "harvest"}, [picked]), ({"text": sprayed[-12:]}, [sprayed]), ({"text": "没有的字"}, []),
                              ({"text": "二化螟", "person": "W1"}, [])):
            assert _ids(_all(s, **query)) == wanted, (query, _all(s, **query))
        # a correction: the old one comes with what says that it was wrong
        right = s.client.post("/api/acts", {"act": "spray", "at": "2026-05-02T08:00:00+08:00", "id": str(uuid.uuid4()), "season": "guyu/S1", "product": "CAP", "quantity": 2, "uom": "L", "corrects": sprayed}).shows(201).json["eventID"]
        found = _all(s, season="S1", act="spray")
        assert sorted(_ids(found)) == sorted([sprayed, sprayed, right]) and [e["eventID"] for e in found if "errorDeclaration" in e] == [sprayed], found
        for bad in ("act=throne", "from=yesterday", "after=x", "perPage=0", "text=%zz"):
            s.client.get("/api/records?org=guyu&" + bad).shows(400)


def whoever_may_not_see_the_organisation_finds_nothing(place):
    place.init()
    for org in ("guyu", "bai"):
        run("org", "add", org, "--data", place.data)
    with place.server() as s:
        _farm(place, s)
        done = _act(s, "irrigate", "2026-05-01T08:00:00+08:00", season="guyu/S1", operator="W1")
    keys = {org: {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", org, "--scope", "capture,query").stdout.strip()} for org in ("guyu", "bai")}
    with place.server(open_=False) as s:
        assert _ids(_all(s, keys["guyu"], text="三丰")) == [done]
        s.client.ask("GET", "/api/records?org=guyu", headers=keys["bai"]).shows(404)
        s.client.get("/api/records?org=guyu").shows(401)
        assert s.client.ask("GET", "/api/records", headers=keys["bai"]).shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == []


def every_record_of_many_is_on_one_page_alone(place):
    """Also where hundreds bear the same time, and while others are recorded."""
    place.init()
    run("org", "add", "guyu", "--data", place.data)
    with place.server() as s:
        _farm(place, s)
    key = {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", "guyu", "--scope", "capture,query").stdout.strip()}
    with place.server(open_=False) as s:
        n = 1500
        many = [event(1, eventID=f"urn:uuid:00000000-0000-4000-8000-{i:012d}", eventTime=f"2026-04-{1 + i % 3:02d}T08:00:00.000+08:00", bizStep="suyuan:irrigating", epcList=[f"{HERE}/season/guyu/S{1 + i % 2}"],
                      readPoint={"id": f"{HERE}/place/guyu/P{1 + i % 2}"}, **{"suyuan:note": f"number {i}"}) for i in range(n)]
        for i in range(0, n, 500):
            s.client.captures(document(*many[i:i + 500]), headers=key).shows(202)
        seen, path, pages = [], "/api/records?org=guyu&perPage=100", 0
        while path:
            events, path = _page(s, key, path)
            seen += events
            pages += 1
            if pages == 3:
                _act(s, "irrigate", "2026-06-01T08:00:00+08:00", key, season="guyu/S1")      # it is newer than the place where we are
        assert len(seen) == n and len(set(_ids(seen))) == n, (len(seen), len(set(_ids(seen))))
        times = [e["eventTime"] for e in seen]
        assert times == sorted(times, reverse=True) and pages >= n // 100, pages
        assert len(_all(s, key, season="S2", perPage=500)) == n // 2 and len(_all(s, key, place="P1", act="irrigate", perPage=500)) == n // 2 + 1
        assert [e["suyuan:note"] for e in _all(s, key, text="number 1234")] == ["number 1234"]


play()
