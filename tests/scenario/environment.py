"""Growing conditions on the consumer's page: what the devices of the season's field said from sowing to harvest, and nothing else."""
import datetime
import math
import os
import pathlib
import re

from devices import _add, _bearer, _farms, _push

from suyuan import document, event, play, run

HOUR = 3600 * 1000
SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))
OWN = "http://127.0.0.1:8080/"
SOWN, CUT = datetime.datetime(2026, 4, 1, 8, tzinfo=SHANGHAI), datetime.datetime(2026, 6, 29, 8, tzinfo=SHANGHAI)
PLOT, SEASON, LOT = OWN + "place/farm/A1", OWN + "season/farm/S1", OWN + "lot/farm/RICE"


def _ms(t):
    return int(t.timestamp() * 1000)


def _season(place, until=CUT):
    """A season of works on A1, its harvest and the lot's test, recorded by the farm."""
    at = lambda t: t.isoformat(timespec="milliseconds")
    work = lambda n, t, step, **m: event(n, type="TransformationEvent", action=None, epcList=None, transformationID=SEASON, readPoint={"id": PLOT}, eventTime=at(t), bizStep="suyuan:" + step, **m)
    lot = [{"epcClass": LOT, "quantity": 900, "uom": "KGM"}]
    put_in = lambda what: [{"epcClass": OWN + "lot/farm/" + what, "quantity": 3, "uom": "KGM"}]
    acts = [work(1, SOWN, "sowing", inputQuantityList=put_in("SEED")), work(2, SOWN + datetime.timedelta(days=20), "fertilising", inputQuantityList=put_in("NPK"))]
    if until:
        acts += [work(3, until, "harvesting", outputQuantityList=lot),
                 event(4, epcList=None, quantityList=lot, readPoint={"id": PLOT}, eventTime=at(until + datetime.timedelta(hours=2)), bizStep="inspecting", disposition="conformant")]
    run("import", "--data", place.data, "--org", "farm", place.file("season.json", document(*acts)))


