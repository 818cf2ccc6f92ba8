"""The EPCIS 2.0 REST binding: named queries, run and subscribed to.  The single requirements are in epcis_requirements.py."""
import json
import threading
import time
import urllib.parse

from epcis_binding_query import _all_pages, _event, _id
from subscriptions import _Consumer, _until
from suyuan import CONTEXT, DEADLINE, document, play, run

CONTEXTS = [*CONTEXT, {"e": "https://e.example/ns/"}]


def _names(client, name, query, **headers):
    return client.post("/epcis/queries", {"name": name, "query": query}, headers=headers)


def _ids(answer, name):
    results = answer.shows(200).json["epcisBody"]["queryResults"]
    assert results["queryName"] == name, results
    return [e["eventID"] for e in results["resultsBody"]["eventList"]]


def a_named_query_is_made_shown_listed_and_deleted(place):
    with place.server() as s:
        query = {"EQ_bizStep": ["shipping", "receiving"], "eventType": ["ObjectEvent"]}
        assert s.client.get("/epcis/queries").shows(200).json == []
        made = _names(s.client, "出库 / out", query).shows(201)
        where = made.headers["Location"]
        assert where == "/epcis/queries/" + urllib.parse.quote("出库 / out", safe="")
        assert made.json == s.client.get(where).shows(200).json == {"name": "出库 / out", "query": query}
        assert s.client.get("/epcis/queries").json == [made.json]
        assert "queries" in s.client.get("/epcis/").json["member"]
        s.client.ask("DELETE", where).shows(204)
        s.client.ask("DELETE", where).shows(404)
        assert s.client.get(where).shows(404).json["epcisException"].endswith("NoSuchNameException")
        assert s.client.get("/epcis/queries").json == []


def a_name_is_taken_once(place):
    with place.server() as s:
        _names(s.client, "q", {"EQ_bizStep": ["packing"]}).shows(201)
        again = _names(s.client, "q", {"EQ_bizStep": ["shipping"]}).shows(409)
        assert again.json["epcisException"].endswith("DuplicateNameException"), again
        _names(s.client, "SimpleEventQuery", {}).shows(409)
        s.client.ask("DELETE", "/epcis/queries/SimpleEventQuery").shows(403)
        assert s.client.get("/epcis/queries/q").json["query"] == {"EQ_bizStep": ["packing"]}


def what_is_no_query_is_refused(place):
    with place.server() as s:
        for body in ({}, {"name": "q"}, {"query": {}}, {"name": "", "query": {}}, {"name": 7, "query": {}}, {"name": "x" * 201, "query": {}}, {"name": "a\nb", "query": {}},
                     {"name": "q", "query": []}, {"name": "q", "query": {"EQ_bizstep": ["x"]}}, {"name": "q", "query": {"EQ_e:dose": [1]}},
                     {"name": "q", "query": {"eventCountLimit": 3}}, {"name": "q", "query": {"perPage": 3, "EQ_bizStep": [{"a": 1}]}}):
            refused = s.client.post("/epcis/queries", body).shows(400)
            assert "Exception" in refused.json["epcisException"], (body, refused)
        s.client.ask("POST", "/epcis/queries", b"name=q", {"Content-Type": "text/plain"}).shows(415)
        s.client.get("/epcis/queries", Accept="text/csv").shows(406)
        assert s.client.get("/epcis/queries").json == []


def a_named_query_is_run_a_page_at_a_time(place):
    with place.server() as s:
        s.client.captures(document(*[_event(n) for n in range(30)])).shows(202)
        _names(s.client, "shipped", {"EQ_bizStep": ["shipping"], "orderBy": "eventTime", "orderDirection": "ASC"}).shows(201)
        path, told = "/epcis/queries/shipped/events?perPage=4", []
        while path:
            answer = s.client.get(path)
            told += _ids(answer, "shipped")
            link = answer.headers.get("Link", "")
            path = link and link.split("<")[1].split(">")[0]
        assert told == [_id(n) for n in range(1, 30, 3)], told
        assert _ids(s.client.get("/epcis/queries/SimpleEventQuery/events?EQ_eventID=" + _id(5)), "SimpleEventQuery") == [_id(5)]
        assert _ids(s.client.get(f"/epcis/queries/shipped/events?EQ_eventID={_id(4)}"), "shipped") == [_id(4)]
        assert _ids(s.client.get(f"/epcis/queries/shipped/events?EQ_eventID={_id(5)}"), "shipped") == []
        s.client.get("/epcis/queries/shipped/events?EQ_bizstep=x").shows(400)
        s.client.get("/epcis/queries/other/events").shows(404)
        s.client.ask("POST", "/epcis/queries/shipped/events", b"{}", {"Content-Type": "application/json"}).shows(405)


