"""Lot seals: one for each shipment whatever happens to the server; each organisation's over its own records alone; a partner's copy is sealed by nobody."""
import time
import urllib.parse

import playedlog
from suyuan import DEADLINE, document, event, play, run

HERE = "http://127.0.0.1:8080"


def _lot(org, name):
    return f"/lot/{org}/{name}"


def _way(first, org, name, **to):
    """Made, looked at, shipped: three records about one lot."""
    of = [f"{HERE}{_lot(org, name)}"]
    return [event(first, bizStep="commissioning", action="ADD", epcList=of), event(first + 1, bizStep="inspecting", epcList=of),
            event(first + 2, bizStep="shipping", epcList=of, **to)]


def _seals(client, item, headers=None):
    """Of a thing, as its file of proof tells them: [(organisation, through, count, commitments)]."""
    a = client.ask("GET", "/log/proof?item=" + urllib.parse.quote(item, safe=""), headers=headers)
    if a.status != 200:
        return []
    found = []
    for r in a.json["records"]:
        if r["type"] == 5:
            _, _, org, _, subject, detail = r["statement"].rstrip("\n").split("\n")
            assert subject == item, (subject, item)
            through, count, _ = detail.split(" ")
            found.append((org, int(through), int(count), len(r["commitments"])))
    return sorted(found)


def _leaves(client):
    """How many lot seals the signed log has: leaves of type 5 among its entries (44 bytes each, all in one bundle here)."""
    size = playedlog.size_of(client.get("/log/checkpoint").shows(200).text)
    assert 0 < size < 256, size
    entries = client.get(f"/log/tile/entries/000.p/{size}").shows(200).body
    assert len(entries) == 44 * size, (len(entries), size)
    return sum(entries[at + 3] == 5 for at in range(0, len(entries), 44))


def _until(what):
    end = time.monotonic() + DEADLINE
    while not (got := what()):
        assert time.monotonic() < end, "did not come about"
        time.sleep(0.05)
    return got


def _settled(s, first, marker, **headers):
    """Shipments are sealed in their order: when a later one has its seal, those before have all that they will ever get."""
    s.client.captures(document(*_way(first, *marker)), **headers).shows(202)
    return _until(lambda: _seals(s.client, _lot(*marker)))


def a_server_that_was_killed_seals_what_it_had_not_and_nothing_twice(place):
    s = place.server()
    s.client.captures(document(*_way(1, "default", "A1"))).shows(202)
    s.kill()
    with place.server() as s:
        assert _until(lambda: _seals(s.client, _lot("default", "A1"))) == [("/org/default", 3, 3, 3)]
    for n in (1, 2):
        with place.server() as s:
            _settled(s, 500 + 10 * n, ("default", f"M{n}"))
            assert _seals(s.client, _lot("default", "A1")) == [("/org/default", 3, 3, 3)], n
            assert _leaves(s.client) == 1 + n, "a seal was made twice"
    with place.server() as s:
        s.client.captures(document(event(90, bizStep="shipping", epcList=[HERE + _lot("default", "A1")]))).shows(202)
        assert _until(lambda: _seals(s.client, _lot("default", "A1")) == [("/org/default", 10, 4, 4)]), "a file of proof has the newest seal"
        assert _leaves(s.client) == 4
    run("check", "--data", place.data)


def the_seals_of_a_dozen_parts_are_the_same_the_second_time_when_their_lists_are_remembered(place):
    parts = [f"{HERE}{_lot('default', f'P{n}')}" for n in range(12)]
    made = [event(n, bizStep="commissioning", action="ADD", epcList=[parts[n]]) for n in range(12)]
    shipped = [event(100 + n, bizStep="shipping", epcList=[parts[n]]) for n in range(12)]
    packed = event(200, bizStep="packing", action="ADD", epcList=None, parentID=f"{HERE}{_lot('default', 'BOX')}", childEPCs=parts, type="AggregationEvent")
    with place.server() as s:
        s.client.captures(document(*made, *shipped, packed)).shows(202)
        ask = lambda: s.client.ask("GET", "/log/proof?item=" + urllib.parse.quote(_lot("default", "BOX"), safe=""))
        seals = lambda a: a.status == 200 and [r for r in a.json["records"] if r["type"] == 5]
        first, second = _until(lambda: (a := ask()) and len(seals(a) or ()) == 12 and a), ask()
    with place.server() as s:
        third = ask()
    for a in (second, third):
        assert seals(a) == seals(first), "a list in memory is another than the one that is made anew"
    assert all(len(r["commitments"]) == 2 for r in seals(first)), seals(first)
    run("verify", place.file("box.json", third.text), "--policy", place.file("policy", f"log {run('log', 'key', '--data', place.data).stdout.strip()}\nquorum none\n"))


def _key(place, org):
    return {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", org, "--scope", "capture,query", "--name", org).stdout.strip()}


def organisations_seal_their_own_records_and_a_partners_copy_is_not_one_of_them(place):
    place.init()
    for code in ("farm", "shop"):
        run("org", "add", code, "--data", place.data, "--name", code)
    farm, shop = _key(place, "farm"), _key(place, "shop")
    to_shop = {"destinationList": [{"type": "owning_party", "destination": f"{HERE}/org/shop"}]}
    with place.server(open_=False) as s:
        s.client.captures(document(*_way(1, "farm", "F1", **to_shop)), headers=farm).shows(202)
        s.client.captures(document(*_way(11, "shop", "S1")), headers=shop).shows(202)
        _until(lambda: _seals(s.client, _lot("farm", "F1")) and _seals(s.client, _lot("shop", "S1")))
        _settled(s, 500, ("shop", "M1"), headers=shop)
        assert _seals(s.client, _lot("farm", "F1")) == [("/org/farm", 3, 3, 3)], "the shop has a copy of the shipment, and nothing to seal"
        copy_and_own = _seals(s.client, _lot("shop", "S1"))
        assert copy_and_own == [("/org/shop", 4, 3, 3)], copy_and_own         # number 1 is the copy
        of = [HERE + _lot("farm", "F1")]
        s.client.captures(document(event(21, bizStep="receiving", epcList=of), event(22, bizStep="shipping", epcList=of)), headers=shop).shows(202)
        both = _until(lambda: (x := _seals(s.client, _lot("farm", "F1"), shop)) and len(x) == 2 and x)
        assert both == [("/org/farm", 3, 3, 3), ("/org/shop", 9, 2, 2)], both
    run("check", "--data", place.data)


play()
