"""Rules watch over a farm: the district imports the regulation, a farmer asks before spraying and harvesting, an alarm opens, and closes by a correction or a decision."""
import json
import uuid

from suyuan import play, public_data, run

PASSWORD = "correct horse"
BANS = """name_zh,name_en,status,scope,effective_from,source,confidence
灭多威,methomyl,banned,全部,2026-06-01,公告 736,high
乐果,dimethoate,restricted,蔬菜;瓜果;茶叶;菌类;中草药材,2019-08-01,公告 2552,medium
"""
INTERVALS = """pesticide_zh,pesticide_en,formulation,crop_zh,target,max_uses_per_season,phi_days,phi_days_upper,confidence,source
噻嗪酮,buprofezin,25%可湿性粉剂,水稻,稻飞虱,2,14,,medium,GB/T 8321
三环唑,tricyclazole,75%可湿性粉剂,水稻,稻瘟病,2,21,,low,from memory
"""
INPUTS = {
    "SEVEN": {"name": "七天悬浮剂", "category": "pesticide", "intervalDays": 7, "activeIngredients": ["氯虫苯甲酰胺"]},
    "METHO": {"name": "灭多威乳油", "category": "pesticide", "intervalDays": 7, "activeIngredients": ["灭多威"]},
    "DIMETHO": {"name": "乐果乳油", "category": "pesticide", "intervalDays": 10, "activeIngredients": ["乐果"]},
    "BUPRO": {"name": "噻嗪酮可湿粉", "category": "pesticide", "activeIngredients": ["噻嗪酮"]},
    "LOW": {"name": "三环唑可湿粉", "category": "pesticide", "activeIngredients": ["三环唑"]},
}


def _put(s, path, value, headers=None):
    return s.client.ask("PUT", "/api/" + path, body=json.dumps(value).encode(), headers={"Content-Type": "application/json", **(headers or {})}).shows(201)


def _farm(s, headers=None):
    _put(s, "places/guyu/P01", {"name": "一号田", "type": "plot", "areaMu": 36}, headers)
    for code, body in INPUTS.items():
        _put(s, f"inputs/guyu/{code}", body, headers)
    for code, crop in (("Rice", "水稻"), ("Lotus", "莲藕")):
        s.client.post("/api/seasons", {"org": "guyu", "code": code, "plot": "P01", "crop": crop}, headers=headers).shows(201)


def _begin(place):
    place.init()
    run("org", "add", "guyu", "--data", place.data)
    run("org", "add", "bai", "--data", place.data)
    return place.file("bans.csv", BANS), place.file("intervals.csv", INTERVALS)


def _import(place, *files):
    return run("regulation", "import", "--data", place.data, *map(str, files)).stdout


def _act(s, act, at, season="Rice", headers=None, **fields):
    return s.client.post("/api/acts", {"act": act, "at": at, "id": str(uuid.uuid4()), "season": f"guyu/{season}", **fields}, headers=headers).shows(201).json


def _spray(s, at, product, season="Rice", **fields):
    return _act(s, "spray", at, season, product=product, quantity=1, uom="L", **fields)


def _advice(s, question, season="Rice", status=200, headers=None):
    return s.client.ask("GET", f"/api/seasons/guyu/{season}/advice?{question}", headers=headers).shows(status).json


def _alarms(s, state="open", headers=None):
    return s.client.ask("GET", f"/api/alarms?org=guyu&state={state}", headers=headers).shows(200).json["alarms"]


def _rules(found):
    return [f["rule"] for f in found]


def the_district_imports_the_regulation_once(place):
    bans, intervals = _begin(place)
    assert "read 2\tnew 2\tchanged 0\trefused 0" in _import(place, bans)
    with place.server() as s:       # beside a running server it goes through it
        assert "read 2\tnew 2\tchanged 0\trefused 0" in _import(place, intervals)
        assert "read 2\tnew 0\tchanged 0\trefused 0" in _import(place, bans)
        bans.write_text(BANS.replace("2026-06-01", "2026-06-02") + "坏行,,forbidden,全部,2026-01-01,x,high\n短,,banned\n", encoding="utf-8")
        r = run("regulation", "import", "--data", place.data, str(bans), code=1)
        assert "read 4\tnew 0\tchanged 1\trefused 2" in r.stdout and "bans.csv:4: status" in r.stderr and "bans.csv:5: scope" in r.stderr, r
        rows = s.client.get("/api/regulation?kind=ban&substance=methomyl&on=2026-06-02").shows(200).json["rows"]
        assert len(rows) == 1 and rows[0]["effective_from"] == "2026-06-02" and rows[0]["source"] == "公告 736" and rows[0]["confidence"] == "high", rows
        assert s.client.get("/api/regulation?kind=ban&substance=methomyl&on=2026-06-01").json["rows"] == []
        assert [i["n"] for i in s.client.get("/api/regulation").json["imports"]] == [1, 2, 3]
        s.client.get("/api/regulation?kind=law").shows(400)
        s.client.get("/api/regulation?on=yesterday").shows(400)
        trail = s.client.get("/api/audit").shows(200).json["audit"]
        assert len([a for a in trail if a["act"] == "regulation.import"]) == 3, trail
    assert "灭多威" in run("regulation", "show", "灭多威", "--data", place.data, "--on", "2026-06-02").stdout
    assert len(run("regulation", "list", "--data", place.data).stdout.splitlines()) == 3
    nothing = place.file("nothing.csv", "a,b\n1,2\n")
    assert "heading" in run("regulation", "import", "--data", place.data, str(nothing), code=1).stderr


