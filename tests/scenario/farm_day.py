"""The farm's day: a manager and a worker record a season from the purchase of seed to the packed bag; each act once, whatever the network does."""
import json
import re
import threading
import uuid

from suyuan import play, run

PASSWORD = "correct horse"
THINGS = {
    "places/guyu/P01": {"name": "谷雨一号田", "type": "plot", "areaMu": 36},
    "places/guyu/Store": {"name": "谷雨农资库", "type": "store"},
    "places/guyu/Mill": {"name": "谷雨碾米间", "type": "workshop"},
    "inputs/guyu/SEED": {"name": "甬优4949种子", "category": "seed"},
    "inputs/guyu/NPK": {"name": "复合肥", "category": "fertiliser"},
    "inputs/guyu/CAP": {"name": "康宽悬浮剂", "nameEn": "Chlorantraniliprole SC", "category": "pesticide", "registrationNumber": "PD20100677", "activeIngredients": ["氯虫苯甲酰胺"],
                        "intervalDays": 5, "labels": [{"crop": "水稻", "target": "二化螟", "intervalDays": 7, "maxUses": 3}]},
    "products/guyu/RICE": {"name": "谷雨再生稻米", "nameEn": "Guyu ratoon rice", "netContent": "5 kg"},
}
SEASON = {"org": "guyu", "code": "Rice2026", "plot": "P01", "crop": "水稻", "variety": "甬优4949", "areaMu": 36}


def _put(s, path, value, headers=None):
    return s.client.ask("PUT", "/api/" + path, body=json.dumps(value).encode(), headers={"Content-Type": "application/json", **(headers or {})})


def _farm(s, headers=None):
    for path, body in THINGS.items():
        _put(s, path, body, headers).shows(201)
    opened = s.client.post("/api/seasons", SEASON, headers=headers).shows(201).json
    assert opened["season"] == "guyu/Rice2026" and opened["uri"].endswith("/season/guyu/Rice2026"), opened
    s.client.post("/api/seasons", SEASON, headers=headers).shows(200)


def _place(place):
    place.init()
    run("org", "add", "guyu", "--data", place.data)
    run("org", "add", "bai", "--data", place.data)


def _act(s, act, at, status=201, headers=None, **fields):
    form = {"act": act, "at": at, "id": str(uuid.uuid4()), **fields}
    return s.client.post("/api/acts", form, headers=headers).shows(status).json


def _on(s, act, at, status=201, headers=None, **fields):
    return _act(s, act, at, status, headers, season="guyu/Rice2026", **fields)


def _season(s, headers=None):
    return s.client.ask("GET", "/api/seasons/guyu/Rice2026", headers=headers).shows(200).json


def _stock(s, product, headers=None):
    return s.client.ask("GET", f"/api/stock?org=guyu&all=true&product={product}", headers=headers).shows(200).json["stock"]


