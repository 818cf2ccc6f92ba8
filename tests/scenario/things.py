"""Master data of a farm: what is put is told again with its history, whoever may see it; people are erased; tables come and go as spreadsheets."""
import csv
import io
import json
import os
import re
import time
import zipfile

from suyuan import DEADLINE, document, event, play, run

SQUARE = {"type": "Polygon", "coordinates": [[[113.01, 25.77], [113.02, 25.77], [113.02, 25.78], [113.01, 25.78], [113.01, 25.77]]]}
PLOT = {"name": "一号田", "nameEn": "Plot 1", "type": "plot", "areaMu": 12.5, "outline": SQUARE, "position": {"lat": 25.775, "lon": 113.015}}
SPRAY = {"name": "10% 吡虫啉可湿性粉剂", "registrationNumber": "PD20261234", "activeIngredients": ["吡虫啉"], "intervalDays": 14,
         "labels": {"番茄": {"intervalDays": 7, "maxUses": 2, "dose": {"min": 20, "max": 30, "uom": "g/mu"}}}}
PASSWORD = "correct horse"


def _put(s, path, value, headers=None):
    return s.client.ask("PUT", path, body=json.dumps(value).encode(), headers={"Content-Type": "application/json", **(headers or {})})


def _farms(place, *codes):
    place.init()
    for code in codes:
        run("org", "add", code, "--data", place.data)


def _key(place, org, scope="capture,query"):
    return {"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", org, "--scope", scope).stdout.strip()}


def what_is_put_is_told_again(place):
    _farms(place, "farm")
    with place.server() as s:
        made = _put(s, "/api/places/farm/A1", PLOT).shows(201).json
        assert made == {"code": "A1", "org": "farm", "uri": made["uri"], "n": 1} and made["uri"].endswith("/place/farm/A1"), made
        told = s.client.get("/api/places/farm/A1").shows(200).json
        assert {k: told[k] for k in PLOT} == PLOT and told["code"] == "A1" and told["uri"] == made["uri"], told
        assert _put(s, "/api/places/farm/A1", PLOT).shows(200).json["n"] == 1       # said before: nothing new is stated
        assert _put(s, "/api/places/farm/A1", told).shows(200).json["n"] == 1       # what was told may be put
        assert _put(s, "/api/places/farm/A1", {**PLOT, "name": "东一号田"}).shows(200).json["n"] == 2
        assert s.client.get("/api/places/farm/A1").json["name"] == "东一号田"
        past = s.client.get("/api/places/farm/A1/history").shows(200).json["history"]
        assert [(h["n"], h["name"]) for h in past] == [(2, "东一号田"), (1, "一号田")], past
        one = s.client.get("/api/places/farm/A1/history?perPage=1").shows(200)
        assert "before=2" in one.headers["Link"] and len(one.json["history"]) == 1, one
        for what in ("/api/places/farm/A2", "/api/places/farm/A1/future", "/api/places/nobody/A1", "/api/products/farm/A1"):
            s.client.get(what).shows(404)


def tables_come_and_go_by_the_command_line(place):
    _farms(place, "farm")
    plots = place.file("plots.csv", "编码,名称,面积（亩）\nA1,一号田,12.5\nA2,二号田,3\n")

    def thing(*args, code=0):
        return run("thing", *args, "--org", "farm", "--data", place.data, code=code)

    assert "rows 2\tnew 2\tchanged 0\tsame 0\trefused 0" in thing("import", "plot", plots).stdout
    assert "same 2" in thing("import", "places", plots).stdout
    assert thing("list", "place").stdout == "A1\t一号田\nA2\t二号田\n"
    shown = dict(l.split("\t", 1) for l in thing("show", "plot", "A1").stdout.splitlines())
    assert shown["name"] == "一号田" and shown["areaMu"] == "12.5" and shown["org"] == "farm", shown
    for server in (False, True):        # with a server and without
        s = place.server(open_=False) if server else None
        rows = list(csv.reader(io.StringIO(thing("export", "plot", "--lang", "en").stdout.lstrip("\ufeff"))))
        assert rows[0][:2] == ["Code", "Name"] and [r[:2] for r in rows[1:]] == [["A1", "一号田"], ["A2", "二号田"]], rows
        out = place.folder / f"plots{server}.xlsx"
        thing("export", "place", "--output", out)
        assert zipfile.is_zipfile(out)
        assert "same 2" in thing("import", "place", out).stdout
        bad = place.file("bad.csv", "编码,名称,面积（亩）\nA3,三号田,4\nA4,四号田,many\n")
        r = thing("import", "plot", bad, code=1)
        assert f"{bad}:3: " in r.stderr and "A3" not in thing("list", "plot").stdout, r.stderr
        if server:
            r = thing("import", "plot", bad, "--proceed", code=1)
            assert "new 1" in r.stdout and "refused 1" in r.stdout, r
            assert s.stop() == 0
    thing("show", "plot", "Nothing", code=1)
    thing("list", "throne", code=2)
    run("thing", "list", "plot", "--org", "nobody", "--data", place.data, code=1)
    assert "import" in run("help", "thing").stdout


