"""Actors for scenarios: a server, a client, the command line.  Standard library only.

A scenario is a function whose name is a sentence; `play()` runs all of a file, each in a folder of its own, and prints TAP.
Nothing here sleeps for a guess: waiting is for a line, an answer or an end, each with a deadline."""
import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.parse

import pg_cluster

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "simulators"))        # devices, as actors

BUILD = pathlib.Path(os.environ.get("SUYUAN_BUILD", "build/checked")).resolve()
ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = BUILD / "src/app/suyuan"
PUBLIC_DATA = pathlib.Path(os.environ.get("SUYUAN_CONFORMANCE", ROOT / "../shared/data")).resolve()
DEADLINE = 60


class Skip(Exception):
    """What a scenario needs does not stand on this machine; said aloud, never counted as passed."""


def public_data(*parts):
    path = PUBLIC_DATA.joinpath(*parts)
    if not path.exists():
        raise Skip(f"public test data not here: {'/'.join(parts)} (SUYUAN_CONFORMANCE)")
    return path


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    def __repr__(self):
        return f"<{self.status} {self.body[:400]!r}>"

    def shows(self, status):
        assert self.status == status, f"wanted {status}, got {self!r}"
        return self


class Client:
    """One caller; opens a connection for each request unless told to keep it."""

    def __init__(self, host, port, unix=None):
        self.host, self.port, self.unix = host, port, unix

    def _connection(self):
        c = http.client.HTTPConnection(self.host, self.port, timeout=DEADLINE)
        if self.unix:
            c.sock = socket.socket(socket.AF_UNIX)
            c.sock.connect(str(self.unix))
        return c

    def ask(self, method, path, body=None, headers=None):
        c = self._connection()
        try:
            c.request(method, path, body=body, headers=headers or {})
            r = c.getresponse()
            return Answer(r.status, r.headers, r.read())
        finally:
            c.close()

    def get(self, path, **headers):
        return self.ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path, value, headers=None):
        body = value if isinstance(value, (bytes, str)) else json.dumps(value)
        return self.ask("POST", path, body=body.encode() if isinstance(body, str) else body,
                        headers={"Content-Type": "application/json", **(headers or {})})

    def captures(self, document, **kw):
        return self.post("/epcis/capture", document, **kw)

    def raw(self, data, shut=False, patience=3):
        """Bytes as they are, for what no client library would send; returns what comes back until the end, or a silence of
        `patience` seconds: a server may leave a broken sender waiting."""
        with socket.create_connection((self.host, self.port), timeout=patience) as s:
            s.sendall(data)
            if shut:
                s.shutdown(socket.SHUT_WR)
            out = b""
            with contextlib.suppress(ConnectionResetError, TimeoutError):
                while chunk := s.recv(65536):
                    out += chunk
            return out


class Beginnings:
    """What most sentences begin with (`init`, an organisation, a user), done by the program once a file; the next folder that begins with the same
    words gets a copy of what they left.  A folder that anything else has touched since is not known here, and the program runs."""
    COMMANDS = {("init",), ("org", "add"), ("user", "add")}

    def __init__(self):
        self.folder, self.kept, self.begun = tempfile.TemporaryDirectory(prefix="suyuan-begun-"), {}, {}

    @staticmethod
    def _marks(data):
        return sorted((str(p.relative_to(data)), s.st_mode, s.st_size, s.st_mtime_ns) for p in pathlib.Path(data).rglob("*") for s in [p.stat()])

    def before(self, words, input):
        """What was said to the folder up to now and is said now, with all that the program could mind; None: not known."""
        at = words.index("--data") + 1 if "--data" in words[:-1] else 0
        if not at or not ({words[:1], words[:2]} & self.COMMANDS) or "--database" in words or "SUYUAN_DATABASE" in os.environ:
            self.touched(words[at] if at else None)
            return None, None
        data = words[at]
        said, marks = self.begun.pop(data, ((), None))
        first = words[0] == "init"
        if first != (not said) or (first and os.path.exists(data)) or (said and marks != self._marks(data)):
            return None, None
        around = tuple(sorted((k, v) for k, v in os.environ.items() if k.startswith("SUYUAN_")))
        return data, said + ((words[:at] + words[at + 1:], input, around),)

    def touched(self, data):
        self.begun.pop(str(data), None)

    def copied(self, data, said):
        """The answer, when the same was said before."""
        if said not in self.kept:
            return None
        folder, of, answer = self.kept[said]
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(folder, data)
        self.begun[data] = said, self._marks(data)
        return subprocess.CompletedProcess(answer.args, 0, answer.stdout.replace(of, data), answer.stderr.replace(of, data))

    def keep(self, data, said, answer):
        folder = pathlib.Path(self.folder.name) / str(len(self.kept))
        shutil.copytree(data, folder)
        self.kept[said] = folder, data, answer
        self.begun[data] = said, self._marks(data)


_beginnings = Beginnings()


