"""Devices that speak MQTT, through a real broker: what it gave us and we acknowledged is there once, whoever is killed."""
import base64
import datetime
import json
import os
import signal
import socket
import subprocess
import threading

from mqttlib import BAD_PASSWORD, NOT_AUTHORIZED, Between, Broker, Device, Refused, free_port, until
from suyuan import BINARY, DEADLINE, play, run

T0 = 1780000000000              # a message's time says which it is


def _message(n, **more):
    return json.dumps({"t": T0 + n * 1000, "values": {"ta": n}, "seq": n + 1, **more})


def _add(place, name, protocol="mqtt"):
    said = run("device", "add", name, "--org", "farm", "--place", "plot-1", "--model", "M1", "--protocol", protocol, "--data", place.data).stdout
    return next(line.split()[1] for line in said.splitlines() if line.startswith("secret "))


class _Farm:
    """A server, its devices, a broker on files made from them; the collecting process is the server's child unless it is told otherwise."""

    def __init__(self, place, *devices, child=True):
        self.place, self.port, self.folder = place, free_port(), place.folder / "broker"
        self.options = ("--mqtt", f"mqtt://127.0.0.1:{self.port}", "--mqtt-user", "suyuan-collect", "--mqtt-password-file", self.folder / "collector-password")
        place.init()
        run("org", "add", "farm", "--data", place.data)
        self.child = child
        self.server = self.serve()
        self.secrets = {name: _add(place, name) for name in devices}
        run("broker", "--data", place.data, "-o", self.folder, "--mqtt-listen", f"127.0.0.1:{self.port}")
        self.broker = Broker(self.folder / "mosquitto.conf", self.port)
        self.collectors = []
        if child:                               # what is published before somebody ever subscribed is nobody's
            until(lambda: "mqtt.subscribed" in self.server.log(), "the subscription")

    def serve(self):
        return self.place.server(*(("--broker", self.folder, *self.options) if self.child else ()))

    def collect(self, url):
        path = self.place.folder / f"server-collect{len(self.collectors)}.log"
        log = open(path, "w")
        p = subprocess.Popen([BINARY, "collect", "--server", url, *self.options], stdout=subprocess.PIPE, stderr=log, text=True)
        assert any(line == "ready\n" for line in p.stdout), "collect did not begin"
        self.collectors.append(p)
        until(lambda: "mqtt.subscribed" in path.read_text(), "the subscription")
        return p

    def device(self, name, **kw):
        return Device(self.port, name, self.secrets[name], **kw)

    def has(self, name):
        """Which messages are in the series, each as often as it is."""
        a = self.server.client.get(f"/api/series?device={name}&channel=ta&from={T0 - 1}&to={T0 + 10 ** 10}")
        return [t - T0 for t, _ in a.json["points"]] if a.status == 200 else []

    def comes_to_have(self, name, n):
        want = [i * 1000 for i in range(n)]
        until(lambda: self.has(name) == want, f"{n} readings of {name}")

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        for p in self.collectors:
            if p.poll() is None:
                p.send_signal(signal.SIGTERM)
                code = p.wait(DEADLINE)
                assert exc[0] or code == 0, f"collect ended with {code}"
            p.stdout.close()
        self.broker.stop()
        self.server.__exit__(*exc)


def _trail(farm, org="default"):
    return farm.server.client.get(f"/api/audit?org={org}&limit=200").shows(200).json["audit"]


def _child(server, other_than=None):
    """The number of the collecting process, from the server's log."""
    def newest():
        pids = [int(w[4:]) for line in server.log().splitlines() if " collect.child " in line and "starting" not in line for w in line.split() if w.startswith("pid=")]
        return pids and pids[-1] != other_than and pids[-1]
    return until(newest, "a collecting process")


def what_a_device_publishes_is_in_the_series(place):
    with _Farm(place, "ta-1") as farm:
        d = farm.device("ta-1")
        d.publish(_message(0))
        d.publish("[" + _message(1) + "," + _message(2) + "]")
        d.publish("3", topic="suyuan/ta-1/readings/ta")         # a channel of its own; without a time, so when it came
        d.close()
        farm.comes_to_have("ta-1", 3)
        until(lambda: farm.server.client.get("/api/devices/ta-1").shows(200).json.get("lastSeen"), "lastSeen")