def queries_are_listed_a_page_at_a_time(place):
    with place.server() as s:
        for n in range(7):
            _names(s.client, f"q/{n}", {}).shows(201)
        path, told = "/epcis/queries?perPage=3", []
        while path:
            answer = s.client.get(path).shows(200)
            told += [q["name"] for q in answer.json]
            link = answer.headers.get("Link", "")
            path = link and link.split("<")[1].split(">")[0]
        assert told == [f"q/{n}" for n in range(7)], told


def prefixes_come_from_the_query_or_from_the_header(place):
    with place.server() as s:
        dosed = [_event(n, **{"e:dose": n, "ilmd": {"e:seed": {"e:kind": f"k{n}"}}}) for n in range(1, 4)]
        for e in dosed:
            e["action"] = "ADD"
        s.client.captures(document(*dosed, context=CONTEXTS)).shows(202)
        _names(s.client, "inside", {"@context": {"x": "https://e.example/ns/"}, "GE_x:dose": 2}).shows(201)
        _names(s.client, "beside", {"EQ_INNER_ILMD_y:kind": ["k1"]}, **{"GS1-Extensions": "y=https://e.example/ns/"}).shows(201)
        assert sorted(_ids(s.client.get("/epcis/queries/inside/events"), "inside")) == [_id(2), _id(3)]
        assert _ids(s.client.get("/epcis/queries/beside/events"), "beside") == [_id(1)]
        assert _ids(s.client.get("/epcis/events?LT_x:dose=2", **{"GS1-Extensions": "x=https://e.example/ns/"}), "SimpleEventQuery") == [_id(1)]
        assert "prefix x" in s.client.get("/epcis/events?LT_x:dose=2").shows(400).json["detail"]


def master_data_attributes_and_descendants_are_asked_for(place):
    farm, field = "urn:epc:id:sgln:4012345.00001.0", "urn:epc:id:sgln:4012345.00002.0"
    with place.server() as s:
        d = document(_event(1, readPoint={"id": field}), _event(2, readPoint={"id": farm}), _event(3))
        d["epcisHeader"] = {"epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:ReadPoint", "vocabularyElementList": [
            {"id": farm, "attributes": [{"id": "cbvmda:city", "attribute": "Shenzhen"}], "children": [field]},
            {"id": field, "attributes": [{"id": "cbvmda:city", "attribute": "Huizhou"}]}]}]}}
        s.client.captures(d).shows(202)
        for query, found in ((f"WD_readPoint={farm}", [1, 2]), (f"EQ_readPoint={farm}", [2]), ("HASATTR_readPoint=cbvmda:city", [1, 2]),
                             ("EQATTR_readPoint_cbvmda:city=Huizhou", [1]), ("EQATTR_bizLocation_cbvmda:city=Huizhou", []), ("HASATTR_readPoint=cbvmda:street", [])):
            assert sorted(_ids(s.client.get("/epcis/events?" + query), "SimpleEventQuery")) == [_id(n) for n in found], query


def a_pattern_takes_in_every_serial(place):
    with place.server() as s:
        epc = "urn:epc:id:sgtin:4012345.01112{}.{}"
        s.client.captures(document(*[_event(n, epcList=[epc.format(n % 2, n)]) for n in range(6)])).shows(202)
        for pattern, n in (("urn:epc:idpat:sgtin:4012345.011120.*", 3), ("urn:epc:idpat:sgtin:4012345.*.*", 6), ("urn:epc:idpat:sgtin:4012346.*.*", 0)):
            for match in ("MATCH_epc", "MATCH_anyEPC"):
                assert len(_ids(s.client.get(f"/epcis/events?{match}={pattern}"), "SimpleEventQuery")) == n, pattern
        assert list(_all_pages(s.client, "/epcis/events?MATCH_epc=urn:epc:idpat:sgtin:4012345.011121.*&perPage=2")) == [[_id(5), _id(3)], [_id(1)]]


