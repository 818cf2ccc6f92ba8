"""The addresses on the codes are a GS1-conformant resolver: one sentence a requirement."""
import contextlib
import sqlite3
import urllib.parse

from suyuan import CONTEXT, document, event, play

GTIN, LOT, SERIAL = "06901234567892", "L1", "S1"
ITEM, PACK = f"/01/{GTIN}/10/{LOT}", f"/01/{GTIN}/21/{SERIAL}"
VOC = "https://gs1.org/voc/"


def _district(place):
    """A lot, a pack of it and the name of the goods."""
    s = place.server()
    d = document(event(1, epcList=None, quantityList=[{"epcClass": f"https://id.gs1.org{ITEM}", "quantity": 10, "uom": "KGM"}]),
                 event(2, epcList=[f"https://id.gs1.org{PACK}"]))
    d["epcisHeader"] = {"epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:EPCClass", "vocabularyElementList": [
        {"id": f"https://id.gs1.org/01/{GTIN}", "attributes": [{"id": "urn:epcglobal:cbv:mda#descriptionShort", "attribute": "大米"}]}]}]}}
    s.client.captures(d).shows(202)
    return s


def _linkset(answer):
    assert answer.headers["Content-Type"].startswith("application/linkset+json"), answer.headers
    return {x["anchor"].split("/01/")[1]: x for x in answer.json["linkset"]}


def people_get_the_page_at_the_address_itself(place):
    with _district(place) as s:
        for path in (ITEM, PACK, f"/01/{GTIN}"):
            a = s.client.get(path).shows(200)
            assert a.headers["Content-Type"].startswith("text/html") and a.headers["Access-Control-Allow-Origin"] == "*"
            assert f'<{path}?linkType=linkset>; rel="linkset"' in a.headers["Link"], a.headers["Link"]
            assert f"<https://id.gs1.org{path}>" in a.headers["Link"]


def the_linkset_is_given_by_parameter_and_by_accept(place):
    with _district(place) as s:
        asked = [s.client.get(f"{ITEM}?linkType={x}").shows(200) for x in ("linkset", "all")] + [s.client.get(ITEM, Accept="application/linkset+json").shows(200)]
        for a in asked:
            sets = _linkset(a)
            assert list(sets) == [f"{GTIN}/10/{LOT}", GTIN], list(sets)
            lot = sets[f"{GTIN}/10/{LOT}"]
            for t in ("defaultLink", "pip", "traceability", "epcis", "recallStatus", "masterData"):
                for target in lot[VOC + t]:
                    assert target["href"].startswith("http://") and target["title"] and target["type"], target
            assert len(lot[VOC + "defaultLink"]) == 1 and lot[VOC + "pip"][0]["hreflang"] == ["zh-Hans", "zh-Hant", "en"]
            assert VOC + "epcis" not in sets[GTIN], "no event names the goods alone"


def every_link_of_ours_leads_somewhere(place):
    with _district(place) as s:
        queries = "GET" in s.client.ask("OPTIONS", "/epcis/events").headers["Allow"]
        for links in _linkset(s.client.get(f"{ITEM}?linkType=linkset")).values():
            for t, targets in links.items():
                for x in targets if t != "anchor" else ():
                    if "epcis" in t and not queries:
                        continue
                    u = urllib.parse.urlsplit(x["href"])
                    a = s.client.get(f"{u.path}?{u.query}" if u.query else u.path, Accept=x["type"]).shows(200)
                    assert a.headers["Content-Type"].startswith(x["type"]) or "epcis" in t, (x, a.headers)


def a_link_type_leads_to_its_link(place):
    with _district(place) as s:
        for spelt in ("gs1:pip", "gs1:traceability", "https://gs1.org/voc/pip", "https%3A%2F%2Fref.gs1.org%2Fvoc%2Fpip"):
            assert s.client.get(f"{ITEM}?linkType={spelt}").shows(307).headers["Location"] == ITEM
        data = s.client.get(f"{ITEM}?linkType=gs1:recallStatus", Accept="application/ld+json").shows(307).headers["Location"]
        assert data == ITEM + "?form=data" and "suyuan:verdict" in s.client.get(data).shows(200).text
        to = s.client.get(f"{ITEM}?linkType=gs1:epcis").shows(307).headers["Location"]
        assert to == "/epcis/events?MATCH_anyEPC=" + urllib.parse.quote(f"https://id.gs1.org{ITEM}", safe="")


def a_link_type_that_is_not_here_leads_to_the_default(place):
    with _district(place) as s:
        assert s.client.get(f"{ITEM}?linkType=gs1:recipeInfo").shows(307).headers["Location"] == ITEM


