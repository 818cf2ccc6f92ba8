"""Capture at 30 % of its top rate beside phones that send 12 MP photos in parts, and the pictures made of them: its 99th of a hundred, against without."""
import hashlib
import http.client
import os
import pathlib
import struct
import subprocess
import threading
import time

from query import PER_DOCUMENT, SHARE, split
from support import BUILD, EVENTS, ROUNDS, children, copy, district, documents, figure, median, program, say, scratch, serve, tells

SECONDS, CHUNK = 20, 64 * 1024
PHOTOS_A_SECOND = 1             # 50 phones on lines of some 50 KB/s


def photo(folder):
    path = folder / "12mp.jpg"
    subprocess.run([BUILD / "tests/photo", "make", "4000", "3000", "6", path], check=True)
    return path.read_bytes()


class Steady:
    """Something done at a steady rate on a thread of its own, and how long each took from when it was due, in ms."""

    def __init__(self, address, per_second, act):
        self.host, self.wait, self.act, self.end, self.took = address.removeprefix("http://"), 1 / per_second, act, threading.Event(), []
        self.thread = threading.Thread(target=self.run)

    def run(self):
        c = http.client.HTTPConnection(self.host)
        due = time.monotonic()
        while not self.end.wait(max(0, due - time.monotonic())):
            self.act(c)
            self.took.append(1000 * (time.monotonic() - due))
            due += self.wait

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()


def ask(c, method, path, body, headers, good):
    c.request(method, path, body, headers)
    a = c.getresponse()
    a.read()
    if a.status not in good:
        raise SystemExit(f"bench: {method} {path}: {a.status}")


def sender(base):
    """Each time another photo, in parts."""
    def send(c):
        text = os.urandom(16)
        data = base[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text + base[2:]
        path = "/api/blobs/sha256/" + hashlib.sha256(data).hexdigest()
        for at in range(0, len(data), CHUNK):
            ask(c, "PUT", path, data[at:at + CHUNK], {"Upload-Offset": str(at), "Upload-Length": str(len(data))}, (201, 204))
    return send


def p99(values):
    return sorted(values)[int(0.99 * (len(values) - 1))]


def wait_for_pictures(data, pid):
    """Those that are still being made belong to nobody's next round."""
    quiet = 0
    while quiet < 10:
        quiet = 0 if children(pid) else quiet + 1
        time.sleep(0.1)
    return len(list(pathlib.Path(data).glob("pictures/*/*-480.jpg")))


def measure():
    count = 600
    with scratch("photos") as folder:
        base, data = photo(folder), copy(district(EVENTS), folder / "data")
        with serve(data, "--open") as s:
            r = tells(program("load"), "-c", "8", s.url.removeprefix("http://"), "/epcis/capture", documents(EVENTS, PER_DOCUMENT, count))
            rate = SHARE * r["ok"] / r["seconds"]
            say(f"  capture at its top: {rate / SHARE * PER_DOCUMENT:.0f} events/s; a photo has {len(base) / 1e6:.1f} MB")
            bodies = split(documents(EVENTS + PER_DOCUMENT * count, PER_DOCUMENT, int(rate * SECONDS * 2 * ROUNDS * 1.5) + 100))

            def capture(c):
                ask(c, "POST", "/epcis/capture", next(bodies), {"Content-Type": "application/json"}, (202,))
            alone, beside = [], []
            for _ in range(ROUNDS):
                with Steady(s.url, rate, capture) as c:
                    time.sleep(SECONDS)
                alone.append(p99(c.took))
                with Steady(s.url, rate, capture) as c, Steady(s.url, PHOTOS_A_SECOND, sender(base)) as phones:
                    time.sleep(SECONDS)
                beside.append(p99(c.took))
                made = wait_for_pictures(data, s.process.pid)
                say(f"  p99 of capture {alone[-1]:.1f} ms alone, {beside[-1]:.1f} ms beside {len(phones.took)} photos sent (each {median(phones.took):.0f} ms); {made} pictures so far")
    figure("photos", median(beside), f"ms, p99 of capture at {SHARE:.0%} of its top rate beside {PHOTOS_A_SECOND} photo of 12 MP a second", median(beside) / median(alone), f"without ({median(alone):.1f} ms)")
