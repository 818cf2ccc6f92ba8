#!/usr/bin/env python3
"""The demonstration, alive: loads the district, serves it, and lets some of its devices go on speaking, until Ctrl-C.

It starts the server, a broker (mosquitto) on loopback with each device's own password and rights, and one simulator a protocol (tests/simulators/).  Each of them ends with this
program, also when that is killed; nothing but DIR is written to.  A port that is taken is replaced by a free one, but the server's own."""
import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
SIMULATORS = ROOT / "tests/simulators"
END_S = 15


def say(text):
    print(text, file=sys.stderr, flush=True)


def free(preferred):
    """That port of 127.0.0.1, or one that is free."""
    for port in (preferred, 0):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
                return s.getsockname()[1]
            except OSError:
                continue
    sys.exit("no port is free")


class Programs:
    """What was started; ended one after the other, each by its number, the newest first."""

    def __init__(self):
        self.all, self.told = [], set()
        # If this program is killed the others are told to end; each has a group of its own, so that Ctrl-C reaches this one alone.
        self.before = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []

    def start(self, name, *command, last=False, **kw):
        """`last`: is ended after all others."""
        p = subprocess.Popen([*self.before, *map(str, command)], stdin=subprocess.DEVNULL, start_new_session=True, **kw)
        self.all.insert(0 if last else len(self.all), (name, p))
        return p

    def look(self):
        """Says once what has ended by itself."""
        for name, p in self.all:
            if p.poll() is not None and p.pid not in self.told:
                self.told.add(p.pid)
                say(f"{name}: 已退出 / has ended ({p.returncode})")

    def end(self):
        for name, p in reversed(self.all):
            if p.poll() is None:
                p.terminate()
                try:
                    p.wait(END_S)
                except subprocess.TimeoutExpired:
                    p.kill()
                    p.wait()