def parameters_go_along_and_what_the_resolver_used_does_not(place):
    with _district(place) as s:
        a = s.client.get(f"{ITEM}?a=1&linkType=gs1:pip&l=en&b=%2F").shows(307)
        assert a.headers["Location"] == ITEM + "?a=1&l=en&b=%2F"
        assert s.client.get(a.headers["Location"]).shows(200).headers["Content-Language"] == "en"


def an_unknown_serial_falls_back_to_its_lot_and_says_so(place):
    with _district(place) as s:
        a = s.client.get(f"{ITEM}/21/NOBODY?x=1").shows(307)
        assert a.headers["Location"] == ITEM + "?unknown=21&x=1"
        assert "单件编码在这里没有记录" in s.client.get(a.headers["Location"]).shows(200).text
        assert "单件编码在这里没有记录" not in s.client.get(ITEM).shows(200).text, "the page of the lot itself must not change"
        assert s.client.get(f"{ITEM}/21/NOBODY?linkType=gs1:pip").shows(307).headers["Location"] == ITEM + "?unknown=21"
        assert list(_linkset(s.client.get(f"{ITEM}/21/NOBODY?linkType=linkset"))) == [f"{GTIN}/10/{LOT}", GTIN]


def an_unknown_lot_falls_back_to_its_goods_and_says_so(place):
    with _district(place) as s:
        a = s.client.get(f"/01/{GTIN}/10/NOBODY").shows(307)
        assert a.headers["Location"] == f"/01/{GTIN}?unknown=10"
        assert "没有记录" in s.client.get(a.headers["Location"]).shows(200).text


def nothing_of_the_parameter_is_shown(place):
    with _district(place) as s:
        assert "PWN" not in s.client.get(f"{ITEM}?unknown=PWN").shows(200).text


def what_is_not_known_is_404_and_a_wrong_digit_400(place):
    with _district(place) as s:
        for path in ("/01/09506000134352/10/A", "/lot/nobody/X", "/00/106141412345678908"):
            for tail in ("", "?linkType=linkset", "?linkType=gs1:pip"):
                assert s.client.get(path + tail).shows(404).headers["Content-Type"].split(";")[0] in ("text/html", "application/problem+json")
        for tail in ("", "?linkType=linkset", "?linkType=gs1:pip"):
            s.client.get(f"/01/06901234567893/10/{LOT}" + tail).shows(400)


def other_spellings_lead_to_the_canonical_address(place):
    with _district(place) as s:
        for path in ("/01/6901234567892/10/L1", "/01/06901234567892/10/%4C1", "/01/06901234567892/10/L1/"):
            a = s.client.get(path + "?x=1").shows(307)
            assert a.headers["Location"] == ITEM + "?x=1", (path, a.headers["Location"])
        assert s.client.get(f"/01/{GTIN}/10/OTHER/21/{SERIAL}").shows(307).headers["Location"] == PACK


LINK = {"item": f"https://id.gs1.org{ITEM}", "linkType": "gs1:instructions", "href": "https://farm.example/cook?x=1#top", "title": "怎样煮", "hreflang": "zh-Hans", "type": "text/html"}


def an_owner_adds_links_and_they_are_his_word(place):
    with _district(place) as s:
        s.client.post("/api/links", LINK).shows(201)
        s.client.post("/api/links", {**LINK, "hreflang": "en", "href": "https://farm.example/en/cook"}).shows(201)
        told = _linkset(s.client.get(f"{ITEM}?linkType=all"))[f"{GTIN}/10/{LOT}"][VOC + "instructions"]
        assert [(x["href"], x["hreflang"], x["suyuan:statedBy"]) for x in told] == [("https://farm.example/en/cook", ["en"], ["default"]), (LINK["href"], ["zh-Hans"], ["default"])]
        to = lambda lang: s.client.get(f"{ITEM}?linkType=gs1:instructions&a=b", Accept_Language=lang).shows(307).headers["Location"]
        assert to("zh-CN") == "https://farm.example/cook?x=1&a=b#top" and to("en-GB") == "https://farm.example/en/cook?a=b"
        assert s.client.get(f"{ITEM}/21/X?linkType=gs1:instructions", Accept_Language="en").shows(307).headers["Location"] == "https://farm.example/en/cook"
        s.client.get(ITEM).shows(200)
        listed = s.client.get("/api/links?item=" + urllib.parse.quote(ITEM)).shows(200).json["links"]
        assert {k: v for k, v in LINK.items() if k != "item"} in listed and len(listed) == 2
        s.client.post("/api/links", {**LINK, "href": "https://farm.example/new"}).shows(201)
        assert to("zh-CN") == "https://farm.example/new?a=b"
        s.client.ask("DELETE", f"/api/links?item={ITEM}&linkType=gs1:instructions&hreflang=en&type=text/html").shows(204)
        assert len(s.client.get("/api/links?item=" + ITEM).json["links"]) == 1


