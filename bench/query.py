"""Queries on a large database: a page of 30 over HTTP against the bare SQL statement that reads the same events, and what capture beside them costs."""
import contextlib
import http.client
import re
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.parse

from support import EVENTS, ORIGIN, ROUNDS, copy, cpu_seconds, district, documents, figure, median, program, say, scratch, serve, suyuan, tells
import pg_cluster

SECONDS, PAGE, PER_DOCUMENT = 4, 30, 100
ROLES = "(1, 3, 4, 6, 8)"       # of MATCH_anyEPC: enum item_role
READER_CACHE_KIB, READER_MMAP = 4096, 2147418112
SHARE = 0.3                     # of the top rate of capture, beside the queries

BODIES = "SELECT e.record_us, e.time_us, e.event_id, e.context, b.body FROM {} JOIN event e ON e.key = ({}.org << 40) | {}.seq JOIN event_body b ON b.key = e.key WHERE {} ORDER BY {} LIMIT 30"


def facet(db, number, text):
    return db.execute("SELECT id FROM term WHERE org = 1 AND text = ?", (text,)).fetchone()[0], number


def questions(data):
    """(name, path, SQL): what people ask, and what a program that knows the ids would ask SQLite."""
    db = sqlite3.connect(f"file:{data}/suyuan.db?mode=ro", uri=True)
    item, canonical = db.execute(f"SELECT id, canonical FROM item WHERE id = (SELECT item FROM event_item WHERE role IN {ROLES} GROUP BY item "
                                 "ORDER BY count(DISTINCT seq) DESC LIMIT 1)").fetchone()
    place, n = db.execute("SELECT t.text, count(*) c FROM event_facet f JOIN term t ON t.key = (f.org << 40) | f.value WHERE f.facet = 3 GROUP BY f.value ORDER BY c DESC LIMIT 1").fetchone()
    (step, step_facet), (at, at_facet) = facet(db, 1, "shipping"), facet(db, 3, place)
    times = [t for t, in db.execute("SELECT time_us FROM event_facet WHERE org = 1 AND facet = 1 AND value = ? ORDER BY time_us", (step,))]
    since, until = times[len(times) // 3], times[2 * len(times) // 3]       # the middle third
    db.close()

    def stamp(us):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(us // 1000000))

    def address(text):
        return urllib.parse.quote(ORIGIN + text if text.startswith("/") else text, safe="")
    since, until = since // 1000000 * 1000000, until // 1000000 * 1000000
    by_facet = "f.org = 1 AND f.facet = {} AND f.value = {}"
    yield "epc", f"/epcis/events?MATCH_anyEPC={address(canonical)}&perPage={PAGE}", BODIES.format(
        "event_item f", "f", "f", f"f.org = 1 AND f.item = {item} AND f.role IN {ROLES}", "f.seq DESC")
    yield "step-time", f"/epcis/events?EQ_bizStep=shipping&GE_eventTime={stamp(since)}&LT_eventTime={stamp(until)}&perPage={PAGE}", BODIES.format(
        "event_facet f", "f", "f", by_facet.format(step_facet, step) + f" AND f.time_us >= {since} AND f.time_us < {until}", "f.seq DESC")
    yield "location", f"/epcis/events?EQ_readPoint={address(place)}&perPage={PAGE}", BODIES.format("event_facet f", "f", "f", by_facet.format(at_facet, at), "f.seq DESC")


def asked(url, seconds=SECONDS):
    """One connection asking again and again: pages a second, and the 50th and 99th of a hundred in ms."""
    r = subprocess.run(["wrk", "-t1", "-c1", f"-d{seconds}s", "--latency", "-H", "GS1-EPC-Format: Never_Translates", url], capture_output=True, text=True, check=True)
    if "Non-2xx" in r.stdout:
        raise SystemExit(f"bench: {url}\n{r.stdout}")
    ms = {"us": 0.001, "ms": 1, "s": 1000}
    at = {p: float(v) * ms[unit] for p, v, unit in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", r.stdout)}
    return float(re.search(r"Requests/sec:\s*([\d.]+)", r.stdout)[1]), at["50"], at["99"]


class Capture:
    """Documents posted at a steady rate while the queries run."""

    def __init__(self, url, bodies, per_second):
        self.host, self.bodies, self.wait, self.end, self.sent = url.removeprefix("http://"), bodies, 1 / per_second, threading.Event(), 0
        self.thread = threading.Thread(target=self.run)

    def run(self):
        c = http.client.HTTPConnection(self.host)
        due = time.monotonic()
        while not self.end.wait(max(0, due - time.monotonic())):
            c.request("POST", "/epcis/capture", next(self.bodies), {"Content-Type": "application/json"})
            if c.getresponse().read() is None:
                return
            self.sent += 1
            due += self.wait

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()


BUSY = """
import sys, time
share, period = float(sys.argv[1]), 0.019
while True:
    begun = time.monotonic()
    while time.monotonic() - begun < share * period:
        pass
    time.sleep((1 - share) * period)
"""


@contextlib.contextmanager
def foreign(share):
    """A program that is none of ours, takes this share of a processor in turns of some ms."""
    p = subprocess.Popen([sys.executable, "-c", BUSY, str(min(share, 0.95))])
    try:
        yield
    finally:
        p.kill()
        p.wait()


def split(path):
    with open(path, "rb") as f:
        while head := f.readline():
            yield f.read(int(head))


def pages(data, folder, s, name, path, sql):
    (folder / "queries").write_text(f"S {sql}\nR 0\n")
    events = tells(program("pages"), data, path.partition("?")[2], "1")["events"]
    with contextlib.closing(sqlite3.connect(f"file:{data}/suyuan.db?mode=ro", uri=True)) as db:
        rows = len(db.execute(sql).fetchall())
    if not events or events != rows:
        raise SystemExit(f"bench: {name}: a page of {events} events beside {rows} rows")
    ours, bare, inside = [], [], []
    for _ in range(ROUNDS):
        ours.append(1e6 / asked(s.url + path)[0])
        bare.append(tells(program("bare_queries"), "-c", READER_CACHE_KIB, "-m", READER_MMAP, "-n", "2000", data / "suyuan.db", folder / "queries")["median_us"])
        inside.append(tells(program("pages"), data, path.partition("?")[2])["median_us"])
        say(f"  {name}: {ours[-1]:.0f} µs a page over HTTP, {inside[-1]:.0f} µs without, bare {bare[-1]:.0f} µs")
    figure(f"query-{name}", median(inside), f"µs a page of {events} events", median(inside) / median(bare), f"the bare statement ({median(bare):.0f} µs) on {EVENTS} events")
    figure(f"query-{name}-http", median(ours), f"µs a page of {PAGE} over HTTP", median(ours) / median(bare), "the same")


def beside_capture(data, folder, s, questions_asked):
    count = 600
    path = documents(EVENTS, PER_DOCUMENT, count)
    r = tells(program("load"), "-c", "8", s.url.removeprefix("http://"), "/epcis/capture", path)
    top = r["ok"] / r["seconds"]
    bodies = split(documents(EVENTS + PER_DOCUMENT * count, PER_DOCUMENT, 4 * int(top * SECONDS * SHARE * (len(questions_asked) + 1) * ROUNDS / 2) + 100))
    say(f"  capture at its top: {top * PER_DOCUMENT:.0f} events/s")
    before, begun = cpu_seconds(s.process.pid), time.monotonic()
    with Capture(s.url, bodies, top * SHARE):
        time.sleep(SECONDS)
    share = (cpu_seconds(s.process.pid) - before) / (time.monotonic() - begun)
    for name, path, _ in [*questions_asked, ("nothing", "/healthz", "")]:       # what anybody waits for a processor
        alone, beside, control = [], [], []
        for _ in range(ROUNDS):
            alone.append(asked(s.url + path)[2])
            with Capture(s.url, bodies, top * SHARE) as c:
                beside.append(asked(s.url + path)[2])
            with foreign(share):
                control.append(asked(s.url + path)[2])
            say(f"  {name}: p99 {alone[-1]:.2f} ms alone, {beside[-1]:.2f} ms beside {c.sent * PER_DOCUMENT / SECONDS:.0f} events/s, "
                f"{control[-1]:.2f} ms beside a foreign loop that takes {share:.0%} of a processor as capture does")
        figure(f"query-{name}-p99", median(beside), f"ms beside capture at {SHARE:.0%} of its top rate", median(beside) / median(alone), f"alone ({median(alone):.2f} ms)")
        figure(f"query-{name}-p99-control", median(control), f"ms beside a foreign loop of the same processor time ({share:.0%})", median(control) / median(alone), "alone")


def unindexed(s):
    """A question that no index helps ends by its deadline, and says so."""
    c = http.client.HTTPConnection(s.url.removeprefix("http://"))
    begun = time.monotonic()
    c.request("GET", "/epcis/events?EQ_INNER_https://nowhere.example/field=1")
    a = c.getresponse()
    text = a.read()
    took = time.monotonic() - begun
    figure("query-bounded", took, f"s until {a.status} {b'QueryTooComplex' in text and 'QueryTooComplexException'}", took / 3, "the limit of 3 s")


def on_postgres(all_questions):
    """The same questions where the records are on a database server: ms a page."""
    with scratch("query-pg") as folder, pg_cluster.Cluster(settings=("shared_buffers=512MB", "max_wal_size=4GB")) as pg:
        url = pg.database("moved")
        suyuan("migrate", "--from", f"sqlite:{copy(district(EVENTS), folder / 'from')}", "--to", url, "--data", folder / "to")
        pg.sql("VACUUM ANALYZE", "moved")
        with serve(folder / "to", "--database", url, "--open") as s:
            for name, path, _ in all_questions:
                rate, p50, p99 = asked(s.url + path)
                figure(f"query-postgres-{name}", 1000 / rate, f"ms a page of {PAGE} over HTTP on PostgreSQL", 1000 / rate / 5, f"5 ms (p99 {p99:.1f} ms)")


def measure():
    with scratch("query") as folder:
        data = copy(district(EVENTS), folder / "data")
        all_questions = list(questions(data))
        with serve(data, "--open") as s:
            for name, path, sql in all_questions:
                pages(data, folder, s, name, path, sql)
            unindexed(s)
            beside_capture(data, folder, s, all_questions)
    on_postgres(all_questions)
