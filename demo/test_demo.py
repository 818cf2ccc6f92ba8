#!/usr/bin/env python3
"""Goal: the demonstration tells the truth about itself: the files are what the source makes, every quantity adds up, things
happen in order, every number has its check digit, every name is told in three languages, every photo is there."""
import collections
import datetime
import decimal
import hashlib
import json
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ORIGIN = "https://demo.suyuan.example"
STORIES = ("ratoon-rice", "five-hours", "held-and-recalled")


def read(name):
    return json.loads((HERE / name).read_text(encoding="utf-8"), parse_float=decimal.Decimal)


def events(name):
    return read(f"stories/{name}.jsonld")["epcisBody"]["eventList"]


def at(event):
    return datetime.datetime.fromisoformat(event["eventTime"])


def step(event):
    return event["bizStep"].removeprefix("suyuan:")


def uris(value):
    if isinstance(value, dict):
        return [u for v in value.values() for u in uris(v)]
    if isinstance(value, list):
        return [u for v in value for u in uris(v)]
    return [value] if isinstance(value, str) and value.startswith(ORIGIN) else []


def the_files_are_what_the_source_makes():
    subprocess.run([sys.executable, HERE / "make.py", "--check"], check=True)


def every_event_has_an_id_of_its_own_and_its_place_and_time():
    ids = [e["eventID"] for e in read("district.jsonld")["epcisBody"]["eventList"]]
    for name in STORIES:
        for e in events(name):
            ids.append(e["eventID"])
            assert e["eventTime"].endswith("+08:00") and e["eventTimeZoneOffset"] == "+08:00" and e["readPoint"] and e["bizLocation"], e
    assert len(ids) == len(set(ids)) > 150
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", i) for i in ids)


def events_stand_in_the_order_of_time_and_none_is_yet_to_come():
    for name in STORIES:
        times = [at(e) for e in events(name)]
        assert times == sorted(times) and times[-1] < datetime.datetime.fromisoformat("2026-11-23T00:00:00+08:00"), name


def sensors_measured_before_they_were_read():
    for name in STORIES:
        for e in events(name):
            for s in e.get("sensorElementList", []):
                for t in (v for k, v in s.get("sensorMetadata", {}).items() if k.lower().endswith("time")):
                    assert datetime.datetime.fromisoformat(t) <= at(e), e


def nothing_leaves_a_lot_that_did_not_come_in():
    """In kg, litres, cubic metres and pieces: a lot never gives more than it got, at any moment of any story."""
    for name in STORIES:
        have = collections.Counter()
        for e in events(name):
            for q in e.get("outputQuantityList", []) + (e.get("quantityList", []) if e.get("action") == "ADD" else []):
                have[q["epcClass"], q.get("uom")] += q["quantity"]
            for q in e.get("inputQuantityList", []) + (e.get("quantityList", []) if e.get("action") == "DELETE" else []):
                if "/Water" in q["epcClass"]:
                    continue        # from the stream: nobody brought it in
                have[q["epcClass"], q.get("uom")] -= q["quantity"]
                assert have[q["epcClass"], q.get("uom")] >= 0, (name, e["eventTime"], q)


WEIGHT = {"R261031": 5, "C261105": 15, "CTBox1105": 10, "L260912": decimal.Decimal("2.5"), "L261020": decimal.Decimal("2.5"), "X260911": decimal.Decimal("0.5")}


def every_process_accounts_for_each_kilogram():
    count = 0
    for name in STORIES:
        for e in events(name):
            if e["type"] != "TransformationEvent" or "transformationID" in e:
                continue
            came = sum(q["quantity"] for q in e["inputQuantityList"])
            pieces = [(q["quantity"], q["epcClass"].split("/")[-1]) for q in e["outputQuantityList"] if "uom" not in q]
            went = sum(q["quantity"] for q in e["outputQuantityList"] if "uom" in q) + sum(n * WEIGHT[code] for n, code in pieces)
            went += len(e.get("outputEPCList", [])) * WEIGHT[pieces[0][1]] if pieces else 0
            lost = sum(x["suyuan:quantity"] for x in e["suyuan:loss"])
            assert came == went + lost, (name, e["eventTime"], came, went, lost)
            count += 1
    assert count == 9


def what_is_packed_was_made_and_what_is_shipped_was_packed():
    for name in STORIES:
        inside, made = collections.Counter(), collections.Counter()
        for e in events(name):
            for epc in e.get("outputEPCList", []):
                made[epc] += 1
            for q in e.get("outputQuantityList", []):
                made[q["epcClass"]] += q["quantity"]
            if e["type"] == "AggregationEvent":
                sign = 1 if e["action"] == "ADD" else -1
                for epc in e.get("childEPCs", []):
                    inside[epc] += sign
                    assert inside[epc] in (0, 1), (name, e["eventTime"], epc)
                for q in e.get("childQuantityList", []):
                    inside[q["epcClass"]] += sign * q["quantity"]
                    assert 0 <= inside[q["epcClass"]] <= made[q["epcClass"]], (name, e["eventTime"], q)
            if step(e) in ("shipping", "receiving") and e.get("action") == "OBSERVE":
                for q in e.get("quantityList", []):
                    assert q["quantity"] <= made[q["epcClass"]], (name, e["eventTime"], q)