def _said(s, id, secret, skip=(), **channels):
    """A reading each half hour of the season, but on the days in `skip`; how many."""
    rows = []
    for i in range((_ms(CUT) - _ms(SOWN)) // (HOUR // 2)):
        t, day = _ms(SOWN) + i * HOUR // 2, i // 48
        wave = math.sin(day / 14) * 4 + math.cos((i % 48 - 12) / 48 * 2 * math.pi) * 6
        if day not in skip:
            rows.append({"t": t, "values": {code: round(base + wave * swing, 1) for code, (base, swing) in channels.items()}})
    for k in range(0, len(rows), 2000):
        _push(s, id, rows[k:k + 2000], _bearer(secret)).shows(200)
    return len(rows)


def _probe(place, id="soil-1", org="farm", where=PLOT, **more):
    secret = _add(place, id, org=org, where=where)
    described = {"maxPerMinute": 100000, "position": {"lat": 25.654321, "lon": 119.123456}, "depthM": 0.2, "channels": [
        {"code": "t", "quantity": "air-temperature", "unit": "°C", "bands": [{"min": 15, "max": 33}, {"stage": "seedling", "min": 41, "max": 42}]},
        {"code": "m", "quantity": "soil-moisture", "unit": "%"}, {"code": "q", "name": "secret recipe"}], **more}
    run("device", "set", id, "--data", place.data, "--channels", place.file("probe.json", described))
    return secret


def _section(page):
    found = re.findall(r'<section class="card gr">.*?</section>', page.text, re.S)
    assert len(found) <= 1, len(found)
    return found[0] if found else ""


def _page(s, lang="zh-Hans", path="/lot/farm/RICE"):
    return s.client.get(f"{path}?l={lang}", Accept="text/html").shows(200)


def the_page_shows_how_it_grew(place):
    _farms(place, "farm")
    secret = _probe(place)
    _season(place)
    with place.server() as s:
        n = _said(s, "soil-1", secret, skip=range(30, 36), t=(22, 1), m=(31, .6), q=(5, 0))
        page = _page(s)
        told = _section(page)
        assert told.count("<svg") == 2 and told.count('role="img"') == 2 and told.count("<title") == 2 and told.count("<desc") == 2, told[:600]
        assert "生长环境" in told and "空气温度 °C" in told and "土壤体积含水率 %" in told and "soil-1" in told, told[:600]
        assert told.count('class="s"') == 1 and "15 到 33" in told and "41" not in re.sub(r'd="[^"]*"', "", told), "the band of the whole season alone is shaded"
        assert f"读数 {n} 个" in told and "全程 2137 小时，93% 有读数" in told and "有 5 天没有读数" in told and "公开日志" in told, re.findall(r"<p.*?</p>", told)
        assert told.count("<details>") == 2 and told.count("<tr>") == 2 * 4 and "2026-04" in told and "2026-06" in told, told.count("<tr>")
        assert '04-01</text>' in told and '06-29</text>' in told
        assert len(page.body) < 30 * 1024, len(page.body)
        for hidden in ("25.65", "119.12", "depth", "secret", "maxPerMinute", secret):
            assert hidden not in page.text, hidden
        assert "style=" not in told and "<script" not in told
        for lang, words in (("zh-Hant", ("生長環境", "空氣溫度")), ("en", ("Growing conditions", "Air temperature", "In numbers"))):
            assert all(w in _section(_page(s, lang)) for w in words), lang
        assert "生长环境" in _section(_page(s, path="/season/farm/S1"))
        if shots := os.environ.get("SUYUAN_SHOTS"):
            pathlib.Path(shots, "growing.html").write_bytes(page.body)


def the_months_figures_are_those_of_the_readings(place):
    _farms(place, "farm")
    secret = _probe(place)
    _season(place)
    with place.server() as s:
        t = _ms(SOWN)
        _push(s, "soil-1", [{"t": t + k * 60000, "values": {"t": v}} for k, v in ((0, 10), (1, 10), (2, 13), (60, 21), (24 * 60 * 40, -4.5))], _bearer(secret)).shows(200)
        rows = re.findall(r"<tr><td>([^<]*)</td><td class=\"q\">([^<]*)</td><td class=\"q\">([^<]*)</td><td class=\"q\">([^<]*)</td>", _section(_page(s)))
        assert rows == [("2026-04", "10.0", "16.0", "21.0"), ("2026-05", "-4.5", "-4.5", "-4.5"), ("2026-06", "—", "—", "—")], rows


def a_long_way_with_many_curves_stays_a_small_page(place):
    _farms(place, "farm")
    channels = {"t": "air-temperature", "h": "air-humidity", "m": "soil-moisture", "e": "soil-temperature"}
    secret = _probe(place, channels=[{"code": c, "quantity": q} for c, q in channels.items()])
    _season(place)
    works = [event(10 + i, type="TransformationEvent", action=None, epcList=None, transformationID=SEASON, readPoint={"id": PLOT}, bizStep=("suyuan:irrigating", "suyuan:fertilising", "suyuan:spraying")[i % 3],
                   eventTime=(SOWN + datetime.timedelta(days=1 + i, hours=i % 9)).isoformat(timespec="milliseconds"), inputQuantityList=[{"epcClass": OWN + f"lot/farm/In{i % 5}", "quantity": 2 + i, "uom": "KGM"}],
                   **({"suyuan:preHarvestIntervalDays": 7, "suyuan:dose": "20 mL"} if i % 3 == 2 else {})) for i in range(60)]
    run("import", "--data", place.data, "--org", "farm", place.file("works.json", document(*works)))
    with place.server() as s:
        _said(s, "soil-1", secret, skip=range(20, 23), t=(22, 1), h=(70, 2), m=(31, .6), e=(19, .5))
        for lang in ("zh-Hans", "en"):
            page = _page(s, lang)
            drawn = _section(page).count("<svg")
            assert len(page.body) < 30 * 1024 and drawn >= 1, (len(page.body), drawn)
            assert f"{4 - drawn} {'项' if lang == 'zh-Hans' else 'more'}" in _section(page) or drawn == 4


def nothing_of_another_s_device_or_of_an_unknown_quantity_is_told(place):
    _farms(place, "farm", "other")
    _season(place)
    theirs, unknown, elsewhere = _probe(place, "their-1", org="other"), _probe(place, "odd-1", channels=[{"code": "z", "name": "recipe"}]), _probe(place, "far-1", where=OWN + "place/farm/B9")
    with place.server() as s:
        for id, secret, code in (("their-1", theirs, "t"), ("odd-1", unknown, "z"), ("far-1", elsewhere, "t")):
            _said(s, id, secret, **{code: (22, 1)})
        page = _page(s)
        assert _section(page) == "" and not any(w in page.text for w in ("their-1", "odd-1", "far-1", "生长环境"))


def a_device_that_was_moved_is_told_only_while_it_stood_there(place):
    _farms(place, "farm")
    _season(place)
    secret = _probe(place, "soil-1", where=OWN + "place/farm/B9")
    with place.server() as s:
        _said(s, "soil-1", secret, t=(22, 1))
        assert _section(_page(s)) == ""
        s.client.ask("PUT", "/api/devices/soil-1", body=b'{"place":"%s"}' % PLOT.encode(), headers={"Content-Type": "application/json"}).shows(200)
        assert _section(_page(s)) == "", "what it said elsewhere is not this field's"


def a_page_is_not_kept_for_ever_while_the_season_goes_on(place):
    _farms(place, "farm")
    secret = _probe(place)
    with place.server() as s:
        _season(place, until=None)
        page = _page(s, path="/season/farm/S1")
        assert _section(page) == ""
        _push(s, "soil-1", {"t": _ms(SOWN) + HOUR, "values": {"t": 20}}, _bearer(secret)).shows(200)
        assert page.text == _page(s, path="/season/farm/S1").text, "it is kept for a while"
        run("device", "set", "soil-1", "--data", place.data, "--name", "another name")         # any word of the record makes it anew
        assert "空气温度" in _section(_page(s, path="/season/farm/S1"))


play()
