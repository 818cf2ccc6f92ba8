"""The write path as a client sees it: once, durably, and told so."""
import concurrent.futures
import json
import threading
import urllib.parse

from suyuan import document, event, play, run


def the_same_record_again_is_one_record(place):
    with place.server() as s:
        first = s.client.captures(document(event(1), event(2))).shows(202).json
        assert (first["captured"], first["known"], first["refused"]) == (2, 0, 0), first
        again = s.client.captures(document(event(2), event(1), event(3))).shows(202).json
        assert (again["captured"], again["known"], again["refused"]) == (1, 2, 0), again
        alone = s.client.post("/epcis/events", {"@context": document()["@context"], **event(3)}).shows(200)
        assert alone.headers["Location"], "the known record is named"


def a_record_spelled_otherwise_is_the_same_record(place):
    """Other prefix, other member order, other number spelling: one statement."""
    a = event(1, epcList=None, quantityList=[{"epcClass": "urn:epc:class:lgtin:6901234.056789.L1", "quantity": 5, "uom": "KGM"}],
              **{"suyuan:crop": "rice"})
    b = dict(reversed(list(a.items())))
    b["quantityList"] = [{"uom": "KGM", "quantity": 5.0, "epcClass": "urn:epc:class:lgtin:6901234.056789.L1"}]
    b["s:crop"] = b.pop("suyuan:crop")
    with place.server() as s:
        assert s.client.captures(document(a)).shows(202).json["captured"] == 1
        context = [document()["@context"][0], {"s": "https://w3id.org/suyuan/voc/"}]
        assert s.client.captures(document(b, context=context)).shows(202).json["known"] == 1


def many_clients_at_once_make_one_record(place):
    doc = document(*[event(n) for n in range(20)])
    with place.server() as s:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = [f.result().shows(202).json for f in [pool.submit(s.client.captures, doc) for _ in range(16)]]
        assert sum(a["captured"] for a in answers) == 20
        assert sum(a["known"] for a in answers) == 20 * 15


def another_record_under_a_known_event_id_is_refused_alone_and_kept_in_a_document(place):
    one = event(1, eventID="urn:uuid:0199a000-0000-7000-8000-000000000001")
    other = {**one, "bizStep": "shipping"}
    with place.server() as s:
        s.client.post("/epcis/events", {"@context": document()["@context"], **one}).shows(201)
        problem = s.client.post("/epcis/events", {"@context": document()["@context"], **other}).shows(409)
        assert problem.headers["Content-Type"].startswith("application/problem+json")
        kept = s.client.captures(document(other)).shows(202).json
        assert kept["captured"] == 1 and kept["findings"], kept
        both = s.client.get("/epcis/events/" + urllib.parse.quote(one["eventID"], safe="")).shows(200).json
        assert len(both["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 2


def an_error_declaration_is_a_record_of_its_own_beside_its_event(place):
    wrong = event(1, eventID="urn:uuid:0199a000-0000-7000-8000-000000000002")
    declared = {**wrong, "errorDeclaration": {"declarationTime": "2026-11-23T09:00:00Z", "reason": "incorrect_data"}}
    with place.server() as s:
        assert s.client.captures(document(wrong)).shows(202).json["captured"] == 1
        answer = s.client.captures(document(declared)).shows(202).json
        assert answer["captured"] == 1 and not answer["findings"], answer
        both = s.client.get("/epcis/events/" + wrong["eventID"]).shows(200).json
        assert len(both["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 2


def rollback_takes_nothing_and_proceed_takes_the_good(place):
    doc = document(event(1), event(2, action="GUESS"), event(3))
    with place.server() as s:
        refused = s.client.captures(doc).shows(400).json
        assert refused["errors"][0]["pointer"].startswith("/epcisBody/eventList/1"), refused
        assert s.client.captures(document(event(1))).shows(202).json["captured"] == 1, "nothing of the refused document was kept"
        taken = s.client.captures(doc, headers={"GS1-Capture-Error-Behaviour": "proceed"}).shows(202).json
        assert (taken["captured"], taken["known"], taken["refused"]) == (1, 1, 1), taken
        job = s.client.get(f"/epcis/capture/{taken['captureID']}").shows(200).json
        assert job["success"] is False and job["errors"], job


def a_server_told_to_end_finishes_what_it_took(place):
    s = place.server()
    answers, ready = [], threading.Event()

    def send():
        for n in range(40):
            try:
                answers.append((n, s.client.captures(document(event(n))).json))
            except (OSError, json.JSONDecodeError):
                return
            if n == 5:
                ready.set()
    t = threading.Thread(target=send)
    t.start()
    ready.wait(30)
    assert s.stop() == 0
    t.join(30)
    with place.server() as after:
        for n, _ in answers:
            assert after.client.captures(document(event(n))).shows(202).json["known"] == 1
    run("check", "--data", place.data)


play()