def links_that_could_deceive_are_refused(place):
    with _district(place) as s:
        for bad in ({"href": "javascript:alert(1)"}, {"href": "//evil.example/"}, {"href": "https://bank.example@evil.example/"}, {"href": "https:///x"}, {"href": "https://a.example/\r\nX: 1"},
                    {"href": "https://a.example/" + "x" * 2048}, {"href": "https://a.example/\"><b>"}, {"linkType": "gs1:defaultLink"}, {"linkType": "nonsense"}, {"title": ""}, {"hreflang": "a\"b"},
                    {"type": "text"}, {"item": "nonsense"}):
            s.client.post("/api/links", {**LINK, **bad}).shows(400)
        s.client.post("/api/links", "{").shows(400)
        s.client.post("/api/links", "[]").shows(400)
        assert s.client.get("/api/links?item=" + ITEM).json["links"] == []


def only_the_owner_of_a_thing_gives_it_links(place):
    place.init()
    with contextlib.closing(sqlite3.connect(place.data / "suyuan.db")) as db:
        db.execute("INSERT INTO org (id, code, name, secret, created_us) VALUES (2, 'other', 'other', randomblob(32), 0)")
        db.execute("INSERT INTO resolver_link (org, canonical, link_type, lang, media, href, title) VALUES (1, '/lot/other/A', 'gs1:pip', '', '', 'https://evil.example/', 'x')")
        db.commit()
    with place.server() as s:
        s.client.captures(document(event(1, epcList=None, quantityList=[{"epcClass": "http://127.0.0.1:8080/lot/mine/A"}]))).shows(202)
        s.client.post("/api/links", {**LINK, "item": "/lot/other/A"}).shows(403)
        s.client.post("/api/links", {**LINK, "item": "/lot/nobody/A"}).shows(403)
        s.client.post("/api/links", {**LINK, "item": "/lot/mine/A"}).shows(201)
        s.client.get("/lot/other/A?linkType=gs1:pip").shows(404)


def links_need_an_account(place):
    with place.server(open_=False) as s:
        for method, path in (("POST", "/api/links"), ("GET", "/api/links?item=/lot/a/A"), ("DELETE", "/api/links?item=/lot/a/A&linkType=gs1:pip")):
            s.client.ask(method, path, body=b"{}" if method == "POST" else None).shows(401)


def it_describes_itself(place):
    with _district(place) as s:
        a = s.client.get("/.well-known/gs1resolver").shows(200)
        assert a.headers["Access-Control-Allow-Origin"] == "*" and a.headers["Content-Type"].startswith("application/json")
        assert a.json["resolverRoot"] == "http://127.0.0.1:8080" and {"01", "00", "414", "417"} <= set(a.json["supportedPrimaryKeys"])


def head_and_options_are_answered_for_browsers_of_other_sites(place):
    with _district(place) as s:
        a = s.client.ask("HEAD", f"{ITEM}?linkType=linkset").shows(200)
        assert a.body == b"" and a.headers["Content-Type"].startswith("application/linkset+json")
        a = s.client.ask("OPTIONS", ITEM, headers={"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}).shows(204)
        assert a.headers["Access-Control-Allow-Origin"] == "*" and "GET" in a.headers["Access-Control-Allow-Methods"] and "GET" in a.headers["Allow"]
        assert s.client.ask("HEAD", f"{ITEM}?linkType=gs1:pip").shows(307).headers["Location"] == ITEM


def an_address_cannot_write_the_link_header(place):
    with _district(place) as s:
        for path in (f"/01/{GTIN}/10/L1>;rel=next,<x", f"/01/{GTIN}/10/L1/21/x>;rel=next,<y", f"/01/{GTIN}/10/a>;rel=next,<b?linkType=linkset"):
            a = s.client.raw(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode(), patience=10).decode()
            head = a.split("\r\n\r\n")[0].split("\r\n")
            assert head[0].startswith("HTTP/1.1 ") and not [x for x in head if x.startswith("Link:") and ">;rel=next" in x], head


def nothing_in_an_address_leads_to_another_host(place):
    with _district(place) as s:
        for path in (f"//evil.example/01/{GTIN}/10/L1", f"/01/{GTIN}/10/L1//evil.example", f"/01/{GTIN}/10/%2F%2Fevil.example", f"/01/{GTIN}/10/L1?linkType=https://evil.example/",
                     f"/01/{GTIN}/10/L1%0d%0aX:1", "/%2F%2Fevil.example/"):
            a = s.client.get(path)
            to = a.headers.get("Location", "/")
            assert to.startswith("/") and not to.startswith("//") and "\\" not in to and a.headers.get("X") is None, (path, to)


play()
