"""What is wrong with what devices say is found, told once and ends; an alarm is an event and a letter."""
import email
import email.header
import json
import socket
import sqlite3
import threading
import time
import uuid

from devices import JSON, _add, _bearer, _farms, _until
from suyuan import DEADLINE, play

MINUTE = 60_000


class _Letters:
    """A mail server for one letter after another (RFC 5321); refuses the first `refuse`."""

    def __init__(self, refuse=0):
        self.refuse, self.letters, self.asked, self.unknown = refuse, [], 0, 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                c, _ = self.socket.accept()
            except OSError:
                return
            with c:
                self._one(c.makefile("rwb", buffering=0))

    def _one(self, f):
        say = lambda text: f.write(text.encode() + b"\r\n")
        self.asked += 1
        say("220 letters")
        to, data = [], None
        for line in f:
            word = line.split()[0].upper() if line.split() else b""
            if word in (b"EHLO", b"HELO", b"RSET"):
                say("250 ok")
            elif word == b"MAIL":
                say("250 ok" if self.asked > self.refuse else "451 later")
            elif word == b"RCPT":
                name = line.decode().strip().split("<")[1].split(">")[0]
                if name.startswith("nobody@"):
                    self.unknown += 1
                    say("550 no such mailbox")
                    continue
                to.append(name)
                say("250 ok")
            elif word == b"DATA":
                say("354 go on")
                data = b""
                for line in f:
                    if line == b".\r\n":
                        break
                    data += line
                self.letters.append((to, email.message_from_bytes(data)))
                say("250 kept")
            elif word == b"QUIT":
                say("221 bye")
                return
            else:
                say("500 what")


def _now():
    return int(time.time() * 1000)


def _push(s, secret, *readings, device="d1"):
    s.client.post(f"/api/devices/{device}/readings", [{"t": t, "values": v} for t, v in readings], headers={**JSON, **_bearer(secret)}).shows(200)


def _findings(s, device="d1"):
    return {f["kind"]: f for f in s.client.get(f"/api/devices/{device}").shows(200).json["findings"]}


def what_cannot_be_is_found_explained_and_ends(place):
    _farms(place, "farm")
    secret = _add(place, "d1")
    with place.server() as s:
        t = _now() - 60 * MINUTE
        _push(s, secret, *[(t + i * MINUTE, {"air-temperature": 20 + i / 10}) for i in range(5)], *[(t + i * MINUTE, {"air-temperature": -80}) for i in (5, 6)])
        found = _until("the finding", lambda: _findings(s).get("range"))
        assert found["channel"] == "air-temperature" and "-80 °C" in found["evidence"]["words"]["en"] and "超出可能的范围" in found["evidence"]["words"]["zh-Hans"], found
        assert len(s.client.get(f"/api/series?device=d1&channel=air-temperature&from={t}&to={_now()}").shows(200).json["points"]) == 7, "nothing is thrown away"
        _push(s, secret, *[(t + i * MINUTE, {"air-temperature": 20}) for i in (7, 8, 9)])
        _until("its end", lambda: "range" not in _findings(s))


def a_unit_mistaken_and_a_gap_are_told_and_the_gap_is_filled(place):
    _farms(place, "farm")
    secret = _add(place, "d1")
    with place.server() as s:
        t = _now() - 120 * MINUTE
        _push(s, secret, *[(t + i * MINUTE, {"a01006": 101.2 + i % 3 / 10}) for i in range(30)])
        _push(s, secret, *[(t + i * MINUTE, {"a01006": 1013}) for i in (30, 31, 32)])
        assert "divided by 10" in _until("the unit", lambda: _findings(s).get("unit"))["evidence"]["words"]["en"]
        _push(s, secret, (t + 50 * MINUTE, {"a01006": 101.3}))
        _until("the gap", lambda: _findings(s).get("gap"))
        _push(s, secret, *[(t + i * MINUTE, {"a01006": 101.3}) for i in range(33, 50)])
        _until("the gap is filled", lambda: "gap" not in _findings(s))


