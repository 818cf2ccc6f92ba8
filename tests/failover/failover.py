#!/usr/bin/env python3
"""The primary of a PostgreSQL pair is powered off under load: nothing acknowledged is lost, nothing is there twice, and the outage is the
failover's.  usage: tests/failover/failover.py [BUILD]

Not among ./dev test: it takes a minute, needs root and two Debian packages, and measures.  Prints what it saw; exit 1 when an event is missing or double."""
import os
import pathlib
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
os.environ.setdefault("SUYUAN_BUILD", sys.argv[1] if len(sys.argv) > 1 else str(HERE.parents[1] / "build/release"))
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
import cluster  # noqa: E402
from suyuan import Server, document, event, run  # noqa: E402

CLIENTS, BEFORE, AFTER = 4, 60, 60


class Load:
    """Clients that each send a document of one event, again until it is acknowledged."""

    def __init__(self, server):
        self.server, self.lock, self.numbers, self.end = server, threading.Lock(), iter(range(1, 10 ** 9)), threading.Event()
        self.acknowledged, self.refusals = [], 0
        self.threads = [threading.Thread(target=self.run) for _ in range(CLIENTS)]
        [t.start() for t in self.threads]

    def run(self):
        while not self.end.is_set():
            with self.lock:
                n = next(self.numbers)
            while not self.end.is_set():
                try:
                    answer = self.server.client.captures(document(event(n)))
                    if answer.status == 202:
                        with self.lock:
                            self.acknowledged.append((time.monotonic(), n))
                        break
                except OSError:
                    pass
                with self.lock:
                    self.refusals += 1
                self.end.wait(0.05)
            self.end.wait(0.01)

    def reaches(self, n):
        cluster.until(f"{n} acknowledged", lambda: len(self.acknowledged) >= n)


def main():
    why = cluster.missing()
    if why:
        print(f"skipped: {why}")
        return 0
    with cluster.Cluster() as pair, tempfile.TemporaryDirectory(prefix="suyuan-") as folder:
        data = pathlib.Path(folder) / "data"
        run("init", "--data", data, "--database", pair.uri(), "--origin", "http://127.0.0.1:8080")
        with Server(data, "--database", pair.uri()) as server:
            load = Load(server)
            load.reaches(BEFORE)
            primary = pair.primary()
            standby = next(n for n in pair.nodes if n is not primary)
            killed = time.monotonic()
            primary.kill()
            recovery = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on'"
            cluster.until("the standby takes writes", lambda: pair.sql(standby.port, recovery) == "f")
            promoted = time.monotonic()
            load.reaches(len(load.acknowledged) + AFTER)
            load.end.set()
            [t.join() for t in load.threads]
            times = sorted(t for t, _ in load.acknowledged)
            gap, at = max((b - a, b) for a, b in zip(times, times[1:]))
            for _, n in load.acknowledged:
                assert server.client.captures(document(event(n))).shows(202).json["known"] == 1, f"event {n} was acknowledged and is lost"
        twice = pair.sql(standby.port, "SELECT count(*) - count(DISTINCT (org, time_us, digest)) FROM event")
        gaps = pair.sql(standby.port, "SELECT max(seq) - count(*) FROM event")
        run("check", "--data", data, "--database", pair.uri())
        print(f"acknowledged {len(load.acknowledged)}, lost 0, twice {twice}, gaps {gaps}, answers with 503 {load.refusals}")
        print(f"the pair took writes again after {promoted - killed:.1f} s; longest time without an acknowledgement {gap:.1f} s, "
              f"{at - promoted:+.1f} s from then")
        return twice != "0" or gaps != "0"


if __name__ == "__main__":
    sys.exit(main())