def a_wrong_password_and_a_foreign_topic_are_refused_by_the_broker(place):
    with _Farm(place, "ta-1", "ta-2") as farm:
        for secret in ("wrong", farm.secrets["ta-2"], ""):
            try:
                Device(farm.port, "ta-1", secret)
                raise AssertionError("a wrong password was taken")
            except Refused as r:
                assert r.reason in (BAD_PASSWORD, NOT_AUTHORIZED), r
        for topic in ("suyuan/ta-2/readings", "suyuan/ta-2/readings/ta", "suyuan/ta-1", "spBv1.0/g/DDATA/n/ta-2"):
            d = farm.device("ta-1")
            try:
                d.publish(_message(0), topic=topic)
                raise AssertionError(f"{topic} was taken")
            except Refused as r:
                assert r.reason == NOT_AUTHORIZED, r
        farm.device("ta-1").publish(_message(0))
        farm.comes_to_have("ta-1", 1)
        assert farm.has("ta-2") == []
        for what in ("wrong-secret", "foreign-topic"):
            row = until(lambda: [r for r in _trail(farm, "farm") if r["outcome"] == what], f"{what} in the trail")[0]
            assert row["target"] == "ta-1" and row["address"] == "127.0.0.1", row
        told = farm.server.client.get("/api/devices/ta-1/notices").shows(200).json["notices"]
        assert [n for n in told if n["what"] == "foreign-topic" and n["detail"] == "suyuan/ta-2/readings"], told
        found = lambda name: {f["kind"] for f in farm.server.client.get(f"/api/devices/{name}").shows(200).json["findings"]} & {"wrong-secret", "foreign-topic"}
        assert found("ta-1") == {"wrong-secret", "foreign-topic"} and not found("ta-2"), (found("ta-1"), found("ta-2"))


def a_device_may_enter_as_soon_as_it_is_known_and_no_longer_than_it_may(place):
    with _Farm(place, "ta-1") as farm:
        farm.secrets["ta-2"] = _add(place, "ta-2")
        secret = farm.secrets["ta-2"]

        def enters():
            try:
                return farm.device("ta-2")
            except Refused:
                return None
        d = until(enters, "ta-2's right to enter")
        d.publish(_message(0))
        farm.comes_to_have("ta-2", 1)
        run("device", "revoke", "ta-2", "--data", place.data)

        def out():
            try:
                Device(farm.port, "ta-2", secret, client="again").close()
                return False
            except (Refused, ConnectionError):
                return True
        until(out, "ta-2's end")


def lists_that_another_wrote_over_are_put_right(place):
    """The command may write what it was told a moment before a device came."""
    with _Farm(place, "ta-1") as farm:
        farm.device("ta-1").close()
        passwords = farm.folder / "passwords"
        passwords.write_text("\n".join(line for line in passwords.read_text().splitlines() if not line.startswith("ta-1:")) + "\n")
        until(lambda: "ta-1:" in passwords.read_text(), "the device in the broker's list")


def what_nobody_understands_blocks_nobody(place):
    with _Farm(place, "ta-1") as farm:
        d = farm.device("ta-1")
        for bad in (b"", b"{", b"\xff\xfe", b'{"t": 1, "values": {"ta": "x"}}', b'{"t": "yesterday", "values": {}}', b'[' * 1000):
            d.publish(bad)
        d.publish(_message(0))
        farm.comes_to_have("ta-1", 1)


def _hourly(rows):
    """A logger's table: one value in each of so many hours."""
    begin = datetime.datetime(2020, 1, 1)
    return "time,ta\n" + "".join(f"{begin + datetime.timedelta(hours=i):%Y-%m-%d %H:%M},{i}\n" for i in range(rows))


