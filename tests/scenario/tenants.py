"""Several organisations in one installation: who is named in a record gets a copy, and nobody speaks for another's goods."""
import contextlib
import sqlite3

from suyuan import document, event, play, run, shared

BUYER, HERE = 2, "http://127.0.0.1:8080"


def _two(place):
    """The default organisation sells; `buyer` is registered beside it, also under a party number."""
    place.init()
    _sql(place, "INSERT INTO org (id, code, name, secret, created_us) VALUES (2, 'buyer', 'buyer', randomblob(32), 0)")
    _sql(place, "INSERT INTO org_party (org, canonical) VALUES (2, 'https://id.gs1.org/417/6901234000016')")
    return place


def _sql(place, text):
    with contextlib.closing(sqlite3.connect(place.data / "suyuan.db", timeout=30)) as db, db:
        return db.execute(text).fetchall()


def _log(place, org):
    return _sql(place, f"SELECT e.event_id, e.door, t.text FROM event e JOIN term t ON t.key = (e.org << 40) | e.actor WHERE e.org = {org} ORDER BY e.seq")


def _shipment(n, **to):
    return event(n, eventID=f"urn:uuid:00000000-0000-4000-8000-{n:012d}", bizStep="shipping", epcList=[f"{HERE}/unit/seller/U{n}"], **to)


PARTIES = {
    "destination": {"destinationList": [{"type": "owning_party", "destination": f"{HERE}/org/buyer"}]},
    "source": {"sourceList": [{"type": "possessing_party", "source": "urn:epc:id:pgln:6901234.00001"}]},
    "place": {"destinationList": [{"type": "location", "destination": f"{HERE}/place/buyer/Gate"}]},
    "place of the number": {"destinationList": [{"type": "location", "destination": "urn:epc:id:sgln:6901234.00001.7"}]},
    "recipient": {"suyuan:recipient": f"{HERE}/org/buyer"},
    "owner": {"suyuan:owner": {"id": "https://id.gs1.org/417/6901234000016"}},
}


def whoever_is_named_as_source_destination_owner_or_recipient_gets_a_copy(place):
    with _two(place).server() as s:
        for n, (how, members) in enumerate(PARTIES.items(), 1):
            s.client.captures(document(_shipment(n, **members))).shows(202)
            assert len(_log(place, BUYER)) == n, how
        assert {(door, actor) for _, door, actor in _log(place, BUYER)} == {(6, "org:default")}
        assert [i for i, _, _ in _log(place, BUYER)] == [i for i, _, _ in _log(place, 1)]


def whoever_is_not_named_gets_nothing(place):
    with _two(place).server() as s:
        s.client.captures(document(_shipment(1), _shipment(2, destinationList=[{"type": "owning_party", "destination": f"{HERE}/org/another"}]),
                                   _shipment(3, readPoint={"id": f"{HERE}/place/buyer/Field"}, bizLocation={"id": f"{HERE}/place/buyer/Field"}))).shows(202)
        assert _log(place, BUYER) == [] and len(_log(place, 1)) == 3


def a_record_sent_again_is_copied_once_also_after_a_crash(place):
    s = _two(place).server()
    s.client.captures(document(_shipment(1, **PARTIES["destination"]))).shows(202)
    s.kill()
    with place.server() as s:
        for _ in range(3):
            s.client.captures(document(_shipment(1, **PARTIES["destination"]), _shipment(1, **PARTIES["destination"]))).shows(202)
        assert len(_log(place, BUYER)) == 1
    assert run("check", "--data", place.data)
    run("rebuild", "--data", place.data)
    run("check", "--data", place.data)
    assert len(_log(place, BUYER)) == 1


def a_rolled_back_document_leaves_no_copy(place):
    with _two(place).server() as s:
        bad = {**_shipment(2), "eventTime": "nonsense"}
        s.client.captures(document(_shipment(1, **PARTIES["destination"]), bad), headers={"GS1-Capture-Error-Behaviour": "rollback"})
        assert len(_log(place, BUYER)) == len(_log(place, 1))


def check_notices_a_copy_that_is_not_its_original(place):
    with _two(place).server() as s:
        s.client.captures(document(_shipment(1, **PARTIES["destination"]), _shipment(2))).shows(202)
    run("check", "--data", place.data)
    _sql(place, "UPDATE received SET from_seq = 2")
    assert "received" in run("check", "--data", place.data, code=1).stdout