def a_farmer_asks_before_spraying_and_before_harvest(place):
    files = _begin(place)
    _import(place, *files)
    with place.server() as s:
        _farm(s)
        assert _advice(s, "act=harvest&on=2026-07-01") == {"allowed": True, "findings": []}
        may = _advice(s, "act=spray&product=SEVEN&on=2026-07-01")
        assert may["allowed"] is True and may["findings"][0]["from"] == "2026-07-08", may
        _spray(s, "2026-07-01T23:30:00+08:00", "SEVEN")
        early = _advice(s, "act=harvest&on=2026-07-07")
        assert early["allowed"] is False and early["from"] == "2026-07-08" and _rules(early["findings"]) == ["interval"], early
        assert "施药后第 7 天起可采：2026-07-08 起" in early["findings"][0]["words"]["zh-Hans"], early
        assert set(early["findings"][0]["words"]) == {"zh-Hans", "zh-Hant", "en"}
        assert _advice(s, "act=harvest&on=2026-07-08") == {"allowed": True, "from": "2026-07-08", "findings": []}
        # a ban is judged by the day of use, and by the crop
        assert _advice(s, "act=spray&product=METHO&on=2026-05-31")["allowed"] is True
        assert _rules(_advice(s, "act=spray&product=METHO&on=2026-06-01")["findings"])[0] == "banned-input"
        assert _advice(s, "act=spray&product=METHO&on=2026-06-01")["allowed"] is False
        assert _advice(s, "act=spray&product=DIMETHO&on=2026-07-10")["allowed"] is True
        assert _advice(s, "act=spray&product=DIMETHO&on=2026-07-10", "Lotus")["allowed"] is False      # a vegetable that grows in water
        # highly toxic on a water plant: the law, whatever the table of bans says of the day
        assert _advice(s, "act=spray&product=METHO&on=2026-05-31", "Lotus")["allowed"] is False
        # where the label says nothing, the table; of low confidence it is unknown
        assert _advice(s, "act=spray&product=BUPRO&on=2026-07-10")["findings"][0]["from"] == "2026-07-24"
        assert _advice(s, "act=spray&product=LOW&on=2026-07-10")["allowed"] == "unknown"
        assert _advice(s, "act=spray&product=BUPRO&on=2026-07-10", "Lotus")["allowed"] == "unknown"
        for wrong in ("act=dance", "act=spray", "act=harvest&on=soon", "on=2026-07-01"):
            _advice(s, wrong, status=400)
        _advice(s, "act=spray&product=NOTHING", status=404)
        _advice(s, "act=harvest", "Nowhere", status=404)


def a_harvest_too_early_opens_an_alarm_that_a_correction_closes(place):
    files = _begin(place)
    with place.server() as s:
        _farm(s)
        _spray(s, "2026-07-01T08:00:00+08:00", "BUPRO")
        harvest = _act(s, "harvest", "2026-07-10T08:00:00+08:00", quantity=100, uom="kg", lot="H1")
        assert _rules(harvest["findings"]) == ["interval"] and harvest["findings"][0]["severity"] == "informs", harvest        # nothing is known yet
        _import(place, *files)          # now it is: judged anew
        alarm = [a for a in _alarms(s) if a["rule"] == "interval"]
        assert len(alarm) == 1 and alarm[0]["severity"] == "blocks" and alarm[0]["season"] == "guyu/Rice" and "2026-07-15" in alarm[0]["words"]["en"], alarm
        _act(s, "harvest", "2026-07-20T08:00:00+08:00", quantity=100, uom="kg", lot="H1", corrects=harvest["eventID"])
        assert _alarms(s) == []
        closed = _alarms(s, "closed")
        assert [(a["rule"], a["closedBy"]) for a in closed] == [("interval", "rule")], closed
        s.client.get("/api/alarms?state=perhaps").shows(400)
    run("rebuild", "--data", place.data)        # alarms are a view
    with place.server() as s:
        assert _alarms(s) == []


