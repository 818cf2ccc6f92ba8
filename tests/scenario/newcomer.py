"""The newcomer's way: the demonstration district, its front page, the bag, the label that a decoder reads."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

from browser import browser
from suyuan import Skip, Server, play, run


_loaded = tempfile.TemporaryDirectory(prefix="suyuan-demo-")


def _demo(place):
    """The demonstration, loaded once and copied for each test: eleven million readings take their time under a sanitizer."""
    kept = pathlib.Path(_loaded.name) / "data"
    if not kept.exists():
        run("demo", "--data", place.data, "--origin", "http://127.0.0.1:8080")
        shutil.copytree(place.data, kept)
    else:
        shutil.copytree(kept, place.data)
    return json.loads((place.data / "front.json").read_text())


def the_demo_tells_three_stories_and_is_quick_the_second_time(place):
    stories = _demo(place)
    assert len(stories) == 3
    again = run("demo", "--data", place.data).stdout
    assert re.search(r"captured 0, known [1-9]\d*, refused 0", again), again
    run("check", "--data", place.data)
    with Server(place.data) as s:
        front = s.client.get("/", Accept="text/html").shows(200).text
        for story in stories:
            path = "/" + story["uri"].split("/", 3)[3]
            assert path in front
            page = s.client.get(path, Accept="text/html", Accept_Language="zh-CN").shows(200)
            assert page.headers["Content-Type"].startswith("text/html") and len(page.body) < 30 * 1024, len(page.body)
            assert page.text.count("<script") == 1 and '<script type="module" src="/verify/' in page.text
            data = s.client.get(path, Accept="application/ld+json").shows(200)
            assert "json" in data.headers["Content-Type"] and data.json
            assert "staff" not in page.text and "staff" not in json.dumps(data.json), "no worker is public"


def the_demo_s_probes_have_their_curves(place):
    _demo(place)
    with Server(place.data) as s:
        devices = s.client.get("/api/devices?org=default&perPage=100").shows(200).json["devices"]
        assert len(devices) == 72, len(devices)
        for d in devices[::24]:
            hours = s.client.get(f"/api/series?device={d['id']}&channel=air-temperature&from=0&to=4000000000000&step=3600000").shows(200).json["points"]
            assert 14 * 24 <= len(hours) <= 14 * 24 + 1 and sum(h[4] for h in hours) == 14 * 24 * 60, (d["id"], len(hours))


def the_recalled_lot_says_so_first(place):
    stories = _demo(place)
    with Server(place.data) as s:
        pages = [s.client.get("/" + x["uri"].split("/", 3)[3], Accept="text/html", Accept_Language="zh-CN").shows(200).text for x in stories]
    recalled = [p for p in pages if "召回" in re.sub(r"<[^>]*>", "", p.split("</header>")[-1])[:1500]]
    assert len(recalled) == 1, "one of the three stories is recalled"


def a_page_follows_what_happens_to_its_lot(place):
    """Warm pages must not outlive their truth: hold the lot, and the page of its bag says so at once."""
    stories = _demo(place)
    with Server(place.data) as s:
        path = "/" + stories[0]["uri"].split("/", 3)[3]
        first = s.client.get(path, Accept_Language="zh-CN").shows(200)
        same = s.client.get(path, Accept_Language="zh-CN", If_None_Match=first.headers["ETag"])
        assert same.status == 304, same
        for tags in ("W/" + first.headers["ETag"], '"other", ' + first.headers["ETag"], "*"):
            assert s.client.get(path, Accept_Language="zh-CN", If_None_Match=tags).status == 304, tags
        hold = {"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"suyuan": "https://w3id.org/suyuan/voc/"}],
                "type": "ObjectEvent", "action": "OBSERVE", "eventTime": "2026-11-20T08:00:00+08:00", "eventTimeZoneOffset": "+08:00", "bizStep": "holding",
                "disposition": "recalled", "persistentDisposition": {"set": ["recalled"]}, "epcList": [stories[0]["uri"]]}
        s.client.post("/epcis/events", hold).shows(201)
        after = s.client.get(path, Accept_Language="zh-CN", If_None_Match=first.headers["ETag"]).shows(200)
        assert "召回" in after.text and "召回" not in first.text


def every_label_is_read_back_by_a_decoder(place):
    stories = _demo(place)
    for tool in ("zbarimg", "pdftoppm", "rsvg-convert"):
        if not shutil.which(tool):
            raise Skip(tool + " is not here")
    uri = stories[0]["uri"]
    for form in ("png", "pdf", "svg"):
        out = place.folder / f"label.{form}"
        run("label", uri, "--data", place.data, "--format", form, "--output", out)
        picture = place.folder / "seen.png"
        if form == "png":
            picture = out
        elif form == "pdf":
            subprocess.run(["pdftoppm", "-r", "300", "-png", "-singlefile", out, picture.with_suffix("")], check=True)
        else:
            subprocess.run(["rsvg-convert", "-z", "3", "-o", picture, out], check=True)
        decoder = subprocess.run(["zbarimg", "-q", "--raw", picture], capture_output=True, text=True)
        read = decoder.stdout.strip()
        assert read.startswith("http://127.0.0.1:8080/") and read.split("/", 3)[3] == uri.split("/", 3)[3], (form, uri, decoder, picture.stat().st_size)
    run("label", "/01/06901234567893/10/A1", "--data", place.data, "--format", "png", "--output", place.folder / "no.png", code=1)
    run("label", stories[2]["uri"], "--data", place.data, "--format", "png", "--output", place.folder / "no.png", code=1)
    assert not (place.folder / "no.png").exists(), "neither a wrong check digit nor a recalled pack gets a label"


def the_pages_stand_in_a_real_browser(place):
    _demo(place)
    with Server(place.data) as s:
        browser("pages.mjs", s.url + "/", timeout=300)


play()
