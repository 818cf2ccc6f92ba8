"""An iPhone's engine (WebKit): the phone's app with and without a signal, and the consumer's page that checks itself."""
import json
import shutil

from browser import browser
from field_day import PASSWORD, THINGS
from suyuan import ROOT, Skip, play, run


def a_worker_s_records_arrive_once_and_a_bag_s_page_checks_itself(place):
    if not shutil.which("WebKitWebDriver") or not shutil.which("Xvfb"):
        raise Skip("WebKitWebDriver or Xvfb is not here")
    run("demo", "--data", place.data, "--origin", "http://127.0.0.1:8080")
    run("org", "add", "guyu", "--data", place.data)
    run("user", "add", "li", "--data", place.data, "--org", "guyu", "--role", "worker", input=PASSWORD + "\n")
    key = run("key", "add", "--data", place.data, "--org", "guyu", "--scope", "capture,query").stdout.strip()
    with place.server(open_=False) as s:
        bearer = {"Authorization": "Bearer " + key, "Content-Type": "application/json"}
        for path, body in THINGS.items():
            s.client.ask("PUT", "/api/" + path, body=json.dumps(body).encode(), headers=bearer).shows(201)
        s.client.post("/api/seasons", {"org": "guyu", "code": "Rice2026", "plot": "P01", "crop": "水稻"}, headers=bearer).shows(201)
        photo = next(f for f in sorted((ROOT / "docs").rglob("*.png")))
        bag = s.client.get("/", Accept="text/html").shows(200)
        lot = s.url + next(a.split('"')[0] for a in bag.text.split('href="')[1:] if a.startswith("/01/"))
        browser("iphone.mjs", s.url, key, str(photo), lot)


play()