def each_kind_has_its_things(place):
    _farms(place, "farm")
    bodies = {"products": {"name": "樱桃番茄 500 g", "netContent": "500 g", "gtin": "06901234567892"}, "inputs": SPRAY, "crops": {"name": "番茄", "yieldKgMu": 6000},
              "partners": {"name": "苏仙农资", "role": "supplier", "creditCode": "91431003DEMO0009"}, "places": {"name": "农资库", "type": "store"}}
    with place.server() as s:
        for kind, body in bodies.items():
            made = _put(s, f"/api/{kind}/farm/X1", body).shows(201).json
            assert made["uri"].endswith("/01/06901234567892" if kind == "products" else f"/{kind[:-1]}/farm/X1"), made
            assert s.client.get(f"/api/{kind}/farm/X1").json["name"] == body["name"]
        labels = s.client.get("/api/inputs/farm/X1").json["labels"]
        assert labels == [{"crop": "番茄", "intervalDays": 7, "maxUses": 2, "dose": {"min": 20, "max": 30, "uom": "g/mu"}}], labels
        s.client.get("/api/thrones").shows(404)


def everything_that_is_wrong_is_told_at_once(place):
    _farms(place, "farm")
    bow = {"type": "Polygon", "coordinates": [[[113, 25], [113.01, 25.01], [113.01, 25], [113, 25.01], [113, 25]]]}
    with place.server() as s:
        r = _put(s, "/api/places/farm/A1", {"nmae": "x", "type": "field", "outline": bow}).shows(400)
        assert r.headers["Content-Type"].startswith("application/problem+json"), r
        assert {(e["code"], e["pointer"]) for e in r.json["errors"]} == {("missing-member", "/name"), ("not-in-list", "/type"), ("bad-outline", "/outline")}, r.json
        s.client.get("/api/places/farm/A1").shows(404)
        kept = _put(s, "/api/places/farm/Own", {"name": "x", "soil": {"ph": 6.5}, "x-mine": 1}).shows(201).json
        assert kept["notUnderstood"] == ["/soil"], kept
        told = s.client.get("/api/places/farm/Own").shows(200).json
        assert told["soil"] == {"ph": 6.5} and told["x-mine"] == 1, told
        assert _put(s, "/api/places/farm/A1", {"name": "x", "code": "A2"}).shows(400).json["errors"][0]["pointer"] == "/code"
        for code in ("1A", "a%2Fb", "%E7%94%B0", "a%zz", "A1/x"):
            assert _put(s, "/api/places/farm/" + code, PLOT).status in (400, 404), code
        _put(s, "/api/places/nobody/A1", PLOT).shows(404)
        _put(s, "/api/places/farm", PLOT).shows(404)
        s.client.ask("PUT", "/api/places/farm/A1", body=b"{", headers={"Content-Type": "application/json"}).shows(400)
        s.client.ask("PUT", "/api/places/farm/A1", body=b"name=x", headers={"Content-Type": "text/plain"}).shows(415)
        assert s.client.ask("PUT", "/api/places/farm/A1", body=b" " * (256 * 1024 + 1), headers={"Content-Type": "application/json"}).status == 413


def a_list_is_told_page_by_page(place):
    _farms(place, "farm")
    with place.server() as s:
        for n in range(7):
            _put(s, f"/api/places/farm/P{n}", {"name": f"田 {n}"}).shows(201)
        for first in ("/api/places?org=farm&perPage=3", "/api/places/farm?perPage=3"):
            path, codes, pages = first, [], 0
            while path:
                r = s.client.get(path).shows(200)
                codes += [p["code"] for p in r.json["places"]]
                pages += 1
                link = r.headers.get("Link")
                path = link and link[1:link.index(">")]
            assert codes == [f"P{n}" for n in range(7)] and pages == 3, (codes, pages)
        s.client.get("/api/places?org=farm&perPage=0").shows(400)
        s.client.get("/api/places?org=nobody").shows(404)


