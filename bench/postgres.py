"""How fast records become durable on a database server: over HTTP, against libpq alone inserting the same rows into the same server.

A round is: an empty database, a server on it under load; another empty database, and the bare program inserting the rows that the first one
holds now.  The server is ours alone, with fsync and durable commits.  Rounds alternate; medians count."""
from support import BINARY, FOLDER, ORIGIN, ROUNDS, Server, documents, figure, median, program, say, scratch, tells
import subprocess

import pg_cluster

PER_DOCUMENT = 100
SETTINGS = ("shared_buffers=512MB", "max_wal_size=4GB", "synchronous_commit=on")


def _made(pg, name, folder):
    url = pg.database(name)
    subprocess.run([str(BINARY), "init", "--data", folder, "--database", url, "--origin", ORIGIN], check=True, stdout=subprocess.DEVNULL)
    return url


def _served(pg, n, bodies):
    with scratch("postgres") as folder:
        url = _made(pg, f"served{n}", folder / "data")
        with Server(folder / "data", "--database", url, "--log-level", "warn", "--open") as s:
            r = tells(program("load"), "-c", 8, s.url.removeprefix("http://"), "/epcis/capture", bodies)
    rate = r["ok"] * PER_DOCUMENT / r["seconds"]
    say(f"  served: {rate:.0f} events/s, p50 {r['post_us']['p50'] / 1000:.1f} ms, p99 {r['post_us']['p99'] / 1000:.1f} ms")
    return url, rate


def _bare(pg, n, served):
    with scratch("postgres") as folder:
        url = _made(pg, f"bare{n}", folder / "data")
    r = tells(program("bare_postgres"), served, url)
    say(f"  bare:   {r['events'] / r['seconds']:.0f} events/s, {r['rows'] / r['events']:.1f} rows an event")
    return r["events"] / r["seconds"]


def measure():
    count = 400
    FOLDER.mkdir(parents=True, exist_ok=True)
    bodies = documents(0, PER_DOCUMENT, count)
    ours, reference = [], []
    with pg_cluster.Cluster(settings=SETTINGS, fsync=True) as pg:
        for n in range(ROUNDS):
            say(f"round {n + 1} of {ROUNDS}")
            url, rate = _served(pg, n, bodies)
            pg.sql("CHECKPOINT")
            ours.append(rate)
            reference.append(_bare(pg, n, url))
            pg.sql("CHECKPOINT")
    figure("postgres", median(ours), "events/s", median(ours) / median(reference),
           f"bare libpq ({median(reference):.0f}), same rows, a pipeline for each 512 events")
