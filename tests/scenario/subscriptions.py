"""Who subscribes is told: everything, in order, signed, whatever breaks; and nobody inside is reached who was not to be."""
import hashlib
import hmac
import http.server
import json
import os
import random
import threading

from suyuan import DEADLINE, document, event, play, run

LONG = int(os.environ.get("SUYUAN_DELIVERIES", "300"))
PATH = "/epcis/queries/SimpleEventQuery/subscriptions"


class _Consumer:
    """A consumer's web server; `judge(document, headers)` says the status it answers."""

    def __init__(self, judge=None, port=0):
        self.taken, self.asked, self.raw = [], 0, []
        self.judge = judge or (lambda d, h: 204)
        self.news = threading.Condition()
        self.port = port
        self.start()

    def start(self):
        consumer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = consumer.hear(self.path, self.headers, body)
                self.send_response(status)
                if status in (301, 302, 307, 308):
                    self.send_header("Location", consumer.elsewhere)
                if status != 204:
                    self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *a):
                pass

        class Web(http.server.ThreadingHTTPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 64

        self.web = Web(("127.0.0.1", self.port), Handler)
        self.port = self.web.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def hear(self, path, headers, body):
        d = json.loads(body)
        with self.news:
            self.asked += 1
            status = self.judge(d, headers)
            if 200 <= status < 300:
                self.taken.append((path, d, headers["Suyuan-Delivery"]))
                self.raw.append((headers, body))
            self.news.notify_all()
        return status

    def stop(self):
        self.web.shutdown()
        self.web.server_close()

    def events(self, path="/"):
        return [e["eventID"] for p, d, _ in list(self.taken) if p == path for e in d["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]

    def waits_until(self, fact, patience=DEADLINE):
        with self.news:
            assert self.news.wait_for(fact, patience), f"it did not come: {self.asked} asked, {len(self.taken)} taken"

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()


def _numbered(n):
    return event(n, eventID=f"https://example.org/event/{n}")


def _ids(numbers):
    return [f"https://example.org/event/{n}" for n in numbers]


def _subscribes(server, **members):
    return server.client.post(PATH, {"stream": True, **members})


def _once(ids):
    return list(dict.fromkeys(ids))


def a_subscription_is_made_shown_and_ended(place):
    with place.server() as s:
        made = _subscribes(s, dest="https://example.com/hook", signatureToken="secret-token").shows(201)
        assert made.json["dest"] == "https://example.com/hook" and "secret-token" not in made.text, made
        where = made.headers["Location"]
        assert where == f"{PATH}/{made.json['subscriptionID']}"
        shown = s.client.get(where).shows(200)
        assert shown.json["stream"] is True and "secret-token" not in shown.text
        other = _subscribes(s, dest="https://example.com/other").shows(201).json["subscriptionID"]
        page = s.client.get(PATH + "?perPage=1").shows(200)
        after = page.headers["Link"].split("<")[1].split(">")[0]
        rest = s.client.get(after).shows(200)
        assert {page.json[0]["subscriptionID"], rest.json[0]["subscriptionID"]} == {made.json["subscriptionID"], other} and "Link" not in rest.headers
        assert s.client.ask("OPTIONS", where).shows(204).headers["Allow"] == "GET, HEAD, DELETE, OPTIONS"
        s.client.ask("DELETE", where).shows(204)
        s.client.get(where).shows(404)
        s.client.ask("DELETE", where).shows(404)
        s.client.get("/epcis/queries/nobody/subscriptions").shows(404)
        assert "secret-token" not in s.log()


def what_is_no_subscription_is_refused(place):
    schedule = {"second": "0"}
    with place.server() as s:
        for body in ({"dest": "https://example.com/"}, {"dest": "https://example.com/", "stream": True, "schedule": schedule},
                     {"dest": "https://example.com/", "stream": False}, {"stream": True}, {"dest": 7, "stream": True},
                     {"dest": "https://example.com/", "schedule": {"second": "61"}}, {"dest": "https://example.com/", "schedule": {}},
                     {"dest": "https://example.com/", "stream": True, "initialRecordTime": "yesterday"},
                     {"dest": "https://example.com/", "stream": True, "signatureToken": ""}):
            refused = s.client.post(PATH, body).shows(400)
            assert refused.json["type"].endswith("SubscriptionControlsException") or "bad-subscription" in refused.text, refused
        assert s.client.get(PATH).json == []


def nothing_inside_is_reached(place):
    with _Consumer() as inside, place.server() as s:
        p = inside.port
        for dest in (f"http://127.0.0.1:{p}/", f"http://localhost:{p}/", f"http://[::1]:{p}/", "http://10.0.0.1/", "http://169.254.169.254/latest/",
                     f"http://0.0.0.0:{p}/", f"http://[::ffff:127.0.0.1]:{p}/", f"http://2130706433:{p}/", f"http://0x7f.1:{p}/", f"http://127.1:{p}/",
                     "http://[fd00::1]/", "http://[fe80::1]/", "http://100.64.0.1/", "ftp://example.com/", "file:///etc/passwd"):
            _subscribes(s, dest=dest).shows(400)
        # A name is known only when it is asked for: this one leads to the loopback address.
        name = _subscribes(s, dest=f"http://inside.localhost:{p}/").shows(201).headers["Location"]
        s.client.captures(document(_numbered(1))).shows(202)
        _until(lambda: s.client.get(name).json["failures"] > 0)
        assert s.client.get(name).json["delivered"] == 0 and inside.asked == 0


def a_redirect_is_not_followed(place):
    with _Consumer() as inside, _Consumer(lambda d, h: 307) as door:
        door.elsewhere = inside.url
        with place.server("--push-allow", f"127.0.0.1:{door.port}", "--push-retry-ms", "10") as s:
            where = _subscribes(s, dest=door.url).shows(201).headers["Location"]
            s.client.captures(document(_numbered(1))).shows(202)
            door.waits_until(lambda: door.asked >= 2)
            _until(lambda: s.client.get(where).json.get("lastError", "") == "the consumer answered 307")
            assert inside.asked == 0


def _until(fact):
    import time
    end = time.monotonic() + DEADLINE
    while not fact():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)


def deliveries_are_signed(place):
    with _Consumer() as c, place.server("--push-allow", "127.0.0.1") as s:
        _subscribes(s, dest=c.url, signatureToken="钥匙").shows(201)
        s.client.captures(document(_numbered(1), _numbered(2))).shows(202)
        c.waits_until(lambda: c.events() == _ids([1, 2]))
        headers, body = c.raw[0]
        key = "钥匙".encode()
        assert headers["GS1-Signature"] == hmac.new(key, body, hashlib.sha256).hexdigest()
        parts = dict(x.split("=") for x in headers["Suyuan-Signature"].split(","))
        assert parts["v1"] == hmac.new(key, parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
        assert headers["GS1-EPCIS-Version"] == "2.0.0" and headers["Content-Type"] == "application/json"
        assert c.taken[0][1]["type"] == "EPCISQueryDocument"


def what_is_too_large_is_split(place):
    def judge(d, h):
        return 413 if len(d["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) > 3 else 200
    with _Consumer(judge) as c, place.server("--push-allow", "127.0.0.1") as s:
        s.client.captures(document(*map(_numbered, range(1, 41)))).shows(202)
        _subscribes(s, dest=c.url, initialRecordTime="2020-01-01T00:00:00Z").shows(201)
        c.waits_until(lambda: len(c.events()) >= 40)
        assert c.events() == _ids(range(1, 41))


def a_schedule_tells_what_came_since(place):
    with _Consumer() as c, place.server("--push-allow", "127.0.0.1") as s:
        made = s.client.post(PATH, {"dest": c.url, "schedule": {"second": "[0-59]"}, "reportIfEmpty": True}).shows(201)
        assert made.json["schedule"] == {"second": "[0-59]"}
        c.waits_until(lambda: len(c.taken) >= 1)
        assert c.events() == []
        s.client.captures(document(_numbered(1))).shows(202)
        c.waits_until(lambda: c.events() == _ids([1]))
        n = len(c.taken)
        c.waits_until(lambda: len(c.taken) > n)
        assert c.events() == _ids([1])


def a_dead_consumer_costs_the_living_nothing(place):
    import socket
    with socket.create_server(("127.0.0.1", 0)) as deaf, _Consumer() as c, place.server("--push-allow", "127.0.0.1") as s:
        silent = [_subscribes(s, dest=f"http://127.0.0.1:{deaf.getsockname()[1]}/{i}").shows(201).headers["Location"] for i in range(3)]
        _subscribes(s, dest=c.url).shows(201)
        for n in range(1, 21):
            s.client.captures(document(_numbered(n))).shows(202)
            c.waits_until(lambda: len(c.events()) >= n, 10)
        assert c.events() == _ids(range(1, 21))
        assert s.client.get(silent[0]).json["delivered"] == 0


def nothing_is_lost_between_failures_restarts_and_kills(place):
    draw = random.Random(7)

    def judge(d, h):    # one event a delivery, so that there are many
        if len(d["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) > 1:
            return 413
        return 503 if draw.random() < 1 / 3 else 204
    with _Consumer(judge) as c:
        options = ("--push-allow", "127.0.0.1", "--push-retry-ms", "5")
        s = place.server(*options)
        try:
            paths = ("/a", "/b", "/c")
            for p in paths:
                _subscribes(s, dest=c.url + p).shows(201)
            todo, sent, breaks = LONG // len(paths), 0, {1: "consumer", 2: "server", 3: "consumer", 4: "server"}
            for part in range(1, 6):
                upto = todo * part // 5
                while sent < upto:
                    many = range(sent + 1, min(upto, sent + 10) + 1)
                    s.client.captures(document(*map(_numbered, many))).shows(202)
                    sent = many[-1]
                    c.waits_until(lambda: len(c.taken) >= sent)     # of three times as many: they are in the midst of it
                if breaks.get(part) == "consumer":
                    c.stop()
                    sent += 1
                    s.client.captures(document(_numbered(sent))).shows(202)
                    c.start()
                elif breaks.get(part) == "server":
                    s.kill()
                    s = place.server(*options)
            for p in paths:
                c.waits_until(lambda: len(set(c.events(p))) >= sent, 1800)
            for p in paths:
                told = c.events(p)
                assert _once(told) == _ids(range(1, sent + 1)), "lost or out of order"
                names = [name for path, _, name in c.taken if path == p]
                assert len(names) - len(set(names)) <= 6, "more repeats than breaks"
            print(f"# {len(c.taken)} deliveries taken of {c.asked}, {sent} events, {sum(len(c.events(p)) for p in paths)} told to {len(paths)}")
        finally:
            s.stop()


def _member(place, code):
    run("org", "add", code, "--data", place.data)
    return run("key", "add", "--org", code, "--scope", "capture,query", "--data", place.data).stdout.strip()


def a_disabled_organisation_is_told_nothing_until_it_is_enabled(place):
    place.init()
    key, west = ({"Authorization": "Bearer " + _member(place, code)} for code in ("east", "west"))
    with _Consumer() as c, place.server("--push-allow", "127.0.0.1", open_=False) as s:
        s.client.post(PATH, {"dest": c.url, "stream": True}, headers=key).shows(201)
        s.client.captures(document(_numbered(1)), headers=key).shows(202)
        c.waits_until(lambda: c.events() == _ids([1]))
        run("org", "disable", "east", "--data", place.data)
        _until(lambda: "suyuan_subscriptions 0" in s.client.get("/metrics").text)
        told = {"destinationList": [{"type": "owning_party", "destination": "http://127.0.0.1:8080/org/east"}]}
        s.client.captures(document({**_numbered(2), **told}), headers=west).shows(202)
        assert c.events() == _ids([1])
        run("org", "enable", "east", "--data", place.data)
        c.waits_until(lambda: c.events() == _ids([1, 2]))


def _district(place, *codes):
    """A regulator's organisation with these farms in its district: headers of each one's key, the regulator's under its own code."""
    place.init()
    run("org", "add", "bureau", "--kind", "regulator", "--data", place.data)
    for code in codes:
        run("org", "add", code, "--district", "bureau", "--data", place.data)
    return {code: {"Authorization": "Bearer " + run("key", "add", "--org", code, "--scope", "capture,query", "--data", place.data).stdout.strip()}
            for code in ("bureau", *codes)}


NAMES_BUREAU = {"destinationList": [{"type": "owning_party", "destination": "http://127.0.0.1:8080/org/bureau"}]}


def _captures(server, key, *numbers, **members):
    server.client.captures(document(*[{**_numbered(n), **members} for n in numbers]), headers=key).shows(202)


def a_regulator_is_told_of_its_district_and_of_nobody_else(place):
    keys = _district(place, "east", "west")
    run("org", "add", "foreign", "--data", place.data)
    keys["foreign"] = {"Authorization": "Bearer " + run("key", "add", "--org", "foreign", "--scope", "capture", "--data", place.data).stdout.strip()}
    with _Consumer() as c, place.server("--push-allow", "127.0.0.1", open_=False) as s:
        _captures(s, keys["east"], 1)
        where = s.client.post(PATH, {"dest": c.url, "stream": True}, headers=keys["bureau"]).shows(201).headers["Location"]
        s.client.post(PATH, {"dest": c.url + "/east", "stream": True}, headers=keys["east"]).shows(201)
        for n, code in enumerate(("east", "west", "foreign", "named", "west", "east"), 2):
            if code == "named":         # a stranger's record that names the regulator, who so has a copy
                _captures(s, keys["foreign"], n, **NAMES_BUREAU)
            else:
                _captures(s, keys[code], n)
        want = _ids([2, 3, 5, 6, 7])
        c.waits_until(lambda: len(c.events()) >= 5)
        assert c.events() == want, c.events()       # in the order of recording
        c.waits_until(lambda: c.events("/east") == _ids([2, 7]))
        # What names the regulator is told once, as the original.
        _captures(s, keys["west"], 8, **NAMES_BUREAU)
        _captures(s, keys["east"], 9)
        c.waits_until(lambda: _ids([9])[0] in c.events())
        assert c.events() == want + _ids([8, 9]), c.events()
        _until(lambda: s.client.ask("GET", where, headers=keys["bureau"]).json["delivered"] == 7)
        newest = s.client.ask("GET", "/epcis/events?perPage=1", headers=keys["bureau"]).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"][0]
        assert newest["eventID"] == _ids([9])[0]
        until = s.client.ask("OPTIONS", where, headers=keys["bureau"]).shows(204).headers["GS1-Query-Min-Record-Time"]
        assert until.rstrip("Z") == newest["recordTime"].rstrip("Z"), (until, newest["recordTime"])


def who_joins_a_district_is_told_from_where_the_subscription_began(place):
    keys = _district(place, "east", "west")
    run("org", "set", "west", "--district", "west", "--data", place.data)
    with _Consumer() as c, place.server("--push-allow", "127.0.0.1", open_=False) as s:
        _captures(s, keys["west"], 1)
        s.client.post(PATH, {"dest": c.url, "stream": True}, headers=keys["bureau"]).shows(201)
        _captures(s, keys["west"], 2)
        _captures(s, keys["east"], 3)
        c.waits_until(lambda: c.events() == _ids([3]))
        run("org", "set", "west", "--district", "bureau", "--data", place.data)
        c.waits_until(lambda: len(c.events()) >= 2)     # without another event
        assert c.events() == _ids([3, 2]), c.events()
        run("org", "set", "west", "--district", "west", "--data", place.data)
        _until(lambda: s.client.ask("GET", "/epcis/events", headers=keys["bureau"]).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"][1:] == [])
        _captures(s, keys["west"], 4)
        _captures(s, keys["east"], 5)
        c.waits_until(lambda: c.events() == _ids([3, 2, 5]))
        run("org", "set", "west", "--district", "bureau", "--data", place.data)
        c.waits_until(lambda: c.events() == _ids([3, 2, 5, 4]))


def a_district_loses_nothing_between_failures_restarts_and_kills(place):
    draw = random.Random(11)

    def judge(d, h):
        if len(d["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) > 2:
            return 413
        return 503 if draw.random() < 1 / 3 else 204
    codes = ("east", "west", "north")
    keys = _district(place, *codes)
    options = ("--push-allow", "127.0.0.1", "--push-retry-ms", "5")
    with _Consumer(judge) as c:
        s = place.server(*options, open_=False)
        try:
            s.client.post(PATH, {"dest": c.url, "stream": True}, headers=keys["bureau"]).shows(201)
            sent = 0
            for part in range(5):
                for _ in range(8):
                    sent += 1
                    _captures(s, keys[codes[draw.randrange(3)]], sent)
                c.waits_until(lambda: len(set(c.events())) >= sent - 4)       # in the midst of it
                s.kill()
                s = place.server(*options, open_=False)
            c.waits_until(lambda: len(set(c.events())) >= sent)
            assert _once(c.events()) == _ids(range(1, sent + 1)), "lost or out of order"
            where = s.client.ask("GET", PATH, headers=keys["bureau"]).json[0]["subscriptionID"]
            s.client.ask("DELETE", f"{PATH}/{where}", headers=keys["bureau"]).shows(204)
        finally:
            s.stop()


def metrics_tell_of_deliveries(place):
    with _Consumer() as c, place.server("--push-allow", "127.0.0.1") as s:
        _subscribes(s, dest=c.url).shows(201)
        s.client.captures(document(_numbered(1))).shows(202)
        _until(lambda: "\nsuyuan_delivered_events_total 1\n" in s.client.get("/metrics").text)
        assert "\nsuyuan_subscriptions 1\n" in s.client.get("/metrics").text


if __name__ == "__main__":
    play()