def what_was_recorded_before_a_party_was_registered_is_shared_then(place):
    place.init()
    with place.server() as s:
        s.client.captures(document(*[_shipment(n, **PARTIES["destination"]) for n in range(1, 6)])).shows(202)
    with _two_later(place).server() as s:
        assert _log(place, BUYER) == []
        assert shared(s, "buyer")["copies"] == 5
        assert len(_log(place, BUYER)) == 5
        assert shared(s, "buyer")["copies"] == 0
        assert len(_log(place, BUYER)) == 5
        s.client.post("/api/share?org=nobody", "").shows(404)
    run("check", "--data", place.data)


def whoever_registers_is_shown_at_once_what_named_them_before(place):
    place.init()
    with place.server() as s:
        s.client.captures(document(*[_shipment(n, **PARTIES["destination"]) for n in range(1, 6)])).shows(202)
        run("org", "add", "buyer", "--data", place.data)
        assert len(_log(place, BUYER)) == 5
        mine, later = "urn:epc:id:pgln:6901234.00077", "urn:epc:id:pgln:6901234.00088"
        for n, party in ((6, mine), (7, mine), (8, later)):
            s.client.captures(document(_shipment(n, destinationList=[{"type": "owning_party", "destination": party}]))).shows(202)
        assert len(_log(place, BUYER)) == 5
        s.client.post("/api/orgs/buyer", {"parties": [mine]}).shows(204)
        assert len(_log(place, BUYER)) == 7
    run("org", "set", "buyer", "--data", place.data, "--party", later)          # also without a server
    assert len(_log(place, BUYER)) == 8
    run("check", "--data", place.data)


def _two_later(place):
    _sql(place, "INSERT INTO org (id, code, name, secret, created_us) VALUES (2, 'buyer', 'buyer', randomblob(32), 0)")
    return place


def what_one_says_of_anothers_lot_is_not_on_its_page(place):
    with _two(place).server() as s:
        s.client.captures(document(event(1, epcList=None, quantityList=[{"epcClass": f"{HERE}/lot/buyer/L1"}], disposition="recalled"))).shows(202)
        s.client.get("/lot/buyer/L1").shows(404)
        s.client.captures(document(event(2, epcList=None, quantityList=[{"epcClass": f"{HERE}/lot/seller/L1"}], disposition="recalled"))).shows(202)
        assert "recalled" in s.client.get("/lot/seller/L1?form=data").shows(200).text



def what_an_organisation_does_not_publish_has_no_page(place):
    with _two(place).server() as s:
        lot = f"{HERE}/lot/seller/L1"
        s.client.captures(document(event(1, epcList=None, quantityList=[{"epcClass": lot}], bizStep="packing"))).shows(202)
        s.client.get("/lot/seller/L1").shows(200)
        s.client.post("/api/links", {"item": lot, "linkType": "gs1:pip", "href": "https://seller.example/", "title": "seller"}).shows(201)
        assert "seller.example" in s.client.get("/lot/seller/L1?linkType=linkset").shows(200).text
        code = next(o["code"] for o in s.client.get("/api/orgs").json["orgs"] if o["code"] != "buyer")
        s.client.post(f"/api/orgs/{code}", {"published": False}).shows(204)
        s.client.get("/lot/seller/L1").shows(404)
        s.client.get("/lot/seller/L1?form=data").shows(404)
        assert "seller.example" not in s.client.get("/lot/seller/L1?linkType=linkset").text
        assert len(s.client.get(f"/epcis/events?MATCH_anyEPCClass={lot}").json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 1
        s.client.post(f"/api/orgs/{code}", {"published": True}).shows(204)
        s.client.get("/lot/seller/L1").shows(200)


def nor_has_one_that_is_alone(place):
    with place.server() as s:
        s.client.captures(document(event(1, epcList=None, quantityList=[{"epcClass": f"{HERE}/lot/seller/L1"}], bizStep="packing"))).shows(202)
        s.client.get("/lot/seller/L1").shows(200)
        code = s.client.get("/api/orgs").json["orgs"][0]["code"]
        s.client.post(f"/api/orgs/{code}", {"published": False}).shows(204)
        s.client.get("/lot/seller/L1").shows(404)


play()