def _whole_season(s, headers=None):
    """From the purchase to the bag; returns what came out of it."""
    h = {"headers": headers}
    _act(s, "receive-input", "2026-03-15T09:00:00+08:00", place="guyu/Store", product="guyu/SEED", lot="S26", quantity=60, uom="公斤", **h)
    _act(s, "receive-input", "2026-03-15T09:05:00+08:00", org="guyu", place="Store", product="NPK", lot="N26", quantity=1, uom="t", **h)
    _act(s, "receive-input", "2026-03-15T09:06:00+08:00", org="guyu", place="Store", product="CAP", lot="20260101", quantity=1000, uom="mL", expires="2028-01-01", supplier="lvfeng", invoice="INV 7/1", **h)
    _on(s, "sow", "2026-03-22T08:10:00+08:00", product="SEED", quantity=54, uom="kg", **h)
    _on(s, "transplant", "2026-04-20T08:30:00+08:00", note="机插", **h)
    _on(s, "fertilise", "2026-04-30T16:20:00+08:00", product="NPK", quantity=288, uom="kg", dose=8, doseUom="kg", areaMu=36, method="broadcast", **h)
    _on(s, "irrigate", "2026-05-03T06:50:00+08:00", method="flood", **h)
    _on(s, "weed", "2026-05-04T06:50:00+08:00", method="hand", **h)
    _on(s, "growth", "2026-05-12T09:15:00+08:00", stage=23, look="good", heightCm=40, **h)
    _on(s, "spray", "2026-05-26T17:10:00+08:00", product="CAP", quantity=360, uom="mL", target="二化螟", dose=10, doseUom="mL", areaMu=36, operator="W2", position={"lat": 25.5871, "lon": 113.1264, "accuracyM": 8}, **h)
    harvest = _on(s, "harvest", "2026-08-12T15:30:00+08:00", quantity=38160, uom="斤", **h)
    lot = s.client.ask("GET", "/api/seasons/guyu/Rice2026", headers=headers).json["harvested"][0]["lot"]
    _act(s, "dry", "2026-08-13T20:00:00+08:00", org="guyu", place="Mill", inputs=[{"lot": lot, "quantity": 19080, "uom": "kg"}], outputs=[{"lot": "Dry1", "quantity": 16536, "uom": "kg"}],
         loss=[{"quantity": 2544, "uom": "kg", "reason": "水分"}], **h)
    _act(s, "mill", "2026-08-15T14:00:00+08:00", org="guyu", place="Mill", inputs=[{"lot": "Dry1", "quantity": 7400, "uom": "kg"}], outputs=[{"lot": "Bulk1", "product": "RICE", "quantity": 5032, "uom": "kg"}], **h)
    _act(s, "pack", "2026-08-16T10:30:00+08:00", org="guyu", place="Mill", inputs=[{"lot": "Bulk1", "quantity": 5000, "uom": "kg"}], product="RICE", lot="Bags1", quantity=1000, uom="pcs",
         serials=["B1", "B2", "B3"], expires="2027-04-30", **h)
    _act(s, "aggregate", "2026-08-16T11:30:00+08:00", org="guyu", place="Mill", parent="Carton1", children=["B1", "B2"], **h)
    _on(s, "clear", "2026-08-20T08:00:00+08:00", **h)
    return harvest


def each_act_is_described(place):
    with place.server() as s:
        kinds = s.client.get("/api/acts/kinds").shows(200).json
        names = {k["act"] for k in kinds}
        assert set("sow transplant fertilise spray irrigate weed prune growth harvest sort mill dry pack aggregate receive-input stocktake destroy-input return-input clear".split()) <= names, names
        spray = next(k for k in kinds if k["act"] == "spray")
        assert {f["name"] for f in spray["fields"] if f["required"]} == {"product", "quantity", "uom", "at"}, spray