def one_sowing_gives_two_harvests_and_five_tonnes_of_rice_reach_shenzhen():
    es = events("ratoon-rice")
    season = f"{ORIGIN}/season/default/Rice2026"
    mine = [e for e in es if e.get("transformationID") == season]
    assert [step(e) for e in mine].count("sowing") == 1 and [step(e) for e in mine].count("harvesting") == 2
    milled = next(e for e in es if step(e) == "milling")
    share = milled["outputQuantityList"][0]["quantity"] / decimal.Decimal(milled["inputQuantityList"][0]["quantity"])
    assert share == decimal.Decimal("0.68"), share
    for what in ("shipping", "receiving", "stocking"):
        e = [e for e in es if step(e) == what][-1]
        bags = sum(q["quantity"] for q in e["quantityList"]) + sum("/21/" in x for x in e["epcList"])
        assert bags * 5 == 5000, (what, bags)


def every_harvest_keeps_its_intervals_but_the_one_that_failed():
    broken = []
    for name in STORIES:
        es = [e for e in events(name) if "transformationID" in e]
        for h in (e for e in es if step(e) == "harvesting"):
            for s in (e for e in es if step(e) == "spraying" and e["transformationID"] == h["transformationID"] and at(e) < at(h)):
                if (at(h).date() - at(s).date()).days < s["suyuan:preHarvestIntervalDays"]:
                    broken.append(h["outputQuantityList"][0]["epcClass"].split("/")[-1])
    assert broken == ["LR0912"], broken


def the_clock_from_picking_to_shelf_stays_under_five_hours():
    es = events("five-hours")
    order = ["harvesting", "precooling", "inspecting", "packing", "loading", "departing", "transporting", "arriving", "receiving", "stocking"]
    for place in ("/P03", "/P07"):
        picked = next(e for e in es if step(e) == "harvesting" and e["readPoint"]["id"].endswith(place))
        shelf = next(e for e in es if step(e) == "stocking")
        assert datetime.timedelta(hours=4) < at(shelf) - at(picked) < datetime.timedelta(hours=5)
    first = [next(at(e) for e in es if step(e) == s and at(e).day == 5 and at(e).month == 11) for s in order]
    assert first == sorted(first)


def the_failed_lot_is_held_recalled_and_every_pack_is_accounted_for():
    es = events("held-and-recalled")
    lab = next(e for e in es if e.get("disposition") == "non_conformant")
    report = lab["sensorElementList"][0]["sensorReport"][0]
    assert report["value"] > report["suyuan:limit"] and report["chemicalSubstance"]
    hold = next(e for e in es if e.get("disposition") == "suyuan:on_hold")
    back = next(e for e in es if e.get("disposition") == "recalled")
    assert hold["persistentDisposition"] == {"set": ["suyuan:on_hold"]} and at(lab) < at(hold) < at(back)
    packed = next(e for e in es if "outputEPCList" in e)
    descendants = set(packed["outputEPCList"]) | {packed["outputQuantityList"][0]["epcClass"]}
    grown = True
    while grown:
        more = {e["parentID"] for e in es if e["type"] == "AggregationEvent" and e["action"] == "ADD" and descendants & (set(e.get("childEPCs", [])) | {q["epcClass"] for q in e.get("childQuantityList", [])})}
        grown = not more <= descendants
        descendants |= more
    assert descendants <= set(back["epcList"]) | {q["epcClass"] for q in back["quantityList"]}
    gone = [e for e in es if e["type"] == "ObjectEvent" and e["action"] == "DELETE"]
    assert sum(q["quantity"] for e in gone for q in e["quantityList"]) + sum(len(e.get("epcList", [])) for e in gone) == 1080
    assert [e["disposition"] for e in es if step(e) == "inspecting" and at(e).month == 10] == ["conformant"]


def check_digit(digits):
    return str(-sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))) % 10)


def every_number_has_its_check_digit_and_is_nobodys():
    """GS1 keeps the prefix 952 for examples."""
    seen = set()
    for name in ["district.jsonld"] + [f"stories/{s}.jsonld" for s in STORIES]:
        for uri in uris(read(name)):
            m = re.match(ORIGIN + r"/(01|00|414|417)/(\d+)", uri)
            if m:
                seen.add(m[1])
                prefix = m[2][1:] if m[1] in ("01", "00") else m[2]     # behind the indicator or extension digit
                assert prefix.startswith("952") and m[2][-1] == check_digit(m[2][:-1]), uri
                assert len(m[2]) == {"01": 14, "00": 18, "414": 13, "417": 13}[m[1]], uri
            else:
                assert re.fullmatch(ORIGIN + r"/(org/[A-Za-z][\w.-]*|(lot|item|unit|place|season|device|staff|doc)/[A-Za-z][\w.-]*/[A-Za-z][\w.-]*)", uri), uri
    assert seen == {"01", "00", "414", "417"}


