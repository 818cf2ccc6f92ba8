"""Actors of MQTT: a real broker (mosquitto), and a server in between that holds what is handed over; the device is tests/simulators/mqtt_device.py."""
import http.client
import http.server
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

from suyuan import DEADLINE, Skip
from mqtt_device import BAD_PASSWORD, NOT_AUTHORIZED, Device, Refused  # noqa: F401 (handed on)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(true, what="it"):
    end = time.monotonic() + DEADLINE
    while not (got := true()):
        assert time.monotonic() < end, f"{what} did not come about"
        threading.Event().wait(0.1)
    return got


class Broker:
    """mosquitto on the configuration in a folder."""

    def __init__(self, conf, port):
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        if not os.access(program, os.X_OK):
            raise Skip("mosquitto is not installed")
        self.command, self.port = [program, "-c", str(conf)], port
        self.log_path = pathlib.Path(conf).parent / "broker.log"
        self.start()

    def start(self):
        self.log_file = open(self.log_path, "a")
        self.process = subprocess.Popen(self.command, stdout=self.log_file, stderr=self.log_file)
        until(self.answers, f"the broker ({self.log()[-800:]})")

    def answers(self):
        assert self.process.poll() is None, self.log()
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            return True
        except OSError:
            return False

    def log(self):
        return self.log_path.read_text(errors="replace")

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.log_file.close()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(DEADLINE)
        self.log_file.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()


class Between:
    """Stands between the collecting process and the server: passes everything on, holds readings while it is told to, before the server has them or after it
    took them, and says in its place that those with certain bytes are not what they should be."""

    def __init__(self, server):
        parts = urllib.parse.urlsplit(server)
        outer, self.hold, self.held, self.passed, self.refuse, self.refused = self, None, 0, 0, None, 0
        self.free = threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args):
                pass

            def _pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                readings = self.path.startswith("/api/collect/readings")
                if readings and outer.hold == "before":
                    outer.wait()
                if readings and outer.refuse and outer.refuse in body:
                    outer.refused += 1
                    self.answer(400, "application/problem+json", b'{"detail": "not these"}')
                    return
                c = http.client.HTTPConnection(parts.hostname, parts.port, timeout=DEADLINE)
                c.request(self.command, self.path, body=body, headers={"Content-Type": self.headers.get("Content-Type") or "", "Host": parts.netloc})
                r = c.getresponse()
                answer = r.read()
                c.close()
                if readings and outer.hold == "after":
                    outer.wait()
                outer.passed += readings
                self.answer(r.status, r.headers.get("Content-Type") or "application/json", answer)

            def answer(self, status, media, text):
                try:
                    self.send_response(status)
                    if status != 204:
                        self.send_header("Content-Type", media)
                        self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = _pass_on

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def wait(self):
        self.held += 1
        self.free.wait(DEADLINE)

    def holding(self, when):
        self.free.clear()
        self.held, self.hold = 0, when

    def let_go(self):
        self.hold = None
        self.free.set()

    def close(self):
        self.let_go()
        self.http.shutdown()
        self.http.server_close()
