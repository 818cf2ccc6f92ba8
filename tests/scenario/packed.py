"""Somebody on a slow line asks for long lists: what is text comes packed when they take it so, says the same, and no secret's length is told by it."""
import gzip
import json
import urllib.parse

from suyuan import document, event, play, run

PASSWORD = "correct horse"
MANY = 60
LOT = "http://127.0.0.1:8080/lot/default/BOX"


def _asked(s, path, coding="gzip", method="GET", **headers):
    return s.client.ask(method, path, headers={**({"Accept-Encoding": coding} if coding else {}), **headers})


def _filled(s):
    for i in range(MANY):
        s.client.ask("PUT", f"/api/places/default/P{i:03}", body=json.dumps({"name": f"{i} 号田", "type": "plot"}).encode(), headers={"Content-Type": "application/json"}).shows(201)
    s.client.captures(document(*(event(n) for n in range(1, 21)))).shows(202)


def _comes_packed_and_says_the_same(s, path, stands_still):
    plain, packed = _asked(s, path, "").shows(200), _asked(s, path).shows(200)
    assert "Content-Encoding" not in plain.headers and len(plain.body) >= 1024, (path, len(plain.body))
    assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["Content-Type"] == plain.headers["Content-Type"], (path, packed.headers.items())
    told = gzip.decompress(packed.body)
    assert (told == plain.body if stands_still else told[:40] == plain.body[:40]) and len(packed.body) < len(plain.body) / 2, path
    assert all("Accept-Encoding" in a.headers["Vary"] for a in (plain, packed)), path
    head = _asked(s, path, method="HEAD").shows(200)
    assert head.body == b"" and head.headers["Content-Encoding"] == "gzip" and (not stands_still or int(head.headers["Content-Length"]) == len(packed.body)), (path, head.headers.items())


def long_answers_travel_packed(place):
    place.init()
    with place.server() as s:
        _filled(s)
        for path in ("/api/places/default?perPage=500", "/api/places.csv", "/api/acts/kinds", "/voc/"):
            _comes_packed_and_says_the_same(s, path, True)
        for path in ("/epcis/events?perPage=20", "/metrics"):           # they say when they were told, and count
            _comes_packed_and_says_the_same(s, path, False)


def who_does_not_like_it_gets_the_bytes_as_they_are(place):
    place.init()
    with place.server() as s:
        _filled(s)
        for coding in ("identity", "gzip;q=0", "br", "gzip;q=0.1, identity"):
            answer = _asked(s, "/api/places/default?perPage=500", coding).shows(200)
            assert "Content-Encoding" not in answer.headers and answer.json["places"], coding
        assert _asked(s, "/api/places/default?perPage=500", "br;q=1, *;q=0.5").headers["Content-Encoding"] == "gzip"
        short = _asked(s, "/api/places/default?perPage=1").shows(200)
        assert "Content-Encoding" not in short.headers and "Accept-Encoding" in short.headers["Vary"]


def neither_secrets_nor_streams_nor_what_is_packed_already_are_packed(place):
    place.init()
    run("user", "add", "li", "--data", place.data, "--org", "default", "--role", "admin", input=PASSWORD + "\n")
    with place.server(open_=False) as s:
        me = {"Cookie": s.client.post("/api/session", {"name": "li", "password": PASSWORD}).shows(204).headers["Set-Cookie"].split(";")[0], "Origin": s.url}
        for n in range(20):
            made = s.client.post("/api/keys", {"org": "default", "scope": "query", "name": f"machine {n}"}, headers={**me, "Accept-Encoding": "gzip"}).shows(201)
            assert "Content-Encoding" not in made.headers
        for path in ("/api/keys", "/api/users", "/api/session", "/api/device-keys"):
            answer = _asked(s, path, **me).shows(200)
            assert "Content-Encoding" not in answer.headers and "Accept-Encoding" not in (answer.headers["Vary"] or ""), path
        assert len(_asked(s, "/api/keys", **me).body) > 1024
        done = s.client.captures(document(*(event(n) for n in range(1, 21))), headers={**me, "Accept-Encoding": "gzip"}).shows(202)
        assert "Content-Encoding" not in done.headers and len(done.body) > 1024
        stream = _asked(s, "/epcis/events", Accept="text/event-stream", **me)
        assert "Content-Encoding" not in stream.headers
        table = _asked(s, "/api/places.xlsx", **me).shows(200)
        assert "Content-Encoding" not in table.headers and table.body[:2] == b"PK"


def what_is_known_already_is_not_sent_again_packed_or_not(place):
    place.init()
    with place.server() as s:
        s.client.captures(document(*(event(n, epcList=None, quantityList=[{"epcClass": LOT, "quantity": n, "uom": "KGM"}]) for n in range(1, 4)))).shows(202)
        path = "/log/proof?item=" + urllib.parse.quote(LOT, safe="")
        told = _asked(s, path).shows(200)
        assert told.headers["ETag"].startswith('W/"') and told.headers["Content-Encoding"] == "gzip"
        for coding in ("gzip", ""):
            for known in (told.headers["ETag"], told.headers["ETag"][2:]):
                again = _asked(s, path, coding, **{"If-None-Match": known}).shows(304)
                assert again.body == b"" and again.headers["ETag"] == told.headers["ETag"] and "Accept-Encoding" in again.headers["Vary"]


if __name__ == "__main__":
    play()
