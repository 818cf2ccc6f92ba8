"""Thousands of HJ 212 stations at once: what the collecting process takes of a core, and how long an answer takes.

2,000 stations, each on a connection of its own, send a frame of eight channels a second, and each frame is answered once it is durable.  The reference is one core: 1.00
would be all of it."""
import os
import pathlib
import re
import threading
import time

from support import Client, cpu_seconds, children, figure, program, say, scratch, serve, suyuan, tells

STATIONS = int(os.environ.get("SUYUAN_BENCH_STATIONS", 2000))
SECONDS, WARM = 20, 5


def _register(data, socket):
    """All at once over the owner's socket; the command line would start a process each."""
    owner = Client("localhost", 80, unix=socket)
    for i in range(STATIONS):
        owner.post("/api/devices", {"id": f"station-{i:05d}", "org": "farm", "place": "A1", "model": "aq-9", "protocol": "hj212", "mn": f"L{i:05d}", "secret": "123456"}).shows(201)


def _door(server):
    end = time.monotonic() + 30
    while not (found := re.search(r"door=hj212 address=(\S+)", server.log())):
        assert time.monotonic() < end, "the door did not open"
        threading.Event().wait(0.05)
    return found[1]


def _collector(server):
    for pid in children(server.process.pid):
        if b"collect" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise SystemExit("bench: no collecting process")


def _own(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure():
    with scratch("hj212") as folder:
        data = folder / "data"
        suyuan("init", "--data", data, "--origin", "http://127.0.0.1:8080")
        suyuan("org", "add", "farm", "--data", data)
        with serve(data, "--hj212", "127.0.0.1:0", "--log-level", "info") as s:
            _register(data, data / "suyuan.sock")
            collector, address = _collector(s), _door(s)
            begun, all_begun, at = _own(collector), cpu_seconds(s.process.pid), time.monotonic()
            r = tells(program("hj212_load"), "-n", STATIONS, "-s", SECONDS, "-w", WARM, address)
            seconds = time.monotonic() - at
            own, both = _own(collector) - begun, cpu_seconds(s.process.pid) - all_begun
            say(f"bench: {r}; in {seconds:.1f} s the collecting process took {own:.2f} s of processor, with the server {both:.2f} s")
            if r["answered"] != r["sent"]:
                say("bench: not every frame was answered")
            figure("hj212 collector", 100 * own / seconds, "% of a core", own / seconds, f"one core ({STATIONS} stations, a frame a second each)")
            figure("hj212 both", 100 * both / seconds, "% of a core", both / seconds, "one core (collecting process and server)")
            figure("hj212 answer", r["p50_us"] / 1000, "ms", r["p99_us"] / max(r["p50_us"], 1), "itself at the 99th percentile")