def an_alarm_is_an_event_and_a_letter_and_goes_on_after_a_restart(place):
    letters = _Letters(refuse=1)
    _farms(place, "farm")
    secret = _add(place, "d1")
    options = ("--smtp-url", letters.url, "--smtp-from", "alarm@farm.example", "--alarm-mail", "li@farm.example")
    with place.server(*options) as s:
        t = _now() - 30 * MINUTE
        _push(s, secret, *[(t + i * MINUTE, {"air-temperature": 1.5}) for i in range(12)])
        found = _until("frost", lambda: _findings(s).get("alarm:frost"))
        assert found["severity"] == "grave" and found["evidence"]["words"]["zh-Hans"].startswith("霜冻：空气温度"), found
        listed = s.client.get("/api/devices?org=farm").shows(200).json["devices"][0]["findings"]
        assert listed["grave"] == 1, listed
        event = _until("the event", lambda: s.client.get("/epcis/events?EQ_bizStep=sensor_reporting").shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
        report = event[0]["sensorElementList"][0]["sensorReport"][0]
        assert len(event) == 1 and report["exception"] == "ALARM_CONDITION" and report["value"] == 1.5 and event[0]["readPoint"]["id"].endswith("/place/farm/A1"), event
    with place.server(*options) as s:
        to, letter = _until("the letter, also after a refusal", lambda: letters.letters)[0]
        subject = "".join(part.decode(code or "ascii") if isinstance(part, bytes) else part for part, code in email.header.decode_header(letter["Subject"]))
        assert to == ["li@farm.example"] and subject.startswith("[d1] 霜冻"), (to, subject)
        assert "Frost: Air temperature below 2 °C" in letter.get_payload(decode=True).decode(), letter
        _push(s, secret, *[(t + i * MINUTE, {"air-temperature": 5}) for i in range(12, 15)])
        _until("its end", lambda: "alarm:frost" not in _findings(s))
        events = _until("the end's event", lambda: (e := s.client.get("/epcis/events?EQ_bizStep=sensor_reporting").shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) and len(e) == 2 and e)
        assert sum("exception" in e["sensorElementList"][0]["sensorReport"][0] for e in events) == 1, events
        assert len(letters.letters) == 1, "told once"


def an_address_that_is_refused_holds_up_no_other(place):
    letters = _Letters()
    _farms(place, "farm")
    with place.server("--smtp-url", letters.url, "--smtp-from", "alarm@farm.example") as s:
        t = _now() - 30 * MINUTE
        for device, mail in (("d1", ["nobody@farm.example"]), ("d2", ["nobody@farm.example", "li@farm.example"])):
            secret = _add(place, device)
            s.client.ask("PUT", f"/api/devices/{device}", body=json.dumps({"mail": mail}).encode(), headers=JSON).shows(200)
            _push(s, secret, *[(t + i * MINUTE, {"air-temperature": 1.5}) for i in range(12)], device=device)
        to, letter = _until("the letter", lambda: letters.letters)[0]
        assert to == ["li@farm.example"] and letter["Message-ID"].startswith("<d2."), (to, letter)
        _until("it is given up, and said so", lambda: "sensing.mail-refused" in s.log())
    assert letters.unknown == 2, letters.unknown


def an_alarm_s_event_is_recorded_once_when_nobody_could_write_for_a_while(place):
    _farms(place, "farm")
    secret = _add(place, "d1")
    events = lambda: s.client.get("/epcis/events?EQ_bizStep=sensor_reporting").shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    with place.server() as s:
        other = sqlite3.connect(place.data / "suyuan.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")                # nobody else writes now; the writer gives up after 10 s, one after the other
        t = _now() - 30 * MINUTE
        _push(s, secret, *[(t + i * MINUTE, {"air-temperature": 1.5}) for i in range(12)])
        _until("the writer gave up", lambda: "held by another process" in s.log())
        assert not events()
        other.execute("ROLLBACK")
        other.close()
        (event,) = _until("it is recorded", events, 2 * DEADLINE)
        assert event["sensorElementList"][0]["sensorReport"][0]["exception"] == "ALARM_CONDITION", event
        _until("the finding is kept too", lambda: _findings(s, "d1"))
        assert len(events()) == 1


def an_alarm_whose_event_a_kill_lost_has_it_after_the_next_start(place):
    _farms(place, "farm")
    secrets = {id: _add(place, id) for id in ("d1", "d2", "d3")}
    events = lambda: s.client.get("/epcis/events?EQ_bizStep=sensor_reporting").shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    of = lambda id: [e for e in events() if e["sensorElementList"][0]["sensorMetadata"]["deviceID"].endswith("/" + id)]
    s = place.server()
    t = _now() - 30 * MINUTE
    _push(s, secrets["d1"], *[(t + i * MINUTE, {"air-temperature": 1.5}) for i in range(12)])
    _until("the event", lambda: len(of("d1")) == 1 and _findings(s).get("alarm:frost"))
    s.kill()
    # d2 and d3 as if they had been killed between the finding and its event; d3's alarm is history, which has none
    with sqlite3.connect(place.data / "suyuan.db") as db:
        for id, earlier in (("d2", 0), ("d3", 120 * MINUTE)):
            db.execute("INSERT INTO device_finding SELECT ?, channel, kind, severity, opened_us, last_us, closed_us, times, told_us, json_set(evidence, '$.at', json_extract(evidence, '$.at') - ?)"
                       " FROM device_finding WHERE device = 'd1'", (id, earlier))
    s = place.server()
    (event,) = _until("the event is made again", lambda: of("d2"), 2 * DEADLINE)
    was, again = (e["sensorElementList"][0]["sensorReport"] for e in (of("d1")[0], event))
    assert again == was and again[0]["exception"] == "ALARM_CONDITION" and event["eventTime"] == of("d1")[0]["eventTime"] and event["suyuan:explanation"] == of("d1")[0]["suyuan:explanation"], (was, event)
    s.kill()
    with place.server() as s:
        _push(s, secrets["d2"], *[(t + i * MINUTE, {"air-temperature": 5}) for i in range(12, 15)], device="d2")
        _until("its end, which is recorded after what waited", lambda: len(of("d2")) == 2)
        assert sum("exception" in e["sensorElementList"][0]["sensorReport"][0] for e in of("d2")) == 1 and len(of("d1")) == 1 and not of("d3"), events()


def in_its_quiet_hours_an_alarm_wakes_nobody(place):
    letters = _Letters()
    _farms(place, "farm")
    with place.server("--smtp-url", letters.url, "--smtp-from", "alarm@farm.example", "--alarm-mail", "li@farm.example") as s:
        t = _now() - 30 * MINUTE
        for device, quiet in (("d1", ["00:00", "23:59"]), ("d2", ["00:00", "00:00"])):        # the whole day but a minute; none of it
            secret = _add(place, device)
            channel = {"code": "t", "alarms": [{"name": "cold", "below": 10, "quiet": quiet}]}
            s.client.ask("PUT", f"/api/devices/{device}", body=json.dumps({"channels": [channel]}).encode(), headers=JSON).shows(200)
            _push(s, secret, (t, {"t": 9}), device=device)
            _until("the finding is there all the same", lambda: _findings(s, device).get("alarm:cold"))
        to, letter = _until("a letter", lambda: letters.letters)[0]
        assert letter["Message-ID"].startswith("<d2.") and len(letters.letters) == 1, [l["Message-ID"] for _, l in letters.letters]


def a_subscriber_hears_of_an_alarm(place):
    _farms(place, "farm")
    with place.server() as s:
        secret = _add(place, "d1")
        s.client.post("/epcis/queries", {"name": "alarms", "query": {"EQ_bizStep": ["sensor_reporting"]}}, headers={**JSON, "Suyuan-Org": "farm"}).shows(201)
        t = _now() - 30 * MINUTE
        _push(s, secret, *[(t + i * MINUTE, {"air-temperature": 1.5}) for i in range(12)])
        _until("the named query tells it", lambda: "ALARM_CONDITION" in s.client.get("/epcis/queries/alarms/events").text)


def a_device_s_own_description_decides(place):
    _farms(place, "farm")
    secret = _add(place, "d1")
    with place.server() as s:
        channel = {"code": "t", "quantity": "air-temperature", "range": {"min": 0, "max": 40}, "alarms": [{"name": "花期低温", "below": 10, "clear": 12}]}
        s.client.ask("PUT", "/api/devices/d1", body=json.dumps({"channels": [channel]}).encode(), headers=JSON).shows(200)
        t = _now() - 30 * MINUTE
        _push(s, secret, *[(t + i * MINUTE, {"t": 9}) for i in range(2)])
        _until("its own alarm", lambda: _findings(s).get("alarm:花期低温"))
        _push(s, secret, *[(t + i * MINUTE, {"t": 41}) for i in range(2, 4)])
        _until("its own range", lambda: _findings(s).get("range"))
        assert "alarm:花期低温" not in _findings(s)


def an_alarm_of_a_stage_waits_for_the_growth_record(place):
    _farms(place, "farm")
    with place.server() as s:
        put = lambda path, body: s.client.ask("PUT", path, body=json.dumps(body).encode(), headers=JSON)
        put("/api/places/farm/A1", {"name": "一号田"}).shows(201)
        s.client.post("/api/seasons", {"org": "farm", "code": "S1", "plot": "A1", "crop": "rice", "opened": "2026-06-01"}, headers=JSON).shows(201)
        secret = _add(place, "d1")
        staged = {"channels": [{"code": "t", "quantity": "air-temperature", "alarms": [{"name": "花期低温", "below": 10, "stages": ["60-69"]}]}]}
        put("/api/devices/d1", staged).shows(200)
        t = _now() - 30 * MINUTE
        _push(s, secret, (t, {"t": 9}), (t + MINUTE, {"t": 9.1}))
        s.client.post("/api/acts", {"act": "growth", "id": str(uuid.uuid4()), "at": "2026-08-20T08:00:00+08:00", "season": "farm/S1", "stage": "65"}, headers={**JSON, "Suyuan-Org": "farm"}).shows(201)
        assert "alarm:花期低温" not in _findings(s)
        put("/api/devices/d1", {**staged, "everySeconds": 60}).shows(200)      # described anew: asked at once
        _push(s, secret, (t + 2 * MINUTE, {"t": 9}))
        _until("the alarm of the stage", lambda: _findings(s).get("alarm:花期低温"))


def history_that_comes_late_is_no_alarm_of_today(place):
    letters = _Letters()
    _farms(place, "farm")
    secret = _add(place, "d1")
    with place.server("--smtp-url", letters.url, "--smtp-from", "alarm@farm.example", "--alarm-mail", "li@farm.example") as s:
        t = _now() - 3 * 24 * 60 * MINUTE
        _push(s, secret, *[(t + i * MINUTE, {"air-temperature": -3}) for i in range(20)])
        _until("the finding", lambda: _findings(s).get("alarm:frost"))
        assert s.client.get("/epcis/events?EQ_bizStep=sensor_reporting").shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"] == []


if __name__ == "__main__":
    play()