class Demo:
    def __init__(self, o):
        self.o, self.programs, self.data = o, Programs(), pathlib.Path(o.data)
        self.url, self.folder = f"http://127.0.0.1:{o.port}", pathlib.Path(o.data) / "broker"
        self.over = threading.Event()
        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(s, lambda *_: self.over.set())

    def suyuan(self, *args, **kw):
        return subprocess.run([self.o.suyuan, *map(str, args), "--data", self.data], check=True, stdin=subprocess.DEVNULL, **kw)

    def load(self):
        self.suyuan("demo", "--origin", self.url, "--events", self.o.events)
        listed = self.data / "demo-devices.json"        # not there: generated events in place of a farm's day
        self.listed = listed if listed.exists() else None
        self.devices = json.loads(listed.read_text()) if self.listed else {"devices": []}

    # ---- the server, with its doors ----

    def doors(self):
        if not self.listed:
            return []
        self.hj212, self.modbus = free(self.o.hj212_port), free(self.o.modbus_port or self.devices["modbusPort"])
        self.mqtt = free(self.o.mqtt_port) if shutil.which("mosquitto") else None
        broker = ["--broker", self.folder, "--mqtt", f"mqtt://127.0.0.1:{self.mqtt}", "--mqtt-user", "suyuan-collect", "--mqtt-password-file", self.folder / "collector-password"]
        return ["--hj212", f"127.0.0.1:{self.hj212}", "--modbus", "--modbus-allow", "127.0.0.1", *(broker if self.mqtt else [])]

    def serve(self):
        """True once it answers."""
        doors = self.doors()
        self.server = self.programs.start("suyuan serve", self.o.suyuan, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.o.port}", "--open", "--log-level", "warn", *doors, stdout=subprocess.PIPE, text=True)
        return self.server.stdout.readline().startswith("listening on ")

    # ---- devices ----

    def broker(self):
        self.suyuan("broker", "-o", self.folder, "--mqtt-listen", f"127.0.0.1:{self.mqtt}", stdout=subprocess.DEVNULL)
        log = open(self.folder / "mosquitto.out", "w")
        self.programs.start("mosquitto", shutil.which("mosquitto"), "-c", self.folder / "mosquitto.conf", last=True, stdout=log, stderr=log)
        log.close()

    def ask_modbus_at_its_port(self):
        """The description says where a device is asked: anew where that is another port this time."""
        for d in self.devices["devices"]:
            path = f"{self.url}/api/devices/{d['id']}"
            if d["protocol"] != "modbus":
                continue
            poll = json.load(urllib.request.urlopen(path, timeout=END_S)).get("poll", {})
            if poll.get("port") != self.modbus:
                body = json.dumps({"poll": {**poll, "port": self.modbus}}).encode()
                urllib.request.urlopen(urllib.request.Request(path, body, {"Content-Type": "application/json"}, method="PUT"), timeout=END_S).close()

    def simulate(self, name, where, *more):
        every = ["--every", self.o.every or self.devices["everySeconds"]] if name != "modbus_slave.py" else []
        self.programs.start(name, sys.executable, SIMULATORS / name, where, "--devices", self.listed, *every, *more, stdout=subprocess.DEVNULL)

    def speak(self):
        if self.mqtt:
            self.broker()
        self.simulate("modbus_slave.py", self.modbus)
        self.ask_modbus_at_its_port()
        if self.mqtt:
            self.simulate("mqtt_device.py", f"127.0.0.1:{self.mqtt}")
        self.simulate("hj212_station.py", f"127.0.0.1:{self.hj212}")
        self.simulate("http_device.py", self.url)

    # ---- what people see ----

    def tell(self):
        say(f"打开 / open    {self.url}/")
        for s in json.loads((self.data / "front.json").read_text()):
            say(f"  {s['title']['zh-Hans']}  {s['uri']}")
        say(f"手机记录 / the phone's app  {self.url}/field/    农场桌面 / the desk  {self.url}/desk/")

    def tell_devices(self):
        where = {"mqtt": f"mosquitto 127.0.0.1:{self.mqtt}", "hj212": f"127.0.0.1:{self.hj212}", "modbus": f"127.0.0.1:{self.modbus}", "http": self.url}
        names = {"mqtt": "MQTT 5", "hj212": "HJ 212", "modbus": "Modbus TCP", "http": "HTTP"}
        say(f"正在说话的设备 / devices that speak now    {self.url}/desk/#/devices")
        for protocol in where:
            ids = [d["id"] for d in self.devices["devices"] if d["protocol"] == protocol]
            away = "  （没有安装 mosquitto / mosquitto is not installed）" if protocol == "mqtt" and not self.mqtt else ""
            say(f"  {names[protocol]:<11} {where[protocol] if not away else '-':<26} {' '.join(ids)}{away}")

    def run(self):
        try:
            self.load()
            if self.over.is_set() or not self.serve():
                return 0 if self.over.is_set() else 1
            if self.listed:
                self.speak()
            self.tell()
            if self.listed:
                self.tell_devices()
            say("Ctrl-C 结束 / ends it")
            while not self.over.wait(0.3) and self.server.poll() is None:
                self.programs.look()
            return self.server.returncode or 0
        except subprocess.CalledProcessError as e:      # it has said why
            return 0 if self.over.is_set() else e.returncode
        finally:
            self.programs.end()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--suyuan", default=ROOT / "build/suyuan", metavar="FILE", help="the program (default build/suyuan)")
    p.add_argument("--data", default=os.environ.get("SUYUAN_DEMO_DATA", ROOT / "build/demo-data"), metavar="DIR", help="SUYUAN_DEMO_DATA; default build/demo-data")
    p.add_argument("--port", type=int, default=int(os.environ.get("SUYUAN_PORT", 8080)), help="of the server: SUYUAN_PORT; default 8080")
    p.add_argument("--events", default=os.environ.get("SUYUAN_DEMO_EVENTS", "0"), metavar="N", help="generated events in place of the farm's day: SUYUAN_DEMO_EVENTS")
    p.add_argument("--mqtt-port", type=int, default=1883)
    p.add_argument("--hj212-port", type=int, default=9212)
    p.add_argument("--modbus-port", type=int, default=0, help="default: the one that the load wrote, 15020")
    p.add_argument("--every", type=float, default=0, metavar="SECONDS", help="between a device's readings (default: 5)")
    sys.exit(Demo(p.parse_args()).run())


if __name__ == "__main__":
    main()
