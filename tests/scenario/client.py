"""A partner points an EPCIS 2.0 client written by others (npm: epcis2.js) at us, as it is."""
import json
import pathlib
import subprocess

from suyuan import play, run

PARTNER = pathlib.Path(__file__).resolve().parents[1] / "client/partner.mjs"


def a_client_of_others_captures_and_queries(place):
    place.init()
    run("org", "add", "partner", "--name", "Partner", "--data", place.data)
    key = run("key", "add", "--org", "partner", "--scope", "capture,query", "--data", place.data).stdout.strip()
    with place.server(open_=False) as s:
        r = subprocess.run(["node", PARTNER, s.url, key], capture_output=True, text=True, timeout=120)
        assert r.returncode == 0, r.stdout + r.stderr
        facts = {f["fact"]: f["value"] for f in map(json.loads, r.stdout.splitlines())}
    assert facts["captured"] == 202, r.stdout
    assert facts["job"]["success"] is True and facts["job"]["running"] is False and not facts["job"]["errors"], facts["job"]
    assert sorted(facts["all"]) == [11, 12, 13, 14, 15, 50, 51]
    assert facts["steps"] == [50] and sorted(facts["epc"]) == [11, 50]
    assert sorted(facts["kelvin"]) == [14, 15] and sorted(facts["extension"]) == [14, 15] and facts["ilmd"] == [12]
    assert sorted(facts["owner"]) == [11, 12, 13, 14, 15] and facts["order"] == [11, 12, 13]
    assert facts["same"] is True, r.stdout
    assert facts["refused"] == [400, True] and facts["named"] == [201, 1] and facts["stranger"] == 401


if __name__ == "__main__":
    play()
