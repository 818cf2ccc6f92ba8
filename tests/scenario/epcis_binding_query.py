"""The EPCIS 2.0 REST binding: events by query, collections, pages: what needs events of its own.  The single requirements are in epcis_requirements.py."""
import re
import threading
import urllib.parse

from suyuan import document, event, play, run

STEPS = ["commissioning", "shipping", "receiving"]


def _id(n):
    return f"urn:uuid:00000000-0000-4000-8000-{n:012d}"


def _event(n, **more):
    return event(n, eventID=_id(n), bizStep=STEPS[n % 3], **more)


def _ids(answer):
    body = answer.shows(200).json
    assert body["type"] == "EPCISQueryDocument" and body["epcisBody"]["queryResults"]["queryName"] == "SimpleEventQuery", body
    return [e["eventID"] for e in body["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]


def _next(answer):
    m = re.fullmatch(r'<(.*)>; rel="next"', answer.headers.get("Link", ""))
    return m and m[1]


def _all_pages(client, path, headers=None):
    while path:
        a = client.ask("GET", path, headers=headers or {})
        yield _ids(a)
        path = _next(a)


def a_query_in_kelvin_finds_what_was_told_in_celsius(place):
    with place.server() as s:
        def warm(n, value):
            return _event(n, sensorElementList=[{"sensorReport": [{"type": "Temperature", "value": value, "uom": "CEL", "deviceID": "urn:epc:id:giai:4000001.111"}]}])
        s.client.captures(document(warm(1, 20), warm(2, 26.0), warm(3, 30), _event(4))).shows(202)
        assert sorted(_ids(s.client.get("/epcis/events?GE_value_KEL=299.15"))) == [_id(2), _id(3)]
        assert _ids(s.client.get("/epcis/events?LT_value_FAH=78.8&EQ_type=Temperature")) == [_id(1)]
        assert len(_ids(s.client.get("/epcis/events?EQ_deviceID=https://id.gs1.org/8004/4000001111"))) == 3
        assert _ids(s.client.get("/epcis/events?GE_value_KGM=1")) == []


def an_unknown_parameter_is_named_in_a_problem(place):
    with place.server() as s:
        for query in ("EQ_bizstep=shipping", "nonsense=1", "GE_eventTime=yesterday", "orderBy=colour", "perPage=0", "eventCountLimit=3",
                      "nextPageToken=AAAA", "maxEventCount=-1"):
            p = s.client.get("/epcis/events?" + query).shows(400).json
            assert p["epcisException"].endswith("QueryParameterException"), p
            assert query.split("=")[0] in p["detail"], p


def pages_tell_each_event_once_while_others_arrive(place):
    with place.server() as s:
        s.client.captures(document(*[_event(n) for n in range(100)])).shows(202)
        told, later = [], iter(range(1000, 2000))
        for page in _all_pages(s.client, "/epcis/events?perPage=7"):
            told += page
            s.client.captures(document(_event(next(later)))).shows(202)
        assert sorted(told) == sorted(_id(n) for n in range(100)), len(told)


def pages_follow_the_order_asked_for(place):
    with place.server() as s:
        s.client.captures(document(*[_event(n) for n in (5, 1, 9, 3, 7)])).shows(202)
        for direction, want in (("ASC", [1, 3, 5, 7, 9]), ("DESC", [9, 7, 5, 3, 1])):
            told = sum(_all_pages(s.client, f"/epcis/events?orderBy=eventTime&orderDirection={direction}&perPage=2"), [])
            assert told == [_id(n) for n in want], told
        assert len(sum(_all_pages(s.client, "/epcis/events?orderBy=eventTime&eventCountLimit=3&perPage=2"), [])) == 3
        assert s.client.get("/epcis/events?maxEventCount=4").shows(413).json["epcisException"].endswith("QueryTooLargeException")
        assert len(_ids(s.client.get("/epcis/events?maxEventCount=5"))) == 5


def a_token_is_bound_to_query_and_caller(place):
    place.init()
    for code in ("east", "west"):
        run("org", "add", code, "--data", place.data, "--name", code)
    keys = [{"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", code, "--scope", "capture,query").stdout.strip()}
            for code in ("east", "east", "west")]
    with place.server(open_=False) as s:
        s.client.captures(document(*[_event(n) for n in range(5)]), headers=keys[0]).shows(202)
        first = s.client.ask("GET", "/epcis/events?perPage=2", headers=keys[0])
        assert len(_ids(first)) == 2 and first.headers["GS1-Next-Page-Token-Expires"]
        path = _next(first)
        s.client.ask("GET", path, headers=keys[0]).shows(200)
        s.client.ask("GET", path, headers=keys[1]).shows(400)
        s.client.ask("GET", path, headers=keys[2]).shows(400)
        s.client.ask("GET", path + "&EQ_bizStep=shipping", headers=keys[0]).shows(400)
        s.client.ask("GET", path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1], headers=keys[0]).shows(400)
        assert _ids(s.client.ask("GET", "/epcis/events", headers=keys[2])) == []


