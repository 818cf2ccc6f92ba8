"""What goes wrong with devices and disks, through each door that they speak by: a full disk, a day told twice, a clock that jumps."""
import contextlib
import datetime
import json
import pathlib
import re
import shutil
import subprocess
import threading
import time

from suyuan import DEADLINE, Skip, play, run
from hj212_station import Station
from http_device import push
from mqttlib import Broker, Device, free_port, until

DAY_MS, EACH_MS = 86_400_000, 300_000
T0 = 1_789_999_980_000              # a whole minute of September 2026
CHANNEL = "a34004"


class _Farm:
    """A server with a device at each door.  `doors` by name: tells readings [(ms, value)], true once their receiver said that it has them: the server, or for MQTT the broker."""

    def __init__(self, place):
        self.place, self.folder, port = place, place.folder / "broker", free_port()
        place.init()
        run("org", "add", "farm", "--data", place.data)
        self.secrets = {name: self.add(name, protocol) for name, protocol in (("http", "http"), ("csv", "http"), ("mqtt", "mqtt"), ("hj212", "hj212"))}
        self.server = place.server("--hj212", "127.0.0.1:0", "--broker", self.folder, "--mqtt", f"mqtt://127.0.0.1:{port}", "--mqtt-user", "suyuan-collect",
                                   "--mqtt-password-file", self.folder / "collector-password")
        run("broker", "--data", place.data, "-o", self.folder, "--mqtt-listen", f"127.0.0.1:{port}")
        self.broker = Broker(self.folder / "mosquitto.conf", port)
        until(lambda: "mqtt.subscribed" in self.server.log(), "the subscription")
        self.probe = Device(port, "mqtt", self.secrets["mqtt"])
        self.station = Station(re.search(r"door=hj212 address=(\S+)", self.server.log())[1], "hj212", self.secrets["hj212"])
        self.doors = {"http": self.by_http, "csv": self.by_csv, "mqtt": self.by_mqtt, "hj212": self.by_hj212}

    def add(self, name, protocol):
        said = run("device", "add", name, "--org", "farm", "--place", "A1", "--model", "M1", "--protocol", protocol, "--data", self.place.data).stdout
        return dict(line.split(" ", 1) for line in said.splitlines())["secret"]

    def by_http(self, readings):
        self.status = push(self.server.url, {"id": "http", "secret": self.secrets["http"]}, json.dumps([{"t": t, "values": {CHANNEL: v}} for t, v in readings]).encode())
        return self.status == 200

    def by_csv(self, readings):
        table = f"time,{CHANNEL}\n" + "".join(f"{datetime.datetime.fromtimestamp(t / 1000, datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ},{v}\n" for t, v in readings)
        self.status = push(self.server.url, {"id": "csv", "secret": self.secrets["csv"]}, table.encode(), "text/csv")
        return self.status == 200

    def by_mqtt(self, readings):
        self.probe.publish(json.dumps([{"t": t, "values": {CHANNEL: v}} for t, v in readings]))
        return True

    def by_hj212(self, readings):
        return all([self.station.tells(self.station.data({CHANNEL: v}, t / 1000), tries=1, patience=self.patience) for t, v in readings])
    patience = 20

    def has(self, name):
        a = self.server.client.get(f"/api/series?device={name}&channel={CHANNEL}&from={T0 - DAY_MS}&to={T0 + 400 * DAY_MS}")
        return [tuple(p) for p in a.json["points"]] if a.status == 200 else []

    def findings(self, name):
        return {f["kind"] for f in self.server.client.get(f"/api/devices/{name}").shows(200).json["findings"]}

    @contextlib.contextmanager
    def full_disk(self):
        """Whatever the server writes to its databases fails as on a disk without room."""
        if not shutil.which("strace"):
            raise Skip("strace is not installed")
        trace = self.place.folder / "trace"
        p = subprocess.Popen(["strace", "-f", "-p", str(self.server.process.pid), "-o", trace, "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC"], stderr=subprocess.PIPE, text=True)
        try:
            first = p.stderr.readline()
            if "attached" not in first:
                raise Skip(f"strace may not look at the server here: {first.strip()}")
            threading.Thread(target=p.stderr.read, daemon=True).start()
            until(lambda: self._traced(), "every thread of it")
            yield
            assert "ENOSPC" in trace.read_text(), "nothing was written at all"
        finally:
            p.terminate()               # lets go of it
            p.wait(DEADLINE)

    def _traced(self):
        tasks = pathlib.Path(f"/proc/{self.server.process.pid}/task").iterdir()
        return all("TracerPid:\t0\n" not in (t / "status").read_text() for t in tasks)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.station.close()
        self.broker.stop()
        self.server.__exit__(*exc)


def on_a_full_disk_no_device_is_told_durable_and_what_comes_again_is_there_once(place):
    with _Farm(place) as farm:
        for name, tells in farm.doors.items():
            assert tells([(T0, 1)]), name
            until(lambda: farm.has(name) == [(T0, 1)], f"the first of {name}")
        with farm.full_disk():
            farm.patience = 2
            for name in ("http", "csv"):
                assert not farm.doors[name]([(T0 + EACH_MS, 2)]) and farm.status >= 500, (name, farm.status)
            assert not farm.by_hj212([(T0 + EACH_MS, 2)])
            farm.by_mqtt([(T0 + EACH_MS, 2)])                           # the broker has it, and will say it again
            assert [farm.has(name) for name in farm.doors] == [[(T0, 1)]] * 4
        farm.patience = 20
        for name, tells in farm.doors.items():
            assert name == "mqtt" or tells([(T0 + EACH_MS, 2)]), name
            until(lambda: farm.has(name) == [(T0, 1), (T0 + EACH_MS, 2)], f"both of {name}")
    run("check", "--data", place.data)


def a_day_told_again_changes_nothing_through_any_door(place):
    day = [(T0 + t, 20 + t // EACH_MS % 7) for t in range(0, DAY_MS, EACH_MS)]
    with _Farm(place) as farm:
        for name, tells in farm.doors.items():
            for _ in range(2):
                assert tells(day), name
            until(lambda: len(farm.has(name)) >= len(day), f"the day of {name}")
        mark = [(T0 + DAY_MS, 1)]
        for name, tells in farm.doors.items():                          # behind it in order: what would double has come by then
            assert tells(mark)
            until(lambda: farm.has(name)[-1] == mark[0], f"what {name} says next")
            assert farm.has(name) == day + mark, name
            assert "conflict" not in farm.findings(name), name


def a_clock_that_jumps_is_told_and_the_true_readings_go_on(place):
    with _Farm(place) as farm:
        now = int(time.time()) * 1000
        ahead, long_ago = now + 300 * DAY_MS, int(datetime.datetime(1999, 12, 31, tzinfo=datetime.timezone.utc).timestamp()) * 1000
        since = f"&channel={CHANNEL}&from={now - DAY_MS}&to={now + DAY_MS}"
        for name, tells in farm.doors.items():
            for t, v in ((now - 60000, 1), (ahead, 99), (long_ago, 98), (now - 30000, 2), (ahead, 97)):      # another value of a dream is no conflict
                assert tells([(t, v)]), (name, t)
            until(lambda: [p[1] for p in farm.server.client.get(f"/api/series?device={name}{since}").json["points"]] == [1, 2], f"the true readings of {name}")
            until(lambda: "clock" in farm.findings(name), f"that the clock of {name} is wrong")
            assert "conflict" not in farm.findings(name), name


play()
