"""An iPhone's engine (WebKit): the phone's app with and without a signal, and the consumer's page that checks itself."""
import shutil

from browser import browser
from field_day import _field, _people
from suyuan import ROOT, Skip, play, run


def a_worker_s_records_arrive_once_and_a_bag_s_page_checks_itself(place):
    if not shutil.which("WebKitWebDriver") or not shutil.which("Xvfb"):
        raise Skip("WebKitWebDriver or Xvfb is not here")
    run("demo", "--data", place.data, "--origin", "http://127.0.0.1:8080")
    key = _people(place)
    with place.server(open_=False) as s:
        _field(s, key)
        photo = next(f for f in sorted((ROOT / "docs").rglob("*.png")))
        bag = s.client.get("/", Accept="text/html").shows(200)
        lot = s.url + next(a.split('"')[0] for a in bag.text.split('href="')[1:] if a.startswith("/01/"))
        browser("iphone.mjs", s.url, key, str(photo), lot)


play()
