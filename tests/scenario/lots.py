"""Rules watch over lots from harvest to the lorry: what a farmer writes on the phone and what a partner's machine captures count alike, in whatever order they arrive."""
import contextlib
import json
import time
import uuid

from suyuan import DEADLINE, document, play, run

PASSWORD = "correct horse"
HERE = "http://127.0.0.1:8080"


@contextlib.contextmanager
def _farm(place):
    """The farmer, signed in as `s.me`, with a field and a season; `s.machine` is a partner's, which has a key."""
    new = not place.data.exists()
    if new:
        place.init()
        run("org", "add", "guyu", "--data", place.data)
        run("user", "add", "farmer", "--data", place.data, "--org", "guyu", "--role", "manager", input=PASSWORD + "\n")
        place.machine = {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", "guyu", "--scope", "capture").stdout.strip()}
    with place.server(open_=False) as s:
        answer = s.client.post("/api/session", {"name": "farmer", "password": PASSWORD}).shows(204)
        s.me, s.machine = {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "Origin": s.url}, place.machine
        if new:
            _begin(s)
        yield s


def _begin(s):
    for path, value in (("places/guyu/P01", {"name": "一号田", "type": "plot", "areaMu": 2}), ("products/guyu/RICE", {"name": "大米"}), ("crops/guyu/RICE", {"name": "水稻", "yieldKgMu": 800}),
                        ("inputs/guyu/SEVEN", {"name": "七天悬浮剂", "category": "pesticide", "intervalDays": 7})):
        s.client.ask("PUT", "/api/" + path, body=json.dumps(value).encode(), headers={"Content-Type": "application/json", **s.me}).shows(201)
    s.client.post("/api/seasons", {"org": "guyu", "code": "Rice", "plot": "P01", "crop": "RICE"}, headers=s.me).shows(201)


def _act(s, act, at, **fields):
    return s.client.post("/api/acts", {"act": act, "at": at, "org": "guyu", "id": str(uuid.uuid4()), **fields}, headers=s.me).shows(201).json


def _harvest(s, at, quantity, lot="H1", **fields):
    return _act(s, "harvest", at, season="guyu/Rice", quantity=quantity, uom="kg", lot=lot, **fields)


def _mill(s, at, quantity, out, lot="H1", made="M1", uom="kg"):
    return _act(s, "mill", at, inputs=[{"lot": lot, "quantity": quantity, "uom": uom}], outputs=[{"lot": made, "product": "RICE", "quantity": out, "uom": "kg"}])


def _event(step, at, lot, quantity=None, action="OBSERVE", **members):
    """What a partner's machine says, which knows nothing of our forms."""
    q = {"epcClass": f"{HERE}/lot/guyu/{lot}", **({} if quantity is None else {"quantity": quantity, "uom": "KGM"})}
    return {"type": "ObjectEvent", "eventID": f"urn:uuid:{uuid.uuid4()}", "eventTime": at, "eventTimeZoneOffset": "+08:00", "action": action, "bizStep": step, "quantityList": [q], **members}


def _capture(s, *events):
    done = s.client.captures(document(*events), headers=s.machine).shows(202).json
    assert done["captured"] == len(events), done
    return [e["eventID"] for e in events]


def _alarms(s, state="open"):
    return s.client.ask("GET", f"/api/alarms?org=guyu&state={state}", headers=s.me).shows(200).json["alarms"]


def _told(s, state="open"):
    return sorted((a["rule"], a["key"].split(":")[-1], a["subject"].split("/")[-1], a["severity"]) for a in _alarms(s, state))


def _becomes(s, want):
    end = time.monotonic() + DEADLINE
    while (told := _told(s)) != want:
        assert time.monotonic() < end, (told, want)
        time.sleep(0.05)


def more_comes_out_than_went_in_and_the_answer_says_so(place):
    with _farm(place) as s:
        assert _harvest(s, "2026-07-01T08:00:00+08:00", 100)["findings"] == []
        milled = _mill(s, "2026-07-02T08:00:00+08:00", 120, 80, uom="斤")        # 60 kg of paddy give 80 kg of rice
        assert [(f["rule"], f["severity"]) for f in milled["findings"]] == [("balance", "blocks")], milled
        act = _mill(s, "2026-07-03T08:00:00+08:00", 50, 35, made="M2")
        assert [(f["rule"], f["severity"]) for f in act["findings"]] == [("balance", "blocks")], act    # 110 of 100
        assert _told(s) == [("balance", "act", "M1", "blocks"), ("balance", "more", "H1", "blocks")], _alarms(s)
        alarm = [a for a in _alarms(s) if a["key"].endswith(":more")][0]
        assert alarm["eventID"] == act["eventID"] and "season" not in alarm, alarm
        assert all(act["eventID"] in alarm["words"][lang] for lang in ("zh-Hans", "zh-Hant", "en")), alarm
        assert "110 kg" in alarm["words"]["en"] and "100 kg" in alarm["words"]["en"], alarm
        assert s.client.get("/epcis/events/" + alarm["eventID"].replace(":", "%3A"), **s.me).shows(200)


def a_late_harvest_closes_what_was_found_before_it_arrived(place):
    with _farm(place) as s:
        _mill(s, "2026-07-03T08:00:00+08:00", 50, 35)                                   # the field has no signal yet
        assert _told(s) == [("balance", "origin", "H1", "informs")], _alarms(s)
        _harvest(s, "2026-07-01T08:00:00+08:00", 40)                                    # the first half of it
        assert _told(s) == [("balance", "more", "H1", "blocks")], _alarms(s)
        _harvest(s, "2026-07-02T08:00:00+08:00", 20)
        assert _told(s) == [], _alarms(s)
        assert _told(s, "closed") == [("balance", "more", "H1", "blocks"), ("balance", "origin", "H1", "informs")]
        assert {a["closedBy"] for a in _alarms(s, "closed")} == {"rule"}
        late = _capture(s, _event("shipping", "2026-06-30T08:00:00+08:00", "H1", 1))   # before it grew
        assert _told(s) == [("order-of-time", "before-made", "H1", "warns")] and _alarms(s)[0]["eventID"] == late[0], _alarms(s)
        wrong = _event("shipping", "2026-06-30T08:00:00+08:00", "H1", 1, eventID=late[0], errorDeclaration={"declarationTime": "2026-07-09T08:00:00+08:00", "reason": "incorrect_data"})
        _capture(s, wrong)
        assert _told(s) == [], _alarms(s)
    run("rebuild", "--data", place.data)                # alarms are a view: the same comes out
    with _farm(place) as s:
        assert _told(s) == [], _alarms(s)


def a_partners_capture_counts_as_an_act(place):
    with _farm(place) as s:
        _harvest(s, "2026-07-01T08:00:00+08:00", 100)
        ids = _capture(s, _event("shipping", "2026-07-02T08:00:00+08:00", "H1", 60), _event("shipping", "2026-07-03T08:00:00+08:00", "H1", 60),
                       _event("storing", "2026-07-04T08:00:00+08:00", "H1"))
        _becomes(s, [("balance", "more", "H1", "blocks")])
        assert _alarms(s)[0]["eventID"] == ids[1], (_alarms(s), ids)
        _capture(s, _event("receiving", "2026-07-02T20:00:00+08:00", "H1", 20))        # a part of it came back
        _becomes(s, [])
        cooked = {"type": "TransformationEvent", "eventID": f"urn:uuid:{uuid.uuid4()}", "eventTime": "2026-07-04T08:00:00+08:00", "eventTimeZoneOffset": "+08:00", "bizStep": "suyuan:cooking",
                  "inputQuantityList": [{"epcClass": f"{HERE}/lot/guyu/C1", "quantity": 10, "uom": "KGM"}], "outputQuantityList": [{"epcClass": f"{HERE}/lot/guyu/C2", "quantity": 11, "uom": "KGM"}]}
        _capture(s, cooked)
        _becomes(s, [("balance", "act", "C2", "warns"), ("balance", "origin", "C1", "informs")])        # water may have gone in
        assert {a["eventID"] for a in _alarms(s)} == {cooked["eventID"]}


def what_was_destroyed_or_recalled_moves_no_more(place):
    with _farm(place) as s:
        for lot in ("D", "R"):
            _harvest(s, "2026-07-01T08:00:00+08:00", 100, lot=lot)
        _capture(s, _event("destroying", "2026-07-02T08:00:00+08:00", "D", 100, action="DELETE"))
        _capture(s, _event("holding", "2026-07-02T08:00:00+08:00", "R", disposition="recalled"))
        assert _told(s) == [], _alarms(s)
        shipped = _capture(s, _event("shipping", "2026-07-03T08:00:00+08:00", "D", 10), _event("shipping", "2026-07-03T08:00:00+08:00", "R", 10),
                           _event("shipping", "2026-07-03T09:00:00+08:00", "R", 10, disposition="returned"))
        assert _told(s) == [("order-of-time", "after-destroyed", "D", "blocks"), ("order-of-time", "after-recalled", "R", "blocks")], _alarms(s)
        assert {a["eventID"] for a in _alarms(s)} == set(shipped[:2])
        milled = _mill(s, "2026-07-04T08:00:00+08:00", 10, 7, lot="R")
        assert [f["key"].split(":")[-1] for f in milled["findings"]] == ["after-recalled"], milled
        _capture(s, _event("holding", "2026-07-02T12:00:00+08:00", "R", persistentDisposition={"unset": ["recalled"]}))        # it was lifted; nobody had written it down
        assert _told(s) == [("order-of-time", "after-destroyed", "D", "blocks")], _alarms(s)
        path = f"/api/alarms/{_alarms(s)[0]['id']}/decisions?org=guyu"
        s.client.post(path, {"close": True, "reason": "盘点核实：销毁记录写错了批次"}, headers=s.me).shows(204)
        _capture(s, _event("storing", "2026-07-05T08:00:00+08:00", "D"))               # judged anew, and still decided
        assert _told(s) == [], _alarms(s)


def a_season_bears_no_more_than_its_area(place):
    with _farm(place) as s:
        act = _harvest(s, "2026-07-01T08:00:00+08:00", 1601)            # 2 mu of 800 kg
        assert [(f["rule"], f["key"]) for f in act["findings"]] == [("balance", "yield")], act
        alarm = _alarms(s)[0]
        assert alarm["season"] == "guyu/Rice" and alarm["eventID"] == act["eventID"], alarm


def a_lot_that_is_named_again_and_again_is_said_not_to_be_judged(place):
    with _farm(place) as s:
        _harvest(s, "2026-07-01T08:00:00+08:00", 1)
        _capture(s, *[_event("storing", f"2026-07-{2 + n // 24:02d}T{n % 24:02d}:00:00+08:00", "H1") for n in range(498)], _event("shipping", "2026-07-30T08:00:00+08:00", "H1", 9))
        _becomes(s, [("balance", "more", "H1", "blocks")])              # 500 records
        _capture(s, _event("storing", "2026-07-31T08:00:00+08:00", "H1"))
        _becomes(s, [("balance", "too-many", "H1", "informs")])
        assert "eventID" not in _alarms(s)[0], _alarms(s)


play()
