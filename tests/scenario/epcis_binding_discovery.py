"""The EPCIS 2.0 REST binding: discovery, versions and capture jobs; a test a requirement."""
from suyuan import document, event, play

RESOURCES = {"/epcis/": {"GET"}, "/epcis/capture": {"GET", "POST"}, "/epcis/capture/x": {"GET"}, "/epcis/events": {"GET", "POST"},
             "/epcis/events/x": {"GET"}, "/epcis/eventTypes": {"GET"}}


def options_of_every_resource_tells_methods_and_versions(place):
    with place.server() as s:
        for path, methods in RESOURCES.items():
            h = s.client.ask("OPTIONS", path).shows(204).headers
            assert methods <= set(h["Allow"].split(", ")), (path, h["Allow"])
            for name in ("EPCIS-Version", "EPCIS-Min", "EPCIS-Max", "CBV-Version", "CBV-Min", "CBV-Max"):
                assert h["GS1-" + name] == "2.0.0", (path, name)
            assert h["GS1-Extensions"].startswith("suyuan=") and h["GS1-Vendor-Version"], path


def options_need_no_account(place):
    with place.server(open_=False) as s:
        for path in RESOURCES:
            s.client.ask("OPTIONS", path).shows(204)
        s.client.get("/epcis/").shows(401)
        s.client.get("/epcis/capture").shows(401)


def options_of_capture_tell_its_limits(place):
    with place.server() as s:
        h = s.client.ask("OPTIONS", "/epcis/capture").shows(204).headers
        assert h["GS1-EPCIS-Capture-Limit"] == "10000" and h["GS1-EPCIS-Capture-File-Size-Limit"] == str(16 << 20)
        assert h["GS1-Capture-Error-Behaviour"] == "rollback, proceed"


def the_collection_names_what_answers(place):
    with place.server() as s:
        c = s.client.get("/epcis/").shows(200).json
        assert c["type"] == "Collection" and c["@context"]
        for member in c["member"]:
            s.client.ask("OPTIONS", "/epcis/" + member).shows(204)
        assert "AssociationEvent" in s.client.get("/epcis/eventTypes").shows(200).json["member"]


def a_range_of_versions_without_ours_is_not_acceptable(place):
    with place.server() as s:
        for name, value in (("EPCIS-Min", "2.1"), ("EPCIS-Max", "1.2"), ("CBV-Min", "3"), ("CBV-Max", "1.2.0"), ("EPCIS-Version", "1.2")):
            for path in ("/epcis/", "/epcis/capture", "/epcis/eventTypes"):
                assert s.client.ask("GET", path, headers={"GS1-" + name: value}).shows(406)
        s.client.captures(document(event(1)), headers={"GS1-EPCIS-Version": "1.2"}).shows(406)
        assert s.client.get("/epcis/capture").shows(200).json == []


def a_range_of_versions_with_ours_is_answered(place):
    with place.server() as s:
        wish = {"GS1-EPCIS-Min": "2.0", "GS1-EPCIS-Max": "2.0.1", "GS1-CBV-Min": "1.2", "GS1-CBV-Max": "3", "GS1-EPCIS-Version": "2.0.1"}
        s.client.ask("GET", "/epcis/", headers=wish).shows(200)
        for broken in ("two", "2..0", ".2", "2.", "-1"):
            s.client.ask("GET", "/epcis/", headers={"GS1-EPCIS-Min": broken}).shows(400)


def a_representation_we_do_not_have_is_not_acceptable(place):
    with place.server() as s:
        for path in ("/epcis/", "/epcis/capture", "/epcis/eventTypes"):
            s.client.ask("GET", path, headers={"Accept": "application/xml"}).shows(406)
            s.client.ask("GET", path, headers={"Accept": "application/ld+json"}).shows(200)


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
