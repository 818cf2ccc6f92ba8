"""Readings of devices: beside plain rows of SQLite with the same durability, and beside VictoriaMetrics where it is installed (it syncs later, and forgets what is sent twice)."""
import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import time
import urllib.parse

from support import ROUNDS, Client, cpu_seconds, figure, frame, median, program, say, scratch, serve, suyuan, tells

INGEST_TICKS = int(os.environ.get("SUYUAN_BENCH_TICKS", 1440))          # of 576 samples
BATCH_TICKS = 2
TICKS = 17_280                  # two days at one reading in ten seconds: shared/design/SCALE.md, section 4
T0 = 1767225600
VM_ROWS = 57_600                # lines in one request


def measure_ingest():
    rounds = []
    for _ in range(ROUNDS):
        with scratch("series") as folder:
            rounds.append(tells(program("series"), "ingest", folder, INGEST_TICKS, BATCH_TICKS))
    rate, plain = median(r["rate"] for r in rounds), median(r["plain_rate"] for r in rounds)
    say(f"  processor time: ours {median(r['cpu_seconds'] for r in rounds):.2f} s, plain rows {median(r['plain_cpu_seconds'] for r in rounds):.2f} s")
    figure("series-ingest", rate, "readings/s in batches of 1152; wanted 3", rate / plain, "one SQLite row a reading, the same batches, synchronous=FULL")
    return rate


HTTP_BODIES, HTTP_TICKS, HTTP_CONNECTIONS = 1500, 144, 4       # 1152 readings a body, as in a batch of ours
DEVICE = {"id": "station", "org": "default", "place": "A1", "model": "bench", "protocol": "http"}


def http_bodies():
    """Two weeks and more of a device that speaks each ten seconds: eight channels, one decimal, as a device would write them."""
    dice = random.Random(1)
    for i in range(HTTP_BODIES):
        ticks = range(i * HTTP_TICKS, (i + 1) * HTTP_TICKS)
        yield json.dumps([{"t": (T0 + 10 * k) * 1000, "values": {f"ch-{c}": round(20 + c + dice.randint(-9, 9) / 10, 1) for c in range(8)}} for k in ticks]).encode()


def measure_http(store_rate):
    rounds = []
    for _ in range(ROUNDS):
        with scratch("readings") as folder:
            suyuan("init", "--data", folder / "data", "--origin", "http://127.0.0.1:8080")
            allowed = folder / "allowed.json"
            allowed.write_text(json.dumps({"maxPerMinute": 100_000}))
            bodies = frame(folder / "bodies", http_bodies())
            with serve(folder / "data", "--open") as s:
                Client("localhost", 80, unix=folder / "data" / "suyuan.sock").post("/api/devices", DEVICE).shows(201)
                suyuan("device", "set", "station", "--data", folder / "data", "--channels", allowed)
                begun = cpu_seconds(s.process.pid)
                r = tells(program("load"), "-c", HTTP_CONNECTIONS, "-m", "application/json", s.url.removeprefix("http://"), "/api/devices/station/readings", bodies)
                r["server"] = cpu_seconds(s.process.pid) - begun
            if r["failed"]:
                raise SystemExit(f"bench: {r['failed']} bodies were not taken")
            rounds.append(r)
    rate = median(1152 * r["ok"] / r["seconds"] for r in rounds)
    say(f"  processor time of the server {median(r['server'] for r in rounds):.2f} s for {1152 * HTTP_BODIES:,} readings")
    figure("series-http", rate, f"readings/s by POST of 1152, JSON, {HTTP_CONNECTIONS} connections; wanted 0.5", rate / store_rate, "the store alone in batches of 1152")


def measure_bulk():
    with scratch("series") as folder:
        r = tells(program("series"), "bulk", folder)
    say(f"  making the batches alone {r['make_seconds']:.2f} s; {r['bytes_a_sample']:.2f} bytes a sample")
    figure("series-bulk", r["load_seconds"], "s for two weeks of eighteen enterprises, 11.6 million readings", r["load_seconds"] / 5, "5 s")


# ---- VictoriaMetrics ----

def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def victoria(folder):
    port = free_port()
    p = subprocess.Popen(["victoria-metrics", f"-storageDataPath={folder}", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                break
            time.sleep(0.05)
        yield http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    finally:
        p.terminate()
        p.wait()


def ask(vm, method, path, body=None):
    vm.request(method, path, body)
    r = vm.getresponse()
    text = r.read()
    if r.status >= 300:
        raise SystemExit(f"bench: VictoriaMetrics said {r.status} to {path}: {text[:200]}")
    return text


def bodies():
    with subprocess.Popen([program("series"), "csv", str(TICKS)], stdout=subprocess.PIPE) as p:
        while lines := [line for _, line in zip(range(VM_ROWS), p.stdout)]:
            yield b"".join(lines)


def load_victoria(vm):
    took = 0.0
    for body in bodies():
        begun = time.monotonic()
        ask(vm, "POST", "/api/v1/import/csv?format=1:label:series,2:time:unix_ms,3:metric:v", body)
        took += time.monotonic() - begun
    ask(vm, "GET", "/internal/force_flush")
    return took


def timed(vm, path):
    rounds = []
    for _ in range(21):
        begun = time.monotonic()
        ask(vm, "GET", path)
        rounds.append(time.monotonic() - begun)
    return 1000 * median(rounds)


def measure_victoria(folder):
    half = T0 + 43200
    with victoria(folder) as vm:
        took = load_victoria(vm)
        match = urllib.parse.quote('v{series="s7"}')
        curve = timed(vm, f"/api/v1/export?match[]={match}&start={half}&end={half + 86399}")
        thirty = urllib.parse.quote('avg_over_time(v{series=~"' + "|".join(f"s{i}" for i in range(30)) + '"}[1h])')
        hours = timed(vm, f"/api/v1/query_range?query={thirty}&start={half}&end={half + 86400}&step=1h")
    size = sum(f.stat().st_size for f in pathlib.Path(folder).rglob("*") if f.is_file())
    return {"seconds": took, "bytes": size, "curve_ms": curve, "thirty_ms": hours}


def measure_queries():
    with scratch("series") as folder:
        ours = tells(program("series"), "queries", folder, TICKS)
    vm = None
    if shutil.which("victoria-metrics"):
        with scratch("victoria") as folder:
            vm = measure_victoria(folder)
    else:
        say("  victoria-metrics is not installed: no ratios beside it")
    beside = lambda key, mine: mine / vm[key] if vm else float("nan")
    figure("series-size", ours["bytes_a_sample"], "bytes a sample; wanted 2 at most", beside("bytes", ours["bytes"]), "VictoriaMetrics")
    figure("series-load", ours["samples"] / ours["load_seconds"], "readings/s", beside("seconds", ours["load_seconds"]), "the time of VictoriaMetrics")
    figure("series-curve", ours["curve_ms"], "ms for a day of one channel, 8640 readings; wanted 3", beside("curve_ms", ours["curve_ms"]), "VictoriaMetrics over HTTP")
    figure("series-hours", ours["thirty_ms"], "ms for 30 channels by the hour over a day; wanted 10", beside("thirty_ms", ours["thirty_ms"]), "VictoriaMetrics over HTTP")


def measure():
    measure_http(measure_ingest())
    measure_bulk()
    measure_queries()
