"""The log alone, durable and signed, against a bare loop of the same hashing; proofs from a log of ten million leaves."""
import subprocess
import time

from suyuan import BINARY
from support import ROUNDS, figure, fixture, median, program, say, scratch, tells

BATCHES = ((1000, 200_000, "0.15"), (100_000, 1_000_000, "0.5"))
LEAVES, PROOFS, WHOLE = 10_000_000, 2000, 1_000_000


def measure_batches():
    for batch, leaves, wanted in BATCHES:
        rounds = []
        for _ in range(ROUNDS):
            with scratch("log") as folder:
                rounds.append(tells(program("log_alone"), "batches", folder, batch, leaves))
        log, bare = median(r["log_seconds"] for r in rounds), median(r["bare_seconds"] for r in rounds)
        say(f"  batches of {batch}: bare {leaves / bare:.0f} leaves/s, log {1000 * log / (leaves / batch):.2f} ms a checkpoint; wanted {wanted}")
        figure(f"log-{batch}", leaves / log, "leaves/s", bare / log, "a bare loop of the same hashing")


def measure_proofs():
    folder = fixture("log-10m", lambda f: tells(program("log_alone"), "proofs", f, LEAVES, 1), "src/proof/treefiles.*", "bench/log_alone.c")
    r = tells(program("log_alone"), "proofs", folder, LEAVES, PROOFS)
    say(f"  {r['reads_max']} tiles read for a proof at most, p99 {r['p99_us'] / 1000:.2f} ms")
    figure("log-proof", r["p50_us"] / 1000, "ms", r["p50_us"] / 1000, "1 ms, of leaves drawn at random, so of tiles that nobody read before")


def measure_whole():
    """The whole program, from exec to its sentence, over a log of a million leaves."""
    rounds = []
    for _ in range(ROUNDS):
        with scratch("whole") as folder:
            r = tells(program("log_alone"), "batches", folder, 100_000, WHOLE)
            begun = time.monotonic()
            subprocess.run([str(BINARY), "verify-log", folder, "--key", r["vkey"]], check=True, stdout=subprocess.DEVNULL)
            rounds.append((time.monotonic() - begun, r["bare_seconds"]))
    took, bare = (median(column) for column in zip(*rounds))
    figure("log-verify", WHOLE / took, "leaves/s by verify-log over tiles and entries", bare / took, "a bare loop of the same hashing")


def measure():
    measure_batches()
    measure_whole()
    measure_proofs()