class Server:
    def __init__(self, data, *options, open_=True, before=(), binary=None):
        self.data = pathlib.Path(data)
        _beginnings.touched(data)
        command = [*before, str(binary or BINARY), "serve", "--data", str(data), "--listen", "127.0.0.1:0", *(["--open"] if open_ else []), *options]
        self.log_path = self.data.parent / f"server-{os.urandom(3).hex()}.log"
        self.log_file = open(self.log_path, "w")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log_file, text=True)
        line = self._first_line()
        assert line.startswith("listening on "), f"server said {line!r}; log: {self.log()[-2000:]}"
        self.url = line.split()[-1]
        parts = urllib.parse.urlsplit(self.url)
        self.client = Client(parts.hostname, parts.port)

    def _first_line(self):
        box = []
        t = threading.Thread(target=lambda: box.append(self.process.stdout.readline()), daemon=True)
        t.start()
        t.join(DEADLINE)
        return box[0].strip() if box else ""

    def log(self):
        self.log_file.flush()
        return self.log_path.read_text(errors="replace")

    def stop(self):
        """SIGTERM; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log_file.close()
        return code

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log_file.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            code = self.stop()
            assert exc[0] or code == 0, f"server ended with {code}: {self.log()[-3000:]}"


def run(*args, code=0, input=None):
    """The command line; asserts its exit code and returns the finished process."""
    words = tuple(map(str, args))
    data, said = _beginnings.before(words, input)
    if said and code == 0 and (r := _beginnings.copied(data, said)):
        return r
    r = subprocess.run([str(BINARY), *words], capture_output=True, text=True, timeout=DEADLINE * 5, input=input)
    assert code is None or r.returncode == code, f"suyuan {args}: exit {r.returncode}, wanted {code}\n{r.stdout[-2000:]}\n{r.stderr[-2000:]}"
    if said and r.returncode == 0:
        _beginnings.keep(data, said, r)
    return r


class Place:
    """A scenario's own folder and what it may start in it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        if "SUYUAN_TEST_DATABASE" in os.environ:        # the same sentences on PostgreSQL: each place has a database of its own
            os.environ["SUYUAN_DATABASE"] = pg_cluster.fresh(os.environ["SUYUAN_TEST_DATABASE"])

    def init(self, *origins):
        run("init", "--data", self.data, *[x for o in (origins or ("http://127.0.0.1:8080",)) for x in ("--origin", o)])
        return self.data

    def server(self, *options, **kw):
        if not self.data.exists():
            self.init()
        return Server(self.data, *options, **kw)

    def file(self, name, value):
        path = self.folder / name
        path.write_bytes(value if isinstance(value, bytes) else (value if isinstance(value, str) else json.dumps(value)).encode())
        return path


CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"suyuan": "https://w3id.org/suyuan/voc/"}]


def document(*events, context=CONTEXT):
    return {"@context": context, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-23T08:00:00Z",
            "epcisBody": {"eventList": list(events)}}


def event(n=1, **members):
    """A plausible event with a time of its own; give None to leave a member out."""
    e = {"type": "ObjectEvent", "eventTime": f"2026-11-{1 + n // 86400 % 28:02d}T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}.000+08:00",
         "eventTimeZoneOffset": "+08:00", "action": "OBSERVE", "bizStep": "inspecting",
         "epcList": [f"urn:epc:id:sgtin:6901234.056789.{n}"], "readPoint": {"id": "urn:epc:id:sgln:6901234.00001.0"}}
    e.update(members)
    return {k: v for k, v in e.items() if v is not None}


def shared(server, org):
    """Asks for copies of what others recorded about an organisation, and waits for the job's end: what it says then."""
    at = server.client.post(f"/api/share?org={org}", "").shows(202).headers["Location"]
    end = time.monotonic() + DEADLINE
    while (job := server.client.get(at).shows(200).json)["state"] != "done":
        assert time.monotonic() < end, job
        threading.Event().wait(0.01)
    return job


def play_each(tests, fill):
    """Runs (name, function of the server) in order on one server, which `fill` has given what they ask for."""
    folder = tempfile.mkdtemp(prefix="suyuan-")
    failed = False
    try:
        with Place(folder).server("--log-level", "warn") as s:
            fill(s)
            print(f"1..{len(tests)}", flush=True)
            for i, (name, f) in enumerate(tests, 1):
                try:
                    f(s)
                    print(f"ok {i} - {name}", flush=True)
                except Exception:
                    failed = True
                    for line in traceback.format_exc().splitlines():
                        print("# " + line)
                    print(f"not ok {i} - {name}", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(failed)


def play(module="__main__"):
    """Runs every public function of the file that takes one argument, in order."""
    mod = sys.modules[module]
    todo = [f for n, f in vars(mod).items() if callable(f) and getattr(f, "__module__", "") == module and not n.startswith("_")
            and f.__code__.co_argcount == 1]
    print(f"1..{len(todo)}", flush=True)
    failed = False
    for i, f in enumerate(todo, 1):
        name = f.__name__.replace("_", " ")
        folder = tempfile.mkdtemp(prefix="suyuan-")
        try:
            f(Place(folder))
            print(f"ok {i} - {name}", flush=True)
        except Skip as why:
            print(f"ok {i} - {name} # SKIP {why}", flush=True)
        except BaseException:
            failed = True
            for line in traceback.format_exc().splitlines():
                print("# " + line)
            for log in pathlib.Path(folder).glob("server-*.log"):
                for line in log.read_text(errors="replace").splitlines()[-30:]:
                    print("# log: " + line)
            print(f"not ok {i} - {name}", flush=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(failed)
