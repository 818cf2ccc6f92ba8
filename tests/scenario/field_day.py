"""The phone's app against the real server: a worker's hours without a signal, and a network that loses and drops."""
import json
import os

from browser import browser
from suyuan import play, run

PASSWORD = "correct horse"
SQUARE = {"type": "Polygon", "coordinates": [[[114.409, 22.989], [114.411, 22.989], [114.411, 22.991], [114.409, 22.991], [114.409, 22.989]]]}
THINGS = {
    "places/guyu/P01": {"name": "谷雨一号田", "type": "plot", "areaMu": 36, "outline": SQUARE},
    "places/guyu/Store": {"name": "谷雨农资库", "type": "store"},
    "inputs/guyu/CAP": {"name": "康宽悬浮剂", "category": "pesticide", "registrationNumber": "PD20100677", "activeIngredients": ["氯虫苯甲酰胺"],
                        "intervalDays": 5, "labels": [{"crop": "水稻", "intervalDays": 7, "maxUses": 3}]},
}


def _people(place):
    """A farm, its worker, and a key that may ask."""
    run("org", "add", "guyu", "--data", place.data)
    run("user", "add", "li", "--data", place.data, "--org", "guyu", "--role", "worker", input=PASSWORD + "\n")
    return run("key", "add", "--data", place.data, "--org", "guyu", "--scope", "capture,query").stdout.strip()


def _field(s, key):
    """Its plot, its store, what it sprays, and a season of rice."""
    bearer = {"Authorization": "Bearer " + key, "Content-Type": "application/json"}
    for path, body in THINGS.items():
        s.client.ask("PUT", "/api/" + path, body=json.dumps(body).encode(), headers=bearer).shows(201)
    s.client.post("/api/seasons", {"org": "guyu", "code": "Rice2026", "plot": "P01", "crop": "水稻"}, headers=bearer).shows(201)


def a_worker_s_day_reaches_the_season_once_with_its_photos(place):
    place.init()
    key = _people(place)
    with place.server(open_=False) as s:
        _field(s, key)
        browser("field_day.mjs", s.url, key, os.environ.get("SUYUAN_SHOTS", "-"))


if __name__ == "__main__":
    play()