def nobody_puts_or_sees_another_s_things(place):
    _farms(place, "east", "west")
    east, west, reader = _key(place, "east"), _key(place, "west"), _key(place, "east", "query")
    run("org", "add", "town", "--data", place.data, "--kind", "regulator")
    run("org", "add", "near", "--data", place.data, "--district", "town")
    near, town = _key(place, "near"), _key(place, "town")
    with place.server(open_=False) as s:
        _put(s, "/api/places/east/A1", PLOT, east).shows(201)
        _put(s, "/api/places/east/A1", PLOT, west).shows(404)
        _put(s, "/api/places/east/A1", PLOT, reader).shows(403)
        _put(s, "/api/places/east/A1", PLOT).shows(401)
        for path in ("/api/places/east/A1", "/api/places?org=east", "/api/places/east", "/api/places/east/A1/history"):
            s.client.ask("GET", path, headers=east).shows(200)
            s.client.ask("GET", path, headers=west).shows(404)
            s.client.ask("GET", path).shows(401)
        _put(s, "/api/inputs/near/I1", SPRAY, near).shows(201)
        s.client.ask("GET", "/api/inputs/near/I1", headers=town).shows(200)     # a regulator sees its district
        s.client.ask("GET", "/api/inputs/east/I1", headers=town).shows(404)


def a_thing_that_others_state_is_nobody_s_put(place):
    """Master data that is captured says what it says; only what speaks of one's own things as a PUT does becomes one."""
    _farms(place, "east")
    east = _key(place, "east")

    def says(whose, body):
        element = {"id": f"https://x.example/place/{whose}", "attributes": [{"id": "suyuan:thing", "attribute": "place/" + whose}, {"id": "suyuan:detail", "attribute": body}]}
        element["id"] = "http://127.0.0.1:8080/place/" + whose
        d = document()
        d["epcisHeader"] = {"epcisMasterData": {"vocabularyList": [{"type": "urn:epcglobal:epcis:vtype:BusinessLocation", "vocabularyElementList": [element]}]}}
        d["@context"] = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"suyuan": "https://w3id.org/suyuan/voc/"}]
        return d

    with place.server(open_=False) as s:
        for whose, body in (("default/A1", PLOT), ("east/A2", {"nmae": 1}), ("east/A3", PLOT)):
            s.client.captures(says(whose, body), headers=east).shows(202)
        _put(s, "/api/places/east/A4", PLOT, east).shows(201)
        codes = [p["code"] for p in s.client.ask("GET", "/api/places", headers=east).json["places"]]
        assert codes == ["A3", "A4"], codes


def things_are_there_again_after_a_rebuild(place):
    _farms(place, "farm")
    with place.server() as s:
        _put(s, "/api/inputs/farm/I1", SPRAY).shows(201)
        _put(s, "/api/inputs/farm/I1", {**SPRAY, "intervalDays": 21}).shows(200)
        before = s.client.get("/api/inputs/farm/I1").shows(200).json
    run("rebuild", "--data", place.data)
    with place.server() as s:
        assert _put(s, "/api/places/farm/A1", PLOT).shows(201).json["n"] == 3
        assert s.client.get("/api/inputs/farm/I1").shows(200).json == before


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _import(s, path, body, type_="text/csv; charset=utf-8", headers=None):
    return s.client.ask("POST", path, body=body if isinstance(body, bytes) else body.encode(), headers={"Content-Type": type_, **(headers or {})})


