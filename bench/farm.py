"""A thousand seasons of two hundred acts judged anew, from their rows to findings, beside a bare loop that reads the same rows."""
from support import ROUNDS, figure, median, program, say, scratch, tells

SEASONS, ACTS = 1000, 200


def measure():
    with scratch("farm") as folder:
        rounds = [tells(program("farm"), folder / "farm.db", SEASONS, ACTS) for _ in range(ROUNDS)]
    took, bare, cpu = (median(r[k] for r in rounds) for k in ("seconds", "bare_seconds", "cpu_seconds"))
    say(f"  {rounds[0]['acts']} acts, {rounds[0]['findings']} findings; {cpu:.2f} s of processor time; bare reading {bare:.3f} s; wanted: at most 1 s")
    figure("farm", took, "s", took, "1 s for all of them")
