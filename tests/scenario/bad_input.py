"""Whatever comes in, the answer is a clear problem, nothing is stored and the server stands."""
import gzip
import json

from suyuan import document, event, play


def _problem(answer, status):
    answer.shows(status)
    assert answer.headers["Content-Type"].startswith("application/problem+json"), answer.headers["Content-Type"]
    p = answer.json
    assert p["status"] == status and p["type"] and p["title"], p
    return p


def _unmoved(s, stored=0):
    s.client.get("/healthz").shows(200)
    assert f"\nsuyuan_events_captured_total {stored}\n" in "\n" + s.client.get("/metrics").shows(200).text


def another_media_type_is_415(place):
    with place.server() as s:
        for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", ""):
            _problem(s.client.post("/epcis/capture", document(event(1)), headers={"Content-Type": kind}), 415)
        _problem(s.client.captures(gzip.compress(json.dumps(document(event(1))).encode()), headers={"Content-Encoding": "gzip"}), 415)
        _unmoved(s)


def broken_json_is_400_with_line_and_column(place):
    with place.server() as s:
        p = _problem(s.client.captures('{\n  "type": "EPCISDocument",\n  "oops" 1\n}'), 400)
        assert (p["line"], p["column"]) == (3, 10), p
        _unmoved(s)


def what_json_allows_but_nobody_means_is_refused(place):
    good = json.dumps(document(event(1)))
    bad = {
        "too deep": '{"a":' * 5000 + "1" + "}" * 5000,
        "wrong UTF-8": good.encode().replace(b"inspecting", b"insp\xff\xfecting"),
        "overlong UTF-8": good.encode().replace(b"inspecting", b"\xc0\xafcting"),
        "duplicate keys": good.replace('"action":', '"action": "ADD", "action":'),
        "a huge number": good.replace('"action":', '"suyuan:x": 1' + "0" * 4000 + ', "action":'),
        "a number beyond every float": good.replace('"action":', '"suyuan:x": 1e999, "action":'),
        "a lone surrogate": good.replace('"inspecting"', '"\\ud800"'),
        "a NUL": good.replace('"inspecting"', '"a\\u0000b"'),
        "more than one value": good + "{}",
        "nothing": "",
        "no document": "[]",
        "a number": "17",
    }
    with place.server() as s:
        for what, body in bad.items():
            p = _problem(s.client.captures(body), 400)
            assert p["detail"], what
        _unmoved(s)


def a_body_over_the_limit_is_413(place):
    with place.server() as s:
        _problem(s.client.captures(b"{" + b" " * (16 * 1024 * 1024) + b"}"), 413)
        head = b"POST /epcis/capture HTTP/1.1\r\nHost: " + f"{s.client.host}:{s.client.port}".encode() + b"\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n"
        assert b" 413 " in s.client.raw(head, shut=True)[:40]
        _unmoved(s)


def a_document_with_too_many_events_is_413(place):
    with place.server() as s:
        _problem(s.client.captures(document(*[event(n) for n in range(10001)])), 413)
        _unmoved(s)


def a_wrong_check_digit_in_an_address_says_which(place):
    with place.server() as s:
        p = _problem(s.client.get("/01/06901234567893/10/A1", Accept="application/json"), 400)
        assert "14" in p["detail"], p
        page = s.client.get("/01/06901234567893/10/A1", Accept="text/html").shows(400)
        assert page.headers["Content-Type"].startswith("text/html")
        _problem(s.client.get("/api/trace?item=urn:nothing:at:all", Accept="application/json"), 404)
        _unmoved(s)


def a_wrong_check_digit_in_a_document_is_a_finding(place):
    with place.server() as s:
        answer = s.client.captures(document(event(1, epcList=["https://id.gs1.org/01/06901234567893/21/A1"]))).shows(202).json
        assert answer["captured"] == 1
        assert any(f["code"] == "check-digit" and f["pointer"] == "/epcisBody/eventList/0/epcList/0" for f in answer["findings"]), answer


def all_faults_are_told_at_once(place):
    e = event(1, action="LOOK", eventTimeZoneOffset="+8", bizStep="urn:epcglobal:cbv:bizstep:shipping", plainextension=1)
    with place.server() as s:
        p = _problem(s.client.captures(document(e)), 400)
        pointers = {x["pointer"] for x in p["errors"]}
        assert pointers >= {f"/epcisBody/eventList/0/{m}" for m in ("action", "eventTimeZoneOffset", "bizStep", "plainextension")}, pointers
        _unmoved(s)


def garbage_on_the_wire_moves_nobody(place):
    with place.server() as s:
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"\x00" * 1000,
                     b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"y" * 100000 + b"\r\n\r\n"):
            s.client.raw(data, shut=True)
        _unmoved(s)


def an_unknown_route_or_method_is_a_problem(place):
    with place.server() as s:
        _problem(s.client.get("/epcis/nothing", Accept="application/json"), 404)
        p = s.client.ask("DELETE", "/epcis/capture")
        _problem(p, 405)
        assert "POST" in p.headers["Allow"]
        s.client.ask("OPTIONS", "/epcis/capture").shows(204)


play()
