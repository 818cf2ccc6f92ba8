"""How fast records become durable: over HTTP, against SQLite alone inserting the same rows.

A round is: a copy of a database, a server on it under load; another copy, and the bare program inserting the rows that the server made of
the load.  Rounds alternate; medians count."""
from support import CACHE_MIB, EVENTS, FEWER, ROUNDS, Memory, copy, district, documents, figure, median, program, say, scratch, serve, tells

PER_DOCUMENT = 100
# As the server's writing connection: its cache, no mapped file, and a checkpoint when the log passes 32 MiB (store/log_keeper.c).
REFERENCE = ("-c", str(CACHE_MIB * 1024), "-m", "0", "-w", str((32 << 20) // 4096))


def served(fixture, folder, path, bodies, connections, per_body):
    """Events a second of a server under load, its peak of memory; leaves its data in `folder`."""
    data = copy(fixture, folder)
    with serve(data, "--open") as s:
        with Memory(s.process.pid) as memory:
            r = tells(program("load"), "-c", connections, s.url.removeprefix("http://"), path, bodies)
    for log in data.parent.glob("server-*.log"):
        log.unlink()
    rate = r["ok"] * per_body / r["seconds"]
    say(f"  served: {rate:.0f} events/s, p50 {r['post_us']['p50'] / 1000:.1f} ms, p99 {r['post_us']['p99'] / 1000:.1f} ms, "
        f"load generator {100 * r['cpu_seconds'] / r['seconds']:.0f} % of a core")
    return rate, memory.most


def bare(fixture, folder, new, batch, events):
    folder.mkdir()
    target = copy(fixture / "suyuan.db", folder / "suyuan.db")
    r = tells(program("bare_insert"), "-b", batch, *REFERENCE, new / "suyuan.db", target)
    if r["events"] != events:
        raise SystemExit(f"bench: {events} events were answered, {r['events']} are in the database")
    say(f"  bare:   {r['events'] / r['seconds']:.0f} events/s, {r['rows'] / r['events']:.1f} rows an event, {r['checkpoints']} checkpoints")
    return r["events"] / r["seconds"]


def compare(path, bodies, events, connections, per_body, batch, also=None):
    """ROUNDS rounds; the rates of both, the memory, and the rates on the smaller database."""
    ours, reference, memory, smaller = [], [], [], []
    large = district(EVENTS)
    for n in range(ROUNDS):
        say(f"round {n + 1} of {ROUNDS}")
        with scratch("served") as a:
            rate, most = served(large, a / "data", path, bodies, connections, per_body)
            ours.append(rate)
            memory.append(most)
            with scratch("bare") as b:
                reference.append(bare(large, b / "data", a / "data", batch, events))
        if also:
            with scratch("served") as a:
                smaller.append(served(also, a / "data", path, bodies, connections, per_body)[0])
    return ours, reference, memory, smaller


def measure_capture():
    count = 800
    fewer = district(FEWER)
    bodies = documents(EVENTS, PER_DOCUMENT, count)
    ours, reference, memory, smaller = compare("/epcis/capture", bodies, count * PER_DOCUMENT, 8, PER_DOCUMENT, 512, also=fewer)
    figure("capture", median(ours), "events/s", median(ours) / median(reference),
           f"bare SQLite ({median(reference):.0f}), same rows, batches of 512")
    figure("capture-growth", median(ours), f"events/s at {EVENTS} events", median(ours) / median(smaller),
           f"the same at {FEWER} ({median(smaller):.0f})")
    figure("capture-memory", max(memory), "MB", max(memory) / 128, "limit 128 MB, anonymous memory under that load")


def recorded(name, fixture, bodies):
    with scratch(name) as a:
        r = tells(program(name), copy(fixture, a / "data"), bodies)
    us = 1e6 * r["cpu_seconds"] / r["events"]
    say(f"  {name}: {r['events'] / r['seconds']:.0f} events/s, {us:.1f} µs of processor time an event")
    return r["events"] / r["seconds"], us


LOG_ROUNDS = 11                  # the cost is smaller than what two runs differ by


def measure_log():
    """What the log costs: the ledger with it and the same without it, in turn."""
    large = district(EVENTS)
    bodies = documents(EVENTS, PER_DOCUMENT, 800)
    rounds = [(recorded("record", large, bodies), recorded("record_without_log", large, bodies)) for _ in range(max(ROUNDS, LOG_ROUNDS))]
    ours, without = (median([r[k][0] for r in rounds]) for k in (0, 1))
    cost = median([r[0][1] - r[1][1] for r in rounds])
    figure("capture-log", ours, "events/s", ours / without, f"without the log ({without:.0f}); it takes {cost:.1f} µs of processor time an event")


def measure_shuffled():
    count = 300
    bodies = documents(EVENTS, PER_DOCUMENT, count, "-s")
    ours, reference, _, _ = compare("/epcis/capture", bodies, count * PER_DOCUMENT, 8, PER_DOCUMENT, 512)
    figure("capture-shuffled", median(ours), "events/s", median(ours) / median(reference),
           f"bare SQLite ({median(reference):.0f}), same rows, batches of 512")


def measure_single():
    count = 30_000
    bodies = documents(EVENTS, 1, count, "-e")
    ours, reference, _, _ = compare("/epcis/events", bodies, count, 64, 1, 32)
    figure("capture-single", median(ours), "events/s", median(ours) / median(reference),
           f"bare SQLite ({median(reference):.0f}), same rows, batches of 32")