def a_season_from_the_seed_to_the_bag_is_told_to_whoever_scans_it(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        _whole_season(s)
        told = _season(s)
        acts = [a["act"] for a in told["acts"]]
        assert acts == ["sow", "transplant", "fertilise", "irrigate", "weed", "growth", "spray", "harvest", "clear"], acts
        spray = told["acts"][6]
        assert spray["in"] == [{"lot": "/lot/guyu/L20260101", "good": "/input/guyu/CAP", "quantity": 360, "uom": "MLT"}], spray
        assert spray["intervalDays"] == 7 and spray["operator"].endswith("/staff/guyu/W2") and spray["dose"] == "10 毫升/亩", spray
        assert told["firstHarvest"] == "2026-08-12" and told["harvested"][0]["quantity"] == 19080, told["harvested"]
        cap = _stock(s, "CAP")[0]
        assert (cap["balance"], cap["uom"], cap["expires"], cap["code"]) == (0.64, "LTR", "2028-01-01", "CAP"), cap
        assert _stock(s, "SEED")[0]["balance"] == 6 and _stock(s, "NPK")[0]["balance"] == 712, (_stock(s, "SEED"), _stock(s, "NPK"))
        for path in ("/lot/guyu/Bags1", "/item/guyu/B1"):
            page = s.client.ask("GET", path + "?l=zh-Hans", headers={"Accept": "text/html"}).shows(200).text
            for words in ("谷雨一号田", "康宽悬浮剂", "10 毫升/亩", "二化螟", "复合肥", "甬优4949", "BBCH 23", "谷雨碾米间", "氯虫苯甲酰胺", "播种", "采收"):
                assert words in page, (path, words)
            assert not re.search("113\\.12|25\\.58|W2|机插", page), path     # where and who are nobody's business
        assert "谷雨再生稻米" in s.client.ask("GET", "/lot/guyu/Bags1?l=zh-Hans", headers={"Accept": "text/html"}).text
        # every view is made again from the records
        before = told, s.client.get("/api/stock?org=guyu&all=true").text
    run("rebuild", "--data", place.data)
    with place.server() as s:
        s.client.get("/api/seasons?org=guyu").shows(200)
        assert (_season(s), s.client.get("/api/stock?org=guyu&all=true").text) == before
    run("check", "--data", place.data)


def _accounts(place, s):
    out = {}
    for name, org, role in (("manager", "guyu", "manager"), ("worker", "guyu", "worker"), ("stranger", "bai", "manager"), ("buyer", "guyu", "auditor")):
        answer = s.client.post("/api/session", {"name": name, "password": PASSWORD}).shows(204)
        out[name] = {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "Origin": s.url}
    return out


def a_manager_and_a_worker_record_and_a_stranger_does_not(place):
    _place(place)
    for name, org, role in (("manager", "guyu", "manager"), ("worker", "guyu", "worker"), ("stranger", "bai", "manager"), ("buyer", "guyu", "auditor")):
        run("user", "add", name, "--data", place.data, "--org", org, "--role", role, input=PASSWORD + "\n")
    with place.server(open_=False) as s:
        who = _accounts(place, s)
        _farm(s, who["manager"])
        _whole_season(s, who["worker"])
        assert len(_season(s, who["manager"])["acts"]) == 9
        one = {"act": "weed", "season": "guyu/Rice2026", "at": "2026-05-05T06:50:00+08:00"}
        for name in ("stranger", "buyer"):
            assert s.client.post("/api/acts", one, headers=who[name]).status in (403, 404), name
            assert s.client.post("/api/seasons", {**SEASON, "code": "Other"}, headers=who[name]).status in (403, 404), name
        s.client.post("/api/acts", one).shows(401)
        for path in ("/api/seasons/guyu/Rice2026", "/api/seasons?org=guyu", "/api/stock?org=guyu"):
            s.client.ask("GET", path, headers=who["stranger"]).shows(404)
            s.client.ask("GET", path, headers=who["buyer"]).shows(200)
        assert len(_season(s, who["manager"])["acts"]) == 9


def everything_that_is_wrong_with_an_act_is_told_at_once(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        r = s.client.post("/api/acts", {"act": "spray", "season": "guyu/Rice2026", "at": "today", "quantity": 0, "uom": "cup"}).shows(400)
        assert r.headers["Content-Type"].startswith("application/problem+json"), r
        assert {(e["code"], e["pointer"]) for e in r.json["errors"]} == {("not-a-time", "/at"), ("out-of-range", "/quantity"), ("not-in-list", "/uom"), ("missing-member", "")}, r.json
        assert s.client.post("/api/acts", {"act": "weed", "season": "guyu/Nowhere", "at": 1}).shows(400).json["errors"][0]["pointer"] == "/season"
        assert s.client.post("/api/acts", {"act": "weed", "plot": "P99", "season": None, "org": "guyu", "at": 1}).shows(400).json["errors"][0]["pointer"] == "/plot"
        assert s.client.post("/api/acts", {"act": "weed", "season": "guyu/Rice2026", "at": 1, "corrects": "urn:uuid:00000000-0000-4000-8000-000000000000"}).shows(400).json["errors"][0]["pointer"] == "/corrects"
        s.client.post("/api/acts", "{").shows(400)
        s.client.post("/api/acts", {"act": "weed", "season": "nobody/Rice2026", "at": 1}).shows(404)
        s.client.post("/api/seasons", {"org": "guyu", "code": "1x", "plot": "P01"}).shows(400)
        assert _season(s)["acts"] == []
        # on a plot, the season that is open there
        _act(s, "weed", "2026-05-04T06:50:00+08:00", org="guyu", plot="P01")
        assert [a["act"] for a in _season(s)["acts"]] == ["weed"]
        many = s.client.post("/api/acts", [{"act": "weed", "season": "guyu/Rice2026", "at": 1000, "id": "a"}, {"act": "dance", "id": "b"}, {"act": "weed", "season": "guyu/Rice2026", "at": 1000, "id": "a"},
                                           {"act": "prune", "season": "guyu/Rice2026", "at": 1000, "id": "a"}]).shows(200).json
        assert [m["status"] for m in many] == [201, 400, 200, 409] and [m["id"] for m in many] == ["a", "b", "a", "a"], many


def the_same_act_from_many_connections_is_one_record(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        _act(s, "receive-input", "2026-03-15T09:06:00+08:00", org="guyu", product="CAP", lot="C1", quantity=100, uom="L")
        for n in range(4):
            form = {"act": "spray", "season": "guyu/Rice2026", "at": 1780000000000 + n, "product": "CAP", "quantity": 1, "uom": "L", "id": f"spray-{n}"}
            answers = []
            threads = [threading.Thread(target=lambda i=i: answers.append(s.client.post("/api/acts", {**form, "clock": {"deviceTime": 1780000000000 + n, "uptimeMs": i}}))) for i in range(8)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            assert sorted(a.status for a in answers) == [200] * 7 + [201], answers
            assert len({a.json["eventID"] for a in answers}) == 1 and len({a.json["seq"] for a in answers}) == 1, answers
            other = s.client.post("/api/acts", {**form, "quantity": 2}).shows(409)
            assert other.headers["Content-Type"].startswith("application/problem+json") and other.json["pointer"] == "/id", other
        assert len(_season(s)["acts"]) == 4
        assert _stock(s, "CAP")[0]["balance"] == 96


def _send(s, form):
    """A phone's try; None when nothing came back."""
    try:
        return s.client.post("/api/acts", form)
    except OSError:
        return None


def what_was_sent_again_after_a_kill_is_recorded_once(place):
    _place(place)
    s = place.server()
    _farm(s)
    forms = [{"act": "weed", "season": "guyu/Rice2026", "at": 1780000000000 + 1000 * n, "id": str(uuid.uuid4())} for n in range(24)]
    answered = 0
    for round_ in range(4):             # killed while the queue drains: some answers are lost on the way
        half = threading.Event()
        def drain(server=s, of=forms[round_ * 6:]):
            for n, form in enumerate(of):
                _send(server, form)
                if n == 3:
                    half.set()
        t = threading.Thread(target=drain)
        t.start()
        half.wait(60)
        s.kill()
        t.join()
        s = place.server()
    with s:
        for form in forms:              # what the phone is not sure of it sends again
            r = _send(s, form)
            assert r and r.status in (200, 201), r
            answered += r.status == 200
        assert answered > 0
        acts = _season(s)["acts"]
        assert sorted(a["eventID"] for a in acts) == sorted("urn:uuid:" + f["id"] for f in forms), len(acts)
    run("check", "--data", place.data)


def a_correction_stands_beside_what_it_corrects(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        _act(s, "receive-input", "2026-03-15T09:06:00+08:00", org="guyu", product="CAP", lot="C1", quantity=100, uom="L")
        wrong = _on(s, "spray", "2026-05-26T17:10:00+08:00", product="CAP", quantity=36, uom="L", target="二化螟")
        assert _stock(s, "CAP")[0]["balance"] == 64
        right = {"act": "spray", "season": "guyu/Rice2026", "at": "2026-05-26T17:10:00+08:00", "product": "CAP", "quantity": 360, "uom": "mL", "target": "二化螟", "id": "right", "corrects": wrong["eventID"]}
        s.client.post("/api/acts", right).shows(201)
        s.client.post("/api/acts", right).shows(200)
        assert _stock(s, "CAP")[0]["balance"] == 99.64
        acts = _season(s)["acts"]
        assert [(a["in"][0]["quantity"], a.get("wrong", False)) for a in acts] == [(36, True), (360, False)], acts
        records = s.client.get("/epcis/events/" + wrong["eventID"]).shows(200).text
        assert "errorDeclaration" in records and "correctiveEventIDs" in records, records
        _on(s, "harvest", "2026-08-12T15:30:00+08:00", quantity=100, uom="kg", lot="H1")
        page = s.client.ask("GET", "/lot/guyu/H1?l=zh-Hans", headers={"Accept": "text/html"}).shows(200).text
        assert 'class="old"' in page and "36 升" in page and "360 毫升" in page
        before = _season(s), s.client.get("/api/stock?org=guyu&all=true").text
    run("rebuild", "--data", place.data)
    with place.server() as s:
        assert (_season(s), s.client.get("/api/stock?org=guyu&all=true").text) == before


def what_the_rules_find_comes_with_the_answer_and_refuses_nothing(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        _act(s, "receive-input", "2026-03-15T09:06:00+08:00", org="guyu", product="CAP", lot="C1", quantity=100, uom="L")
        _on(s, "sow", "2026-03-22T08:10:00+08:00")
        spray = _on(s, "spray", "2026-08-10T17:10:00+08:00", product="CAP", quantity=360, uom="mL", target="二化螟")
        assert not [f for f in spray["findings"] if f["rule"] == "interval"], spray
        form = {"act": "harvest", "season": "guyu/Rice2026", "at": "2026-08-12T15:30:00+08:00", "quantity": 100, "uom": "kg", "id": "early"}
        for status in (201, 200):       # the same when it is asked again
            early = s.client.post("/api/acts", form).shows(status).json
            found = [f for f in early["findings"] if f["rule"] == "interval"]
            assert len(found) == 1 and found[0]["severity"] == "blocks" and set(found[0]["words"]) == {"zh-Hans", "zh-Hant", "en"}, early
        assert [f["rule"] for f in _season(s)["findings"] if f["rule"] == "interval"] == ["interval"]
        ripe = _on(s, "harvest", "2026-08-17T15:30:00+08:00", quantity=100, uom="kg")     # d + 7
        assert not [f for f in ripe["findings"] if f["rule"] == "interval"], ripe


def the_lot_that_expires_first_is_taken(place):
    _place(place)
    with place.server() as s:
        _farm(s)
        for lot, expires in (("Late", "2028-01-01"), ("Soon", "2026-12-01"), ("Past", "2026-05-01")):
            _act(s, "receive-input", "2026-03-15T09:06:00+08:00", org="guyu", product="CAP", lot=lot, quantity=1, uom="L", expires=expires)
        def spray(day, quantity, **more):
            _on(s, "spray", f"2026-{day}T17:10:00+08:00", product="CAP", quantity=quantity, uom="L", **more)
            return _season(s)["acts"][-1]["in"][0]["lot"].split("/")[-1]
        assert spray("05-26", 1) == "Soon"              # what has expired is passed over
        assert spray("05-27", 0.5) == "Late"
        assert spray("05-28", 0.1, lot="Past") == "Past"        # unless it is named
        _act(s, "stocktake", "2026-06-01T08:00:00+08:00", org="guyu", product="CAP", lot="Late", quantity=0, uom="L")
        assert spray("06-02", 0.1) == "Past"            # of what is left
        _act(s, "destroy-input", "2026-06-03T08:00:00+08:00", org="guyu", product="CAP", lot="Past", quantity=800, uom="mL", reason="expired")
        assert all(x["balance"] == 0 for x in _stock(s, "CAP")), _stock(s, "CAP")
        _act(s, "receive-input", "2026-06-04T09:06:00+08:00", org="guyu", product="CAP", quantity=1, uom="L")
        _act(s, "return-input", "2026-06-05T09:06:00+08:00", org="guyu", product="CAP", quantity=0.4, uom="L", supplier="lvfeng")
        assert [x["balance"] for x in s.client.get("/api/stock?org=guyu").json["stock"]] == [0.6]


if __name__ == "__main__":
    play()