def a_subscription_tells_what_its_query_finds(place):
    with _Consumer() as c, place.server("--push-allow", "127.0.0.1") as s:
        _names(s.client, "warm", {"GE_value_KEL": 299.15, "EQ_type": ["Temperature"]}).shows(201)
        where = s.client.post("/epcis/queries/warm/subscriptions", {"dest": c.url, "stream": True}).shows(201).headers["Location"]
        sensed = [_event(n, sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": n, "uom": "CEL"}]}]) for n in range(20, 32)]
        s.client.captures(document(*sensed)).shows(202)
        c.waits_until(lambda: len(c.events()) >= 6)
        assert c.events() == [_id(n) for n in range(26, 32)] and c.taken[0][1]["epcisBody"]["queryResults"]["queryName"] == "warm"
        # What does not match moves the mark on and is not looked at again; what comes later is told.
        s.client.captures(document(*sensed[:3], _event(50, sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": 80, "uom": "FAH"}]}]))).shows(202)
        c.waits_until(lambda: _id(50) in c.events())
        assert len(c.events()) == 7
        s.client.ask("DELETE", "/epcis/queries/warm").shows(204)
        s.client.get(where).shows(404)
        _names(s.client, "warm", {}).shows(201)
        assert s.client.get("/epcis/queries/warm/subscriptions").json == []
        s.client.captures(document(_event(60))).shows(202)
        _until(lambda: "suyuan_subscriptions 0" in s.client.get("/metrics").text)
        assert len(c.events()) == 7


def a_query_that_counts_takes_no_subscription(place):
    with place.server() as s:
        _names(s.client, "newest", {"orderBy": "eventTime", "eventCountLimit": 3}).shows(201)
        refused = s.client.post("/epcis/queries/newest/subscriptions", {"dest": "https://example.com/", "stream": True}).shows(400)
        assert refused.json["epcisException"].endswith("SubscribeNotPermittedException"), refused


STREAM = {"Accept": "text/event-stream"}


def _message(answer):
    """The fields of the one message that an answer bears."""
    assert answer.shows(200).headers["Content-Type"].startswith("text/event-stream") and answer.text.endswith("\n\n"), answer
    fields = dict(line.split(": ", 1) for line in answer.text.strip().split("\n"))
    events = json.loads(fields["data"])["epcisBody"]["queryResults"]["resultsBody"]["eventList"] if "data" in fields else []
    return [e["eventID"] for e in events], fields


def a_browser_is_told_of_new_events_as_they_come(place):
    with place.server() as s:
        _names(s.client, "shipped", {"EQ_bizStep": ["shipping"]}).shows(201)
        s.client.captures(document(*[_event(n) for n in range(9)])).shows(202)
        told = []
        watcher = threading.Thread(target=lambda: told.append(s.client.ask("GET", "/epcis/queries/shipped/events?stream=true", headers=STREAM)))
        watcher.start()
        _until(lambda: "suyuan_streams_waiting 1" in s.client.get("/metrics").text)
        s.client.captures(document(*[_event(n) for n in range(12, 16)])).shows(202)
        watcher.join(DEADLINE)
        ids, fields = _message(told[0])
        assert ids == [_id(13)] and int(fields["retry"]) > 0, told
        # It comes again with the place it has reached: nothing is told twice, and nothing that came meanwhile is missed.
        s.client.captures(document(_event(16), _event(17), _event(19))).shows(202)
        again = s.client.ask("GET", "/epcis/queries/shipped/events", headers={**STREAM, "Last-Event-ID": fields["id"]})
        assert _message(again)[0] == [_id(16), _id(19)], again
        since = s.client.ask("GET", "/epcis/queries/shipped/events?initialRecordTime=2020-01-01T00:00:00Z", headers=STREAM)
        assert _message(since)[0] == [_id(n) for n in (1, 4, 7, 13, 16, 19)], since
        narrowed = s.client.ask("GET", f"/epcis/queries/shipped/events?initialRecordTime=2020-01-01T00:00:00Z&EQ_eventID={_id(7)}", headers=STREAM)
        assert _message(narrowed)[0] == [_id(7)], narrowed


def a_stream_that_has_nothing_to_tell_says_where_it_is(place):
    with place.server() as s:
        s.client.captures(document(_event(1))).shows(202)
        ids, fields = _message(s.client.ask("GET", "/epcis/queries/SimpleEventQuery/events?wait=1", headers=STREAM))
        assert ids == [] and fields["id"] == "1", fields
        for path, status in (("SimpleEventQuery/events?wait=99", 400), ("SimpleEventQuery/events?orderBy=eventTime", 400), ("nobody/events", 404),
                             ("SimpleEventQuery/events?initialRecordTime=today", 400)):
            s.client.ask("GET", "/epcis/queries/" + path, headers=STREAM).shows(status)
        s.client.ask("GET", "/epcis/queries/SimpleEventQuery/events", headers={**STREAM, "Last-Event-ID": "x"}).shows(400)


def a_regulator_s_browser_is_told_of_its_district(place):
    place.init()
    run("org", "add", "bureau", "--kind", "regulator", "--data", place.data)
    for code in ("east", "west"):
        run("org", "add", code, "--district", "bureau", "--data", place.data)
    keys = {code: {"Authorization": "Bearer " + run("key", "add", "--org", code, "--scope", "capture,query", "--data", place.data).stdout.strip()}
            for code in ("bureau", "east", "west")}
    path = "/epcis/queries/SimpleEventQuery/events"

    def told(**headers):
        ids, fields = _message(s.client.ask("GET", path + "?wait=1", headers={**STREAM, **keys["bureau"], **{k.replace("_", "-"): v for k, v in headers.items()}}))
        return ids, fields["id"]
    with place.server(open_=False) as s:
        s.client.captures(document(_event(1)), headers=keys["east"]).shows(202)
        ids, at = told()
        assert ids == [], ids
        s.client.captures(document(_event(2)), headers=keys["west"]).shows(202)
        s.client.captures(document(_event(3), _event(4)), headers=keys["east"]).shows(202)
        ids, at = told(Last_Event_ID=at)
        assert ids == [_id(n) for n in (2, 3, 4)], ids
        ids, again = told(Last_Event_ID=at)
        assert ids == [] and again == at, (ids, at, again)
        s.client.captures(document(_event(5)), headers=keys["west"]).shows(202)
        assert told(Last_Event_ID=at)[0] == [_id(5)]
        for broken in (at + ".", "t", "t1.2", at + "-1", "x" + at):
            s.client.ask("GET", path, headers={**STREAM, **keys["bureau"], "Last-Event-ID": broken}).shows(400)
        # A farm that brings a regulator's place is told of its own records only.
        own, _ = _message(s.client.ask("GET", path + "?wait=1", headers={**STREAM, **keys["west"], "Last-Event-ID": "t1.2-0.3-0.4-0"}))
        assert own == [_id(2), _id(5)], own


def one_organisation_s_tabs_are_not_the_others_loss(place):
    place.init()
    keys = []
    for code in ("east", "west"):
        run("org", "add", code, "--data", place.data)
        keys.append({"Authorization": "Bearer " + run("key", "add", "--org", code, "--scope", "query", "--data", place.data).stdout.strip()})
    with place.server(open_=False) as s:
        def waits(key):
            return s.client.ask("GET", "/epcis/queries/SimpleEventQuery/events", headers={**STREAM, **key})
        tabs = [threading.Thread(target=waits, args=(keys[0],)) for _ in range(32)]
        for t in tabs:
            t.start()
        _until(lambda: "suyuan_streams_waiting 32" in s.client.get("/metrics").text)
        assert waits(keys[0]).status == 503
        tabs.append(threading.Thread(target=waits, args=(keys[1],)))
        tabs[-1].start()
        _until(lambda: "suyuan_streams_waiting 33" in s.client.get("/metrics").text)
    for t in tabs:
        t.join(DEADLINE)


def who_waits_is_answered_when_the_server_ends(place):
    told = []
    with place.server() as s:
        watcher = threading.Thread(target=lambda: told.append(s.client.ask("GET", "/epcis/queries/SimpleEventQuery/events", headers=STREAM)))
        watcher.start()
        _until(lambda: "suyuan_streams_waiting 1" in s.client.get("/metrics").text)
        begun = time.monotonic()
    assert time.monotonic() - begun < DEADLINE
    watcher.join(DEADLINE)
    assert _message(told[0])[0] == []


if __name__ == "__main__":
    play()