def collections_list_the_values_seen_and_their_events(place):
    with place.server() as s:
        s.client.captures(document(*[_event(n) for n in range(9)])).shows(202)
        assert sorted(s.client.get("/epcis/bizSteps").shows(200).json["member"]) == sorted(STEPS)
        first = s.client.get("/epcis/bizSteps?perPage=2").shows(200)
        assert len(first.json["member"]) == 2 and len(s.client.get(_next(first)).shows(200).json["member"]) == 1
        assert s.client.get("/epcis/bizSteps/shipping").shows(200).json["member"] == ["events"]
        assert sorted(_ids(s.client.get("/epcis/bizSteps/shipping/events"))) == [_id(n) for n in (1, 4, 7)]
        assert _ids(s.client.get("/epcis/bizSteps/shipping/events?EQ_bizStep=receiving")) == []
        assert len(_ids(s.client.get("/epcis/eventTypes/ObjectEvent/events"))) == 9
        epcs = s.client.get("/epcis/epcs").shows(200).json["member"]
        assert epcs, epcs
        one = urllib.parse.quote(epcs[0], safe="")
        assert _ids(s.client.get(f"/epcis/epcs/{one}/events"))
        s.client.get("/epcis/epcs/%zz/events").shows(404)


def readers_and_writers_at_once_see_whole_events(place):
    with place.server() as s:
        stop, faults = threading.Event(), []

        def write():
            try:
                for n in range(60):
                    s.client.captures(document(_event(n))).shows(202)
            finally:
                stop.set()

        t = threading.Thread(target=write)
        t.start()
        while not stop.is_set():
            told = sum(_all_pages(s.client, "/epcis/events?perPage=9"), [])
            if len(told) != len(set(told)):
                faults.append(told)
        t.join()
        assert not faults, faults[0]
        assert len(sum(_all_pages(s.client, "/epcis/events?perPage=9"), [])) == 60


def identifiers_are_spelt_as_the_asker_wishes(place):
    urn, link = "urn:epc:id:sgtin:4012345.011122.25", "https://id.gs1.org/01/04012345111224/21/25"
    with place.server() as s:
        s.client.captures(document(_event(1, epcList=[urn], **{"suyuan:note": urn}), _event(2, epcList=[link]))).shows(202)
        for path in ("/epcis/events?orderBy=eventTime&orderDirection=ASC", "/epcis/queries/SimpleEventQuery/events?orderBy=eventTime&orderDirection=ASC",
                     "/epcis/bizSteps/shipping/events", f"/epcis/events/{_id(1)}"):
            for asked, said, spelt in ((None, "Always_GS1_Digital_Link", link), ("Always_GS1_Digital_Link", "Always_GS1_Digital_Link", link),
                                       ("Always_EPC_URN", "Always_EPC_URN", urn), ("Never_Translates", "Never_Translates", None), ("No_Preference", "Never_Translates", None)):
                answer = s.client.ask("GET", path, headers={"GS1-EPC-Format": asked} if asked else {}).shows(200)
                assert answer.headers["GS1-EPC-Format"] == said
                events = answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
                assert [e["epcList"][0] for e in events] == [spelt or (urn, link)[i] for i, e in enumerate(events)], answer
                assert events[0]["suyuan:note"] == urn
        assert link in s.client.get("/epcis/epcs").json["member"] and urn in s.client.get("/epcis/epcs", **{"GS1-EPC-Format": "Always_EPC_URN"}).json["member"]
        s.client.get("/epcis/events", **{"GS1-EPC-Format": "As_I_Like"}).shows(406)


if __name__ == "__main__":
    play()
