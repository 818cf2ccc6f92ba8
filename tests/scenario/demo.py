"""`./dev demo`: the district with devices that speak by each protocol; whatever ends it leaves no program behind."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

from suyuan import BINARY, DEADLINE, ROOT, Client, play
from mqttlib import free_port, until

LOADS = 280             # loading two weeks of seventy-two devices takes a while with sanitizers
PROTOCOLS = ("http", "hj212", "modbus", "mqtt")


class _Demo:
    def __init__(self, place, **ports):
        self.data, self.port = place.data, free_port()
        self.log = place.folder / f"server-demo{len(list(place.folder.glob('server-demo*')))}.log"
        ports = {name: free_port() for name in ("mqtt", "hj212", "modbus")} | ports
        more = [x for name, port in ports.items() for x in (f"--{name}-port", str(port))]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([sys.executable, ROOT / "demo/live.py", "--suyuan", BINARY, "--data", self.data, "--port", str(self.port), "--every", "1", *more],
                                            stdout=log, stderr=log, start_new_session=True)
        self.client = Client("127.0.0.1", self.port)

    def speaks(self):
        end = time.monotonic() + LOADS
        while "Ctrl-C" not in self.log.read_text():
            assert self.process.poll() is None and time.monotonic() < end, self.log.read_text()
            threading.Event().wait(0.1)
        return json.loads((self.data / "demo-devices.json").read_text())["devices"]

    def programs(self):
        """Everything below the script, by number: what it started, and what they started."""
        parents = {}
        for p in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                parents[int(p.parent.name)] = int(p.read_text().rpartition(")")[2].split()[1])
            except OSError:
                pass
        found, more = [], [self.process.pid]
        while more:
            more = [pid for pid, parent in parents.items() if parent in more]
            found += more
        return found

    def hears(self, device):
        """The next values of a device as the desk hears them."""
        def events():
            a = self.client.get(f"/api/live?device={device}&wait=5").shows(200).text
            return [line for line in a.splitlines() if line.startswith("data:")]
        first = until(events, f"a reading of {device}")
        return until(lambda: [e for e in events() if e != first[-1]], f"another reading of {device}")


def _names(pids):
    return {pid: pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for pid in pids}


def _gone(pids):
    until(lambda: not [pid for pid in pids if os.path.exists(f"/proc/{pid}")], f"the end of {pids}")


def devices_of_each_protocol_speak_until_ctrl_c_and_nothing_is_left(place):
    demo = _Demo(place)
    devices = demo.speaks()
    assert (place.data / "demo-devices.json").stat().st_mode & 0o777 == 0o600
    assert {p: sum(d["protocol"] == p for d in devices) for p in PROTOCOLS} == dict.fromkeys(PROTOCOLS, 2), devices
    pids = demo.programs()
    names = " ".join(_names(pids).values())
    for wanted in ("serve", "collect", "mosquitto", "mqtt_device.py", "hj212_station.py", "modbus_slave.py", "http_device.py"):
        assert wanted in names, names
    for d in devices:
        demo.hears(d["id"])
        assert d["secret"] not in names and d["secret"] not in demo.log.read_text()
    told = demo.client.get("/api/devices/" + devices[0]["id"]).shows(200).json
    assert told["state"] == "online" and len(told["channels"]) == 8, told           # under the names that the loaded curves have
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(DEADLINE) == 0, demo.log.read_text()
    _gone(pids)

    with socket.create_server(("127.0.0.1", 0)) as taken:                           # again on the same folder, where a port is taken now
        again = _Demo(place, hj212=taken.getsockname()[1])
        again.speaks()
        for protocol in PROTOCOLS:
            again.hears(next(d["id"] for d in devices if d["protocol"] == protocol))
        pids = again.programs()
        again.process.kill()                                                        # nobody is left who would end them
        again.process.wait(DEADLINE)
        _gone(pids)


play()