def _workbook(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            z.writestr({"sheet": "xl/worksheets/sheet1.xml", "shared": "xl/sharedStrings.xml"}.get(name, name), text)
    return out.getvalue()


def a_table_goes_out_and_comes_in_elsewhere(place):
    _farms(place, "farm", "other")
    with place.server() as s:
        _put(s, "/api/places/farm/A1", {**PLOT, "x-soil": "红壤"}).shows(201)
        _put(s, "/api/places/farm/A2", {"name": "=二号田", "note": 'a,"b"\nc'}).shows(201)
        for ending, type_ in (("csv", "text/csv"), ("xlsx", XLSX)):
            r = s.client.get(f"/api/places.{ending}?org=farm").shows(200)
            assert r.headers["Content-Type"].startswith(type_) and f"places.{ending}" in r.headers["Content-Disposition"], r.headers
            again = _import(s, "/api/places/import?org=farm", r.body, type_).shows(200).json
            assert again == {"rows": 2, "added": 0, "changed": 0, "same": 2, "refused": 0, "errors": []}, again
            fresh = _import(s, "/api/places/import?org=other", r.body, type_).shows(200).json
            assert fresh["added"] == (2 if ending == "csv" else 0) and fresh["same"] == (0 if ending == "csv" else 2), fresh
        rows = list(csv.reader(io.StringIO(s.client.get("/api/places.csv?org=farm").body.decode("utf-8-sig"))))
        assert rows[0][:2] == ["编码", "名称"] and rows[2][1] == "'=二号田", rows
        assert "Code,Name" in s.client.get("/api/places.csv?org=farm&l=en").text
        mine, theirs = (s.client.get(f"/api/places/{org}/A1").json for org in ("farm", "other"))
        assert {k: mine[k] for k in (*PLOT, "x-soil")} == {k: theirs[k] for k in (*PLOT, "x-soil")}, theirs
        assert s.client.get("/api/places/other/A2").json["note"] == 'a,"b"\nc'


def a_table_with_faults_is_told_them_all_and_stored_in_no_part(place):
    _farms(place, "farm")
    table = "编码,名称,面积（亩）,type\nA1,一号田,3,plot\nA2,,many,field\n1A,x,,\nA1,again,,\nA5,五号田,5,store\n"
    with place.server() as s:
        r = _import(s, "/api/places/import?org=farm", table).shows(400)
        found = {(e["row"], e.get("column"), e["code"]) for e in r.json["errors"]}
        assert found == {(3, "名称", "missing-member"), (3, "面积（亩）", "wrong-kind"), (3, "type", "not-in-list"), (4, "编码", "bad-pattern"), (5, "编码", "repeated-row")}, r.json
        assert s.client.get("/api/places?org=farm").json["places"] == []
        r = _import(s, "/api/places/import?org=farm&proceed=1", table).shows(200).json
        assert (r["rows"], r["added"], r["refused"]) == (5, 2, 3) and len(r["errors"]) == 5, r
        assert [p["code"] for p in s.client.get("/api/places?org=farm").json["places"]] == ["A1", "A5"]
        _import(s, "/api/places/import?org=farm&proceed=1", "code,nmae\nA1,x\n").shows(400)
        _import(s, "/api/places/import?org=farm", "").shows(400)
        _import(s, "/api/places/import?org=nobody", table).shows(404)
        _import(s, "/api/places/import?org=farm", table, "application/json").shows(415)
        _import(s, "/api/places/import?org=farm", "code,name\n" + "".join(f"P{n},x\n" for n in range(5001))).shows(413)
        assert _import(s, "/api/places/import?org=farm", "code,name\n" + "".join(f"P{n},x\n" for n in range(5000))).shows(200).json["added"] == 5000


def a_hostile_workbook_is_refused(place):
    _farms(place, "farm")
    laughs = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet>&b;</worksheet>'
    outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'
    bomb = "<worksheet><sheetData>" + " " * (80 << 20) + "</sheetData></worksheet>"
    books = {"laughs": _workbook(sheet=laughs), "outside": _workbook(sheet=outside), "deep": _workbook(sheet="<a>" * 100000), "bomb": _workbook(sheet=bomb),
             "no sheet": _workbook(other="x"), "cut": _workbook(sheet="<worksheet/>")[:60], "many": _workbook(**{f"f{n}": "" for n in range(1001)}, sheet="<worksheet/>"),
             "missing text": _workbook(sheet='<worksheet><row r="1"><c r="A1" t="s"><v>7</v></c></row></worksheet>'),
             "wide": _workbook(sheet='<worksheet><row r="1"><c r="XFD1" t="str"><v>7</v></c></row></worksheet>')}
    with place.server() as s:
        for name, book in books.items():
            r = _import(s, "/api/places/import?org=farm", book, XLSX)
            assert r.status in (400, 413) and b"root:" not in r.body, (name, r)
        good = _workbook(sheet='<worksheet><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
                               '<row r="5"><c r="A5" t="str"><v>A1</v></c><c r="B5" t="str"><f>1+1</f><v>田</v></c></row></worksheet>',
                         shared="<sst><si><r><t>co</t></r><r><t>de</t></r></si></sst>")
        assert _import(s, "/api/places/import?org=farm", good, XLSX).shows(200).json["added"] == 1
        assert s.client.get("/api/places/farm/A1").json["name"] == "田"


def a_public_page_shows_no_outline_and_no_position(place):
    _farms(place, "farm")
    run("org", "set", "farm", "--data", place.data, "--published", "yes", code=None)
    key, here = _key(place, "farm"), "http://127.0.0.1:8080"
    with place.server(open_=False) as s:
        _put(s, "/api/places/farm/A1", PLOT, key).shows(201)
        at = {"id": f"{here}/place/farm/A1"}
        s.client.captures(document(event(1, epcList=[f"{here}/lot/farm/L1"], bizStep="commissioning", action="ADD", readPoint=at, bizLocation=at)), headers=key).shows(202)
        s.client.post("/api/seasons", {"org": "farm", "code": "S1", "plot": "A1", "crop": "番茄"}, headers=key).shows(201)
        for act in ("irrigate", "harvest"):     # what a phone measured
            s.client.post("/api/acts", {"act": act, "season": "farm/S1", "at": "2026-05-0%dT08:00:00+08:00" % (2 + (act == "harvest")), "id": "x-" + act, "position": {"lat": 25.7712, "lon": 113.0421, "accuracyM": 4},
                                        **({"lot": "L2", "quantity": 5, "uom": "kg"} if act == "harvest" else {})}, headers=key).shows(201)
        s.client.captures(document(event(2, epcList=[f"{here}/lot/farm/L1"], readPoint={"id": "geo:25.7712,113.0421"}, **{"suyuan:position": {"suyuan:latitude": 25.7712, "suyuan:longitude": 113.0421}})),
                          headers=key).shows(202)
        end = time.monotonic() + DEADLINE
        while s.client.get("/log/proof?item=/lot/farm/L2").status == 503:
            assert time.monotonic() < end
        assert s.client.get("/log/proof?item=/lot/farm/L2").shows(200).json
        for path in ("/lot/farm/L1", "/lot/farm/L2", "/season/farm/S1", "/place/farm/A1", "/log/proof?item=/lot/farm/L1", "/log/proof?item=/lot/farm/L2", "/log/proof?item=/season/farm/S1",
                     "/lot/farm/L1?linkType=all", "/log/tile/entries/000.p/8", "/log/checkpoint"):
            for accept in ("text/html", "application/json", "application/ld+json", "application/linkset+json"):
                page = s.client.ask("GET", path, headers={"Accept": accept})
                assert not re.search(rb"113\.0[14]|25\.77|Polygon", page.body), (path, accept, page)
        assert PLOT["name"] in s.client.ask("GET", "/lot/farm/L1", headers={"Accept": "text/html"}).shows(200).text


def people_are_kept_apart_and_erased_with_their_bytes(place):
    _farms(place, "farm")
    run("user", "add", "boss", "--data", place.data, "--org", "farm", "--role", "manager", input=PASSWORD + "\n")
    run("user", "add", "hand", "--data", place.data, "--org", "farm", "--role", "worker", input=PASSWORD + "\n")
    with place.server(open_=False) as s:
        def signed_in(name):
            r = s.client.post("/api/session", {"name": name, "password": PASSWORD}).shows(204)
            return {"Cookie": r.headers["Set-Cookie"].split(";")[0], "Origin": s.url}
        boss, hand = signed_in("boss"), signed_in("hand")
        phone = "13907350042"
        made = _put(s, "/api/staff/farm/Li", {"name": "李四", "phone": phone, "role": "植保员"}, boss).shows(201).json
        assert made["code"] == "Li" and made["uri"].endswith("/staff/farm/Li"), made
        _put(s, "/api/staff/farm/Li", {"name": "李四", "phone": phone, "role": "组长"}, boss).shows(200)
        assert s.client.ask("GET", "/api/staff/farm/Li", headers=boss).shows(200).json == {"code": "Li", "name": "李四", "phone": phone, "role": "组长"}
        assert [p["code"] for p in s.client.ask("GET", "/api/staff", headers=boss).shows(200).json["staff"]] == ["Li"]
        assert _put(s, "/api/staff/farm/Li", {"name": "李四", "salary": "1"}, boss).shows(400).json["pointer"] == "/salary"
        _put(s, "/api/staff/farm/Li", {"phone": "1"}, boss).shows(400)
        for path in ("/api/staff", "/api/staff/farm", "/api/staff/farm/Li"):
            s.client.ask("GET", path, headers=hand).shows(403)
            s.client.ask("GET", path).shows(401)
        s.client.ask("DELETE", "/api/staff/farm/Li", headers=hand).shows(403)
        s.client.ask("DELETE", "/api/staff/farm/Li", headers=boss).shows(200)
        s.client.ask("GET", "/api/staff/farm/Li", headers=boss).shows(404)
        s.client.ask("DELETE", "/api/staff/farm/Li", headers=boss).shows(404)
        acts = [r["act"] for r in s.client.ask("GET", "/api/audit", headers=boss).json["audit"] if r["target"] == "Li"]
        assert acts == ["staff.put", "staff.put", "staff.erase"], acts
        if "SUYUAN_TEST_DATABASE" not in os.environ:
            for file in place.data.glob("suyuan.db*"):
                assert phone.encode() not in file.read_bytes(), file
        assert phone not in s.log()


play()
