"""The EPCIS 2.0 REST binding: discovery without an account, and capture jobs.  The single requirements are in epcis_requirements.py."""
from suyuan import document, event, play

RESOURCES = ("/epcis/", "/epcis/capture", "/epcis/capture/x", "/epcis/events", "/epcis/events/x", "/epcis/eventTypes")


def options_need_no_account(place):
    with place.server(open_=False) as s:
        for path in RESOURCES:
            s.client.ask("OPTIONS", path).shows(204)
        s.client.get("/epcis/").shows(401)
        s.client.get("/epcis/capture").shows(401)


def capture_jobs_are_told_a_page_at_a_time_each_once(place):
    with place.server() as s:
        made = {s.client.captures(document(event(n))).shows(202).json["captureID"] for n in range(1, 8)}
        told, path, pages = [], "/epcis/capture?perPage=3", 0
        while path:
            a = s.client.get(path).shows(200)
            assert 0 < len(a.json) <= 3
            told += [job["captureID"] for job in a.json]
            link, pages = a.headers["Link"], pages + 1
            path = link[1:link.index(">")] if link else None
        assert pages == 3 and len(told) == 7 and set(told) == made
        assert len(s.client.get("/epcis/capture").shows(200).json) == 7


def a_page_of_exactly_the_rest_has_no_next(place):
    with place.server() as s:
        for n in (1, 2, 3):
            s.client.captures(document(event(n))).shows(202)
        assert s.client.get("/epcis/capture?perPage=3").shows(200).headers["Link"] is None
        for wrong in ("perPage=0", "perPage=x", "nextPageToken=" + 41 * "a", "nextPageToken="):
            s.client.get("/epcis/capture?" + wrong).shows(400)


def a_proceeding_job_tells_its_errors_as_problems(place):
    with place.server() as s:
        bad = event(2, eventTime="yesterday")
        job = s.client.captures(document(event(1), bad), headers={"GS1-Capture-Error-Behaviour": "proceed"}).shows(202)
        kept = s.client.get(job.headers["Location"]).shows(200).json
        assert (kept["running"], kept["success"], kept["captured"]) == (False, False, 1)
        assert kept["errors"]
        for p in kept["errors"]:
            assert p["type"] == "epcisException:ValidationException" and p["title"] and p["status"] == 400 and p["event"] == 1


play()
