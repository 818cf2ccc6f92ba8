"""What the figures share: fixtures that are made once, copies, servers, processor time, medians, the line of a figure."""
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = pathlib.Path(os.environ["SUYUAN_BUILD"]).resolve()
FOLDER = pathlib.Path(os.environ.get("SUYUAN_BENCH_DATA", ROOT / "build/bench-data")).resolve()
sys.path.insert(0, str(ROOT / "tests/support"))
from suyuan import BINARY, Client, Server  # noqa: E402

ORIGIN = "http://127.0.0.1:8080"
EVENTS = int(os.environ.get("SUYUAN_BENCH_EVENTS", 1_000_000))          # in the large database
FEWER = EVENTS // 10
ROUNDS = int(os.environ.get("SUYUAN_BENCH_ROUNDS", 3))
CACHE_MIB = 32                  # of the writing connection, ours and the reference's
WRITER = ("--cache-mib", str(CACHE_MIB))


def say(text):
    print(text, file=sys.stderr, flush=True)


def figure(name, value, unit, ratio, reference):
    """The one form of a result; docs/performance.md says what is wanted of each."""
    shown = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
    print(f"bench {name}: {shown} {unit}, {ratio:.2f} x {reference}", flush=True)


def program(name):
    return str(BUILD / "bench" / name)


def tells(*command, **kw):
    """Runs a program that prints one line of JSON."""
    r = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, text=True, **kw)
    if r.returncode:
        raise SystemExit(f"bench: {command[0]} ended with {r.returncode}")
    return json.loads(r.stdout)


def median(values):
    return statistics.median(values)


# ---- fixtures ----

def version_of(*patterns):
    """What a fixture was made from: when one of these changes, it is made anew."""
    h = hashlib.sha256()
    for pattern in patterns:
        for f in sorted(ROOT.glob(pattern)):
            h.update(f.name.encode() + b"\0" + f.read_bytes())
    return h.hexdigest()


FORMAT = ("src/store/schema/0*.sql", "src/store/refs.*", "src/app/demo_volume.*")


def fixture(name, make, *patterns):
    """The folder build/bench-data/NAME as `make(folder)` fills it; kept for the next time."""
    folder, want = FOLDER / name, version_of(*FORMAT, *patterns)
    mark = folder / "made-from"
    if mark.exists() and mark.read_text() == want:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    say(f"bench: making {name} once …")
    make(folder)
    subprocess.run(["sync", "-f", folder], check=True)
    mark.write_text(want)
    return folder


def suyuan(*args):
    """The command line, its progress on standard error."""
    subprocess.run([str(BINARY), *map(str, args)], check=True, stdout=sys.stderr)


def district(events):
    """The demonstration district with so many events of generated volume: its data directory."""
    return fixture(f"district-{events}", lambda folder: suyuan(
        "demo", "--data", folder / "data", "--origin", ORIGIN, "--events", events, "--cache-mib", "256"), "demo/**/*.json*") / "data"


def documents(first_event, per_document, count, *options):
    """A file of framed documents of the volume that follows what a district holds."""
    out = FOLDER / "bodies"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(out, "wb") as f:
        subprocess.run([program("documents"), *options, str(first_event), str(per_document), str(count)], check=True, stdout=f)
    return out


def frame(path, bodies):
    with open(path, "wb") as f:
        for b in bodies:
            f.write(b"%d\n%b" % (len(b), b))
    return path


# ---- copies to be written to ----

@contextlib.contextmanager
def scratch(name):
    folder = FOLDER / f"scratch-{name}-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def copy(data, to):
    """A copy of a data directory, wholly on the disk before it returns, so that nobody pays for it later."""
    subprocess.run(["cp", "-r", "--reflink=auto", data, to], check=True)
    for leftover in ("suyuan.lock", "suyuan.sock"):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            (to / leftover).unlink()
    subprocess.run(["sync", "-f", to], check=True)
    return to


# ---- processes ----

def serve(data, *options):
    return Server(data, *WRITER, "--log-level", "warn", *options)


def children(pid):
    return [int(p) for task in pathlib.Path(f"/proc/{pid}/task").iterdir() for p in (task / "children").read_text().split()]


def cpu_seconds(pid):
    """User and system time of a process and its living children."""
    total = 0.0
    for p in [pid, *children(pid)]:
        fields = pathlib.Path(f"/proc/{p}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


class Memory:
    """The greatest anonymous memory of a process while we look: RssAnon, in MB (10^6 bytes)."""

    def __init__(self, pid):
        self.status, self.most, self.end = pathlib.Path(f"/proc/{pid}/status"), 0.0, threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)

    def look(self):
        while True:
            for line in self.status.read_text().splitlines():
                if line.startswith("RssAnon:"):
                    self.most = max(self.most, int(line.split()[1]) * 1024 / 1e6)
            if self.end.wait(0.1):
                return

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        self.thread.join()