def named_things(name):
    out = {}
    for v in read(name)["epcisHeader"]["epcisMasterData"]["vocabularyList"]:
        for e in v["vocabularyElementList"]:
            out[e["id"]] = {a["id"]: a["attribute"] for a in e["attributes"]}
    return out


def every_thing_in_a_story_is_named_in_three_languages():
    for story in STORIES:
        names = named_things(f"stories/{story}.jsonld")
        for uri in set(uris(events(story))):
            if "/staff/" in uri or "/doc/" in uri:
                continue
            known = names.get(uri) or names.get(re.sub(r"/(10|21)/.*", "", uri))
            assert known and all(known.get(k) for k in ("cbvmda:name", "suyuan:nameHant", "suyuan:nameEn")), (story, uri)
            assert known["suyuan:demonstration"] == "示范数据"


def eighteen_enterprises_are_in_the_district():
    names = named_things("district.jsonld")
    assert sum("suyuan:creditCode" in a for a in names.values()) == 18
    assert all("DEMO" in a["suyuan:creditCode"] for a in names.values() if "suyuan:creditCode" in a)
    assert len(read("district.jsonld")["epcisBody"]["eventList"]) == 18


def every_photo_is_there_and_small():
    bound = {x["id"]: x for s in STORIES for e in events(s) for x in e.get("suyuan:evidence", [])}
    files = {"ni:///sha-256;" + hashlib.sha256(f.read_bytes()).hexdigest(): f for f in (HERE / "photos").glob("*.png")}
    assert set(bound) == set(files), set(bound) ^ set(files)
    for uri, x in bound.items():
        assert files[uri].stat().st_size == x["suyuan:bytes"] <= 25 * 1024


def no_worker_is_named():
    for s in STORIES:
        for e in events(s):
            assert re.fullmatch(ORIGIN + r"/staff/[a-z]+/W\d", e.get("suyuan:operator", ORIGIN + "/staff/a/W1"))


def the_front_page_links_three_things_of_the_stories():
    front = read("front.json")
    known = set(u for s in STORIES for u in uris(events(s)))
    assert len(front) == 3 and all(f["uri"] in known for f in front)
    assert all(f[k][t] for f in front for k in ("title", "note") for t in ("zh-Hans", "zh-Hant", "en"))


def things(kind):
    return {a["suyuan:thing"].split("/")[-1]: a["suyuan:detail"] for a in named_things("farm.jsonld").values() if a["suyuan:thing"].startswith(kind + "/")}


def plots_lie_beside_each_other():
    boxes = {}
    for code, body in things("place").items():
        if "outline" in body:
            ring = body["outline"]["coordinates"][0]
            assert ring[0] == ring[-1] and all(112.9 < x < 113.3 and 25.5 < y < 26 for x, y in ring), code
            boxes[code] = ring
    def inside(p, ring):
        hit = False
        for a, b in zip(ring, ring[1:]):
            hit ^= (a[1] > p[1]) != (b[1] > p[1]) and p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0]
        return hit
    def crosses(a, b, c, d):
        side = lambda p, q, r: (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])
        return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
    for x, r in boxes.items():
        for y, o in boxes.items():
            if x < y:
                assert not inside(r[0], o) and not inside(o[0], r) and not any(crosses(a, b, c, d) for a, b in zip(r, r[1:]) for c, d in zip(o, o[1:])), (x, y)
    assert len(boxes) >= 20


def acts_name_what_is_there():
    places, inputs, asks = things("place"), things("input"), read("farm-day.json")
    seasons = {a["body"]["code"] for a in asks if a["path"] == "/api/seasons"}
    acts = [x for a in asks if a["path"] == "/api/acts" for x in a["body"]]
    assert len(acts) == len({x["id"] for x in acts}) > 100
    got = collections.Counter()
    for x in acts:
        assert x.get("season", "default/Rape2027").split("/")[1] in seasons and x.get("place", "guyu-P01") in places, x
        if x["act"] in ("sow", "fertilise", "spray", "receive-input") and "product" in x:
            assert x["product"] in inputs, x
        if x["act"] == "receive-input":
            got[x["lot"]] += 1
    assert all(x["lot"] in got for x in acts if x["act"] in ("sow", "fertilise", "spray") and "lot" in x)
    assert all(b["registrationNumber"].startswith("PD示范") for b in inputs.values() if b.get("category") == "pesticide")


TESTS = [f for f in list(globals().values()) if callable(f) and getattr(f, "__module__", "") == "__main__" and f.__code__.co_argcount == 0]


def main():
    failed = 0
    print(f"1..{len(TESTS)}")
    for n, f in enumerate(TESTS, 1):
        try:
            f()
            print("ok", n, f.__name__.replace("_", " "))
        except (AssertionError, subprocess.CalledProcessError, KeyError) as e:
            failed += 1
            print("not ok", n, f.__name__.replace("_", " "), f"\n# {e!r}")
    return failed > 0


sys.exit(main())
