"""A consumer's page checks its own entries in the browser: a lot of sixty events, and the demonstration's bag."""
import os

from browser import browser
from suyuan import Server, document, event, play, run

LOT, SEASON, PLACE = ("http://127.0.0.1:8080/" + x for x in ("lot/farm/R60", "season/farm/S60", "place/farm/P1"))


def _sixty():
    """A season of 57 works, its harvest, a test and the shelf."""
    at = lambda day, hour: f"2026-{4 + day // 28:02d}-{1 + day % 28:02d}T{hour:02d}:{7 * day % 60:02d}:00.000+08:00"
    works = [event(eventTime=at(i, 6 + i % 12), eventID=f"urn:uuid:00000000-0000-4000-8000-{i:012d}" if i % 2 else None, type="TransformationEvent", action=None, epcList=None,
                   transformationID=SEASON, readPoint={"id": PLACE}, bizStep=("suyuan:irrigating", "suyuan:fertilising", "suyuan:spraying")[i % 3],
                   inputQuantityList=[{"epcClass": f"http://127.0.0.1:8080/lot/farm/In{i % 5}", "quantity": 2 + i, "uom": "KGM"}],
                   **({"suyuan:preHarvestIntervalDays": 7, "suyuan:dose": "20 mL"} if i % 3 == 2 else {})) for i in range(57)]
    harvest = event(eventTime=at(90, 8), eventID="urn:uuid:00000000-0000-4000-8000-000000000090", type="TransformationEvent", action=None, epcList=None, transformationID=SEASON, readPoint={"id": PLACE}, bizStep="suyuan:harvesting",
                    outputQuantityList=[{"epcClass": LOT, "quantity": 1200, "uom": "KGM"}])
    rest = [event(eventTime=at(91 + i, 9), eventID=f"urn:uuid:00000000-0000-4000-8000-{91 + i:012d}", epcList=None, quantityList=[{"epcClass": LOT, "quantity": 1200, "uom": "KGM"}], readPoint={"id": PLACE}, **m)
            for i, m in enumerate(({"bizStep": "inspecting", "disposition": "conformant"}, {"bizStep": "stocking"}))]
    return [*works, harvest, *rest]


def sixty_events_are_checked_on_a_slow_phone_and_each_altered_byte_is_red(place):
    with place.server() as s:
        s.client.captures(document(*_sixty())).shows(202)
        page = s.client.get("/lot/farm/R60", Accept="text/html").shows(200)
        assert page.text.count(" data-r=") == 60 and len(page.body) < 30 * 1024, (page.text.count(" data-r="), len(page.body))
        browser("check.mjs", s.url + "/lot/farm/R60", *filter(None, [os.environ.get("SUYUAN_SHOTS")]))


def the_demonstration_s_stories_hold_on_the_server_s_own_proofs(place):
    run("demo", "--data", place.data, "--origin", "http://127.0.0.1:8080")
    with Server(place.data) as s:
        browser("check_served.mjs", s.url + "/")


play()