def what_reaches_into_too_many_hours_blocks_nobody(place):
    """More hours than a batch may have: refused, acknowledged and told; the others' readings, and the device's own next ones, go on."""
    with _Farm(place, "ta-1", "ta-2") as farm:
        d, other = farm.device("ta-1"), farm.device("ta-2")
        for n in range(3):
            d.publish(_hourly(20001), media="text/csv")
            other.publish(_message(n))
        farm.comes_to_have("ta-2", 3)
        d.publish(_message(0))
        farm.comes_to_have("ta-1", 1)
        told = until(lambda: farm.server.client.get("/api/devices/ta-1/notices").shows(200).json["notices"], "the notice")
        assert told[0]["what"] == "bad-frame" and "hours" in told[0]["detail"], told
        assert "mqtt.lost" not in farm.server.log()
        d.publish(_hourly(20000), media="text/csv")             # as many as it may
        until(lambda: farm.server.client.get("/api/series?device=ta-1&channel=ta&from=1577800000000&to=1577900000000").json["points"], "the table")


def what_the_server_refuses_is_acknowledged_and_blocks_nobody(place):
    """A 400 is for the message that deserves it: it is acknowledged and told, the others of its lot are kept, and the broker sends none of them again."""
    with _Farm(place, "ta-1", "ta-2", child=False) as farm:
        between = Between(farm.server.url)
        between.refuse = b"unheard"
        c = farm.collect(between.url)
        d, other = farm.device("ta-1"), farm.device("ta-2")
        d.publish(_message(0))
        between.holding("before")                               # so that what comes now gathers in one lot
        other.publish(_message(0))
        until(lambda: between.held, "a hand-over")
        for n in range(1, 20):
            d.publish(_message(n))
            other.publish(_message(n))
            if n == 10:
                d.publish(json.dumps({"t": T0, "values": {"unheard": 1}}))
        between.let_go()
        farm.comes_to_have("ta-1", 20)
        farm.comes_to_have("ta-2", 20)
        told = until(lambda: farm.server.client.get("/api/devices/ta-1/notices").shows(200).json["notices"], "the notice")
        assert told[0]["what"] == "bad-frame" and told[0]["detail"] == "not these" and b"unheard" in base64.b64decode(told[0]["bytes"]), told
        refused = between.refused
        c.send_signal(signal.SIGTERM)
        assert c.wait(DEADLINE) == 0
        farm.collect(between.url)                               # the broker would send it again now
        other.publish(_message(20))
        farm.comes_to_have("ta-2", 21)
        assert between.refused == refused, (between.refused, refused)
        assert "mqtt.lost" not in (place.folder / "server-collect0.log").read_text()
        between.close()


def killed_before_the_server_has_it_nothing_is_lost(place):
    with _Farm(place, "ta-1", child=False) as farm:
        between = Between(farm.server.url)
        c = farm.collect(between.url)
        d = farm.device("ta-1")
        d.publish(_message(0))
        farm.comes_to_have("ta-1", 1)
        between.holding("before")
        for n in range(1, 40):
            d.publish(_message(n))              # the broker has taken them
        until(lambda: between.held, "a hand-over")
        c.kill()
        c.wait(DEADLINE)
        assert len(farm.has("ta-1")) == 1
        between.hold = None
        farm.collect(between.url)
        farm.comes_to_have("ta-1", 40)
        between.close()
        farm.comes_to_have("ta-1", 40)          # what was held goes through now: the same again changes nothing


def killed_after_the_server_has_it_nothing_is_doubled(place):
    with _Farm(place, "ta-1", child=False) as farm:
        between = Between(farm.server.url)
        c = farm.collect(between.url)
        d = farm.device("ta-1")
        between.holding("after")
        for n in range(40):
            d.publish(_message(n))
        until(lambda: between.held and farm.has("ta-1"), "a hand-over")
        c.kill()
        c.wait(DEADLINE)
        between.let_go()
        farm.collect(between.url)
        farm.comes_to_have("ta-1", 40)
        between.close()


