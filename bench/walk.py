"""Walks of 300 and 10,000 nodes in a graph of a million edges, against a bare walk over the same tables.

The graph: families of lots.  A family is `width` lots in each of some layers; an event turns two lots of a layer into two of the next, and the pairs change
from layer to layer as in a butterfly, so that a lot comes from 1, 2, 4 … `width` lots and then from all of each layer.  A chain before and one behind make the count even.
Eight families at a time take turns, as enterprises do."""
import itertools
import json

from support import ORIGIN, ROUNDS, FOLDER, figure, fixture, median, program, say, suyuan, tells

SIZES = {300: dict(bits=5, more=7, chain=13, families=600), 10_000: dict(bits=9, more=17, chain=273, families=20)}
PER_DOCUMENT = 1000


def lot(nodes, family, layer, n):
    return f"{ORIGIN}/lot/bench/W{nodes}.{family}.{layer}.{n}"


def end_lot(nodes, family, end, n):
    return f"{ORIGIN}/lot/bench/W{nodes}.{family}.{end}.{n}"


def family_steps(nodes, family, bits, more, chain, families):
    """(inputs, outputs) in the order of time."""
    layers = bits + more
    before = [end_lot(nodes, family, "first", n) for n in range(chain // 2)] + [lot(nodes, family, 0, 0)]
    after = [lot(nodes, family, layers, 0)] + [end_lot(nodes, family, "last", n) for n in range(chain - chain // 2)]
    for a, b in itertools.pairwise(before):
        yield [a], [b]
    for layer in range(layers):
        bit = 1 << layer % bits
        for n in range(1 << bits):
            if not n & bit:
                yield [lot(nodes, family, layer, k) for k in (n, n | bit)], [lot(nodes, family, layer + 1, k) for k in (n, n | bit)]
    for a, b in itertools.pairwise(after):
        yield [a], [b]


def steps():
    """All families, eight at a time in turns."""
    waiting = [family_steps(nodes, f, **size) for nodes, size in SIZES.items() for f in range(size["families"])]
    working = []
    while waiting or working:
        while waiting and len(working) < 8:
            working.append(waiting.pop())
        for w in list(working):
            step = next(w, None)
            if step:
                yield step
            else:
                working.remove(w)


def quantities(lots):
    return [{"epcClass": x, "quantity": 10, "uom": "KGM"} for x in lots]


def event(n, inputs, outputs):
    s = n * 20          # twenty seconds apart
    return {"type": "TransformationEvent", "eventTimeZoneOffset": "+08:00", "bizStep": "commissioning",
            "eventTime": f"2026-{1 + s // 2419200:02d}-{1 + s // 86400 % 28:02d}T{s // 3600 % 24:02d}:{s // 60 % 60:02d}:{s % 60:02d}.000+08:00",
            "inputQuantityList": quantities(inputs), "outputQuantityList": quantities(outputs)}


def make(folder):
    suyuan("init", "--data", folder / "data", "--origin", ORIGIN)
    files, edges = [], 0
    events = enumerate(steps())
    while some := list(itertools.islice(events, PER_DOCUMENT)):
        edges += sum(len(i) * len(o) for _, (i, o) in some)
        files.append(folder / f"document-{len(files)}.json")
        files[-1].write_text(json.dumps({
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "EPCISDocument", "schemaVersion": "2.0",
            "creationDate": "2026-11-23T08:00:00Z", "epcisBody": {"eventList": [event(n, i, o) for n, (i, o) in some]}}))
    say(f"  {edges} edges in {len(files)} documents")
    suyuan("import", "--data", folder / "data", *files)
    for f in files:
        f.unlink()


def measure():
    data = fixture("graph", make, "bench/walk.py") / "data"
    for nodes, size in SIZES.items():
        for direction, start in (("back", f"/lot/bench/W{nodes}.3.last.{size['chain'] - size['chain'] // 2 - 1}"), ("forward", f"/lot/bench/W{nodes}.3.first.0")):
            runs = [tells(program("walks"), data, start, direction) for _ in range(ROUNDS)]
            if any(r["nodes"] != nodes for r in runs):
                raise SystemExit(f"bench: {runs[0]['nodes']} nodes, not {nodes}")
            ours, reference = median(r["walk_us"] for r in runs), median(r["bare_us"] for r in runs)
            say(f"  {direction} {nodes}: {ours} µs, bare {reference} µs, {runs[0]['edges']} edges")
            figure(f"trace-{direction}-{nodes}", ours / 1000, "ms", ours / reference, f"a bare walk ({reference / 1000:.2f} ms), same tables, prepared statements")