def a_decision_closes_an_alarm_by_name_and_with_a_reason(place):
    files = _begin(place)
    _import(place, *files)
    for name, org, role in (("manager", "guyu", "manager"), ("worker", "guyu", "worker"), ("stranger", "bai", "manager")):
        run("user", "add", name, "--data", place.data, "--org", org, "--role", role, input=PASSWORD + "\n")
    with place.server(open_=False) as s:
        who = {}
        for name in ("manager", "worker", "stranger"):
            answer = s.client.post("/api/session", {"name": name, "password": PASSWORD}).shows(204)
            who[name] = {"Cookie": answer.headers["Set-Cookie"].split(";")[0], "Origin": s.url}
        mine = {"headers": who["manager"]}
        _farm(s, who["manager"])
        _act(s, "spray", "2026-06-02T08:00:00+08:00", product="METHO", quantity=1, uom="L", **mine)
        alarm = _alarms(s, **mine)[0]
        assert alarm["rule"] == "banned-input" and alarm["state"] == "open" and alarm["ageHours"] == 0, alarm
        assert _advice(s, "act=harvest&on=2026-08-01", **mine)["allowed"] is False
        path = f"/api/alarms/{alarm['id']}/decisions"
        s.client.post(path, {"close": True}, **mine).shows(400)                # a reason is required
        s.client.post(path, {}, **mine).shows(400)
        s.client.post(path, {"close": True, "reason": "x"}, headers=who["worker"]).shows(403)
        s.client.post(path, {"close": True, "reason": "x"}, headers=who["stranger"]).shows(404)
        s.client.ask("GET", "/api/alarms?org=guyu", headers=who["stranger"]).shows(404)
        s.client.post("/api/alarms/abc/decisions", {"owner": "li"}, **mine).shows(404)
        s.client.post(path, {"owner": "李技术员"}, **mine).shows(204)
        assert _alarms(s, **mine)[0]["owner"] == "李技术员"
        s.client.post(path, {"close": True, "reason": "送检未检出，报告 2026-081"}, **mine).shows(204)
        assert _alarms(s, **mine) == []
        closed = _alarms(s, "closed", **mine)[0]
        assert closed["closedBy"] == "decision" and closed["decision"]["by"] == "user:manager" and "2026-081" in closed["decision"]["reason"] and closed["owner"] == "李技术员", closed
        s.client.post(path, {"close": True, "reason": "again"}, **mine).shows(409)
        assert _advice(s, "act=harvest&on=2026-08-01", **mine)["allowed"] is True       # it no longer stands in the way
        _act(s, "weed", "2026-06-03T08:00:00+08:00", **mine)                            # judged anew, and still decided
        assert _alarms(s, **mine) == []
        trail = s.client.ask("GET", "/api/audit?org=guyu", headers=who["manager"]).shows(200).json["audit"]
        assert len([a for a in trail if a["act"] == "alarm.decide"]) == 2, trail
    run("rebuild", "--data", place.data)        # decisions are facts
    with place.server() as s:
        assert _alarms(s) == [] and len(_alarms(s, "closed")) == 1


def what_is_bought_although_it_is_banned_opens_an_alarm(place):
    files = _begin(place)
    _import(place, *files)
    with place.server() as s:
        _farm(s)
        for day, lot in (("2026-05-31", "M1"), ("2026-06-01", "M2")):
            s.client.post("/api/acts", {"act": "receive-input", "org": "guyu", "at": f"{day}T12:00:00+08:00", "product": "METHO", "lot": lot, "quantity": 5, "uom": "L"}).shows(201)
        alarms = _alarms(s)
        assert len(alarms) == 1 and alarms[0]["rule"] == "banned-input" and "M2" in alarms[0]["subject"], alarms


def alarms_come_a_page_at_a_time(place):
    files = _begin(place)
    _import(place, *files)
    with place.server() as s:
        _farm(s)
        for hour in range(7):
            _spray(s, f"2026-06-02T0{hour}:00:00+08:00", "METHO")
        seen, after = [], ""
        while True:
            page = s.client.get(f"/api/alarms?org=guyu&perPage=3{after}").shows(200).json
            seen += [a["id"] for a in page["alarms"]]
            if "next" not in page:
                break
            after = "&after=" + page["next"]
        assert len(seen) == len(set(seen)) == 7, seen
        s.client.get("/api/alarms?org=guyu&after=x").shows(400)


def the_public_tables_judge_where_they_stand(place):
    folder = public_data("regulation")
    _begin(place)
    out = _import(place, *(folder / f"{n}.csv" for n in ("banned_restricted_pesticides", "pre_harvest_intervals", "mrl_limits")))
    assert out.count("refused 0") == 3, out
    with place.server() as s:
        _farm(s)
        assert _advice(s, "act=spray&product=METHO&on=2026-05-31")["allowed"] is True
        assert _advice(s, "act=spray&product=METHO&on=2026-06-01")["allowed"] is False


if __name__ == "__main__":
    play()