def the_broker_is_not_answered_before_the_server_is(place):
    """While a hand-over is held the broker keeps the messages: another collecting process under the same name gets them all."""
    with _Farm(place, "ta-1", child=False) as farm:
        between = Between(farm.server.url)
        farm.collect(between.url)
        between.holding("before")
        d = farm.device("ta-1")
        for n in range(10):
            d.publish(_message(n))
        until(lambda: between.held, "a hand-over")
        farm.collect(farm.server.url)           # takes the session over
        farm.comes_to_have("ta-1", 10)
        between.close()


def the_server_starts_it_again_when_it_is_killed(place):
    with _Farm(place, "ta-1") as farm:
        d, n = farm.device("ta-1"), 0
        pid = _child(farm.server)
        for _ in range(4):
            for n in range(n, n + 25):
                d.publish(_message(n))
            os.kill(pid, signal.SIGKILL)
            pid = _child(farm.server, other_than=pid)
            n += 1
        farm.comes_to_have("ta-1", n)
        assert "starting it again" in farm.server.log()


def the_server_is_killed_and_its_child_with_it(place):
    with _Farm(place, "ta-1") as farm:
        d, n = farm.device("ta-1"), 0
        for _ in range(3):
            pid = _child(farm.server)
            for n in range(n, n + 20):
                d.publish(_message(n))
            n += 1
            farm.server.kill()
            until(lambda: not os.path.exists(f"/proc/{pid}"), "the end of the child")
            farm.server = farm.serve()
        farm.comes_to_have("ta-1", n)


def what_the_broker_lost_a_device_sends_again(place):
    """Killed, mosquitto forgets what it had not saved yet; the device sends from its own store what was not confirmed as stored."""
    with _Farm(place, "ta-1", child=False) as farm:
        between = Between(farm.server.url)
        farm.collect(between.url)
        d = farm.device("ta-1")
        d.publish(_message(0))
        farm.comes_to_have("ta-1", 1)
        between.holding("before")
        for n in range(1, 30):
            d.publish(_message(n))
        until(lambda: between.held, "a hand-over")
        farm.broker.kill()
        between.let_go()
        farm.broker.start()
        d = until(lambda: farm.device("ta-1"), "the device's return")
        have = len(farm.has("ta-1"))
        assert 1 <= have <= 30
        for n in range(30):                     # all of its store: what is there already changes nothing
            d.publish(_message(n))
        farm.comes_to_have("ta-1", 30)
        between.close()


def the_end_of_the_server_is_the_end_of_the_child_and_leaves_nothing_behind(place):
    with _Farm(place, "ta-1") as farm:
        d = farm.device("ta-1")
        pid = _child(farm.server)
        for n in range(200):
            d.send(_message(n))
        for n in range(200):
            assert d.answer() < 0x80
        assert farm.server.stop() == 0
        assert not os.path.exists(f"/proc/{pid}")
        farm.server = farm.serve()
        farm.comes_to_have("ta-1", 200)


def a_flood_from_one_device_is_throttled_and_leaves_the_others_alone(place):
    with _Farm(place, "loud", "ta-1") as farm:
        run("device", "set", "loud", "--data", place.data, "--channels", place.file("less.json", {"maxPerMinute": 60}))        # half an hour of it at once
        loud, quiet, stop = farm.device("loud"), farm.device("ta-1"), threading.Event()

        def flood():
            n = 0
            while not stop.is_set():
                for _ in range(200):
                    loud.send(json.dumps([{"t": T0 + (n + i) * 10, "values": {"ta": i}} for i in range(100)]))
                    n += 100
                for _ in range(200):
                    loud.answer()

        def findings(name):
            return [f["kind"] for f in farm.server.client.get(f"/api/devices/{name}").shows(200).json["findings"] if f["kind"] not in ("unknown-place", "unknown-model")]
        t = threading.Thread(target=flood)
        t.start()
        try:
            until(lambda: farm.has("loud"), "the flood")
            for n in range(20):
                quiet.publish(_message(n))
            farm.comes_to_have("ta-1", 20)
            until(lambda: "throttled" in findings("loud"), "the finding")
            until(lambda: [r for r in _trail(farm, "farm") if r["outcome"] == "throttled" and r["target"] == "loud"], "the flood in the trail")
        finally:
            stop.set()
            t.join()
        assert findings("ta-1") == []
        quiet.publish(_message(20))             # who is beyond its allowance keeps nobody's place in the queue
        farm.comes_to_have("ta-1", 21)
        assert 0 < len(farm.has("loud")) < 180000


