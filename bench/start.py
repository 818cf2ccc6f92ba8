"""From exec to the first answer, on the large database."""
import subprocess
import time

from support import BINARY, EVENTS, FOLDER, WRITER, district, figure, median, program, say
from suyuan import Client

import urllib.parse

TIMES = 9


def until_listening(command, then):
    """Seconds from exec until `then` has been done with the line that says it listens."""
    begun = time.perf_counter()
    p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    line = p.stdout.readline()
    if not line.startswith("listening on "):
        raise SystemExit(f"bench: {command[0]} said {line!r}")
    then(line.split()[-1])
    took = time.perf_counter() - begun
    p.terminate()
    p.communicate()
    return took


def healthy(url):
    parts = urllib.parse.urlsplit(url)
    Client(parts.hostname, parts.port).get("/healthz").shows(200)


def measure():
    data = district(EVENTS)
    serve = [str(BINARY), "serve", "--data", str(data), "--listen", "127.0.0.1:0", "--open", "--log-level", "warn", *WRITER]
    ours, reference = [], []
    for _ in range(TIMES):
        ours.append(until_listening(serve, healthy))
        reference.append(until_listening([program("bare_open"), str(data / "suyuan.db")], lambda _: None))
    ms, bare_ms = median(ours) * 1000, median(reference) * 1000
    say(f"  slowest start {max(ours) * 1000:.1f} ms")
    figure("start", ms, f"ms to the first answer at {EVENTS} events", ms / 200, "limit 200 ms")
    figure("start-bare", ms, "ms", ms / bare_ms, f"a bare program that opens the same database and reads a row ({bare_ms:.2f} ms)")