def _certificate(folder, name, ca=None, *, address=None):
    """A key and certificate by openssl: of its own, or under `ca`."""
    key, pem, more = folder / f"{name}.key", folder / f"{name}.pem", folder / f"{name}.ext"
    new = ["openssl", "req", "-x509" if not ca else "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj", f"/CN={name}"]
    if not ca:
        subprocess.run([*new, "-days", "2", "-out", pem], check=True, capture_output=True)
        return key, pem
    request = folder / f"{name}.csr"
    subprocess.run([*new, "-out", request], check=True, capture_output=True)
    more.write_text(f"subjectAltName=IP:{address}\n" if address else "extendedKeyUsage=clientAuth\n")
    subprocess.run(["openssl", "x509", "-req", "-in", request, "-CA", ca[1], "-CAkey", ca[0], "-CAcreateserial", "-days", "2", "-extfile", more, "-out", pem], check=True, capture_output=True)
    return key, pem


def _says(place, *options, wanted):
    """A collecting process with these options logs what is wanted."""
    path = place.folder / f"server-tls-{os.urandom(3).hex()}.log"
    with open(path, "w") as log:
        p = subprocess.Popen([BINARY, "collect", "--data", place.data, *options], stdout=subprocess.DEVNULL, stderr=log)
        try:
            until(lambda: wanted in path.read_text(), f"{wanted!r} in the log ({options})")
        finally:
            p.send_signal(signal.SIGTERM)
            assert p.wait(DEADLINE) == 0


def tls_asks_both_ends_who_they_are(place):
    """The broker must be the one that was called, by name and under our certificates; it wants a certificate of us."""
    place.init()
    port, tls = free_port(), place.folder / "tls"
    tls.mkdir()
    ca, stranger = _certificate(tls, "ca"), _certificate(tls, "stranger")
    server, us = _certificate(tls, "server", ca, address="127.0.0.1"), _certificate(tls, "us", ca)
    conf = place.file("mosquitto.conf", f"""listener {port} 127.0.0.1
user root
allow_anonymous true
cafile {ca[1]}
certfile {server[1]}
keyfile {server[0]}
require_certificate true
""")
    with Broker(conf, port), place.server():
        good = ("--mqtt", f"mqtts://127.0.0.1:{port}", "--mqtt-ca", ca[1], "--mqtt-cert", us[1], "--mqtt-key", us[0])
        _says(place, *good, wanted="mqtt.subscribed")
        _says(place, "--mqtt", f"mqtts://127.0.0.1:{port}", "--mqtt-ca", stranger[1], "--mqtt-cert", us[1], "--mqtt-key", us[0], wanted="TLS: self-signed certificate")
        _says(place, "--mqtt", f"mqtts://localhost:{port}", *good[2:], wanted="TLS: hostname mismatch")
        _says(place, *good[:4], wanted="mqtt.failed")


def an_older_broker_is_spoken_to_in_its_own_way(place):
    """One that knows 3.1.1 alone refuses MQTT 5, and gets 3.1.1."""
    place.init()
    listener = socket.create_server(("127.0.0.1", 0))
    seen = []

    def serve():
        while len(seen) < 2:
            c, _ = listener.accept()
            head = c.recv(4096)
            seen.append(head[8])
            c.sendall(b"\x20\x02\x00" + (b"\x01" if head[8] == 5 else b"\x00"))
            if head[8] == 4:
                c.recv(4096)
                c.sendall(b"\x90\x04\x00\x01\x01\x01")
                held.append(c)
            else:
                c.close()
    held = []
    threading.Thread(target=serve, daemon=True).start()
    with place.server():
        _says(place, "--mqtt", f"mqtt://127.0.0.1:{listener.getsockname()[1]}", wanted="mqtt.subscribed")
    assert seen == [5, 4], seen
    listener.close()


play()
