"""Who follows a log from outside sees a fork, a rollback, a forged signature, a split view and a log that stands still; and nothing where nothing is."""
import http.server
import json
import os
import signal
import subprocess
import threading

import playedlog
from suyuan import BINARY, DEADLINE, play, run


class _Site:
    """A log's web server as its operator likes it: `note` is the checkpoint, `hashes` what tiles are made of, `ask` what it says to add-checkpoint."""

    def __init__(self, hashes=(), note=None, prefix="", status=200):
        self.hashes, self.note, self.prefix, self.status = list(hashes), note, prefix, status
        self.paths, self.witness, self.partials = [], {}, True
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = site.answer(self.path)
                self.send_response(404 if body is None else site.status)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *a):
                pass

        class Web(http.server.ThreadingHTTPServer):
            daemon_threads = True

        self.web = Web(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.web.server_address[1]}"
        threading.Thread(target=self.web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def answer(self, path):
        self.paths.append(path)
        if path.strip("/").removesuffix("/checkpoint") in self.witness:
            return self.witness[path.strip("/").removesuffix("/checkpoint")].encode()
        if not path.startswith(self.prefix + "/"):
            return None
        path = path[len(self.prefix) + 1:]
        if path == "checkpoint":
            return self.note.encode() if self.note else None
        if path.startswith("tile/0/") and ".p/" in path and not self.partials:
            return None
        return playedlog.tile(self.hashes, path) if path.startswith("tile/") else None

    def shows(self, log, size=None):
        self.hashes, self.note = log.hashes[:size], log.note(size)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.web.shutdown()
        self.web.server_close()


def _look(place, site, log, found, *options, url=None, keys=None):
    """One look; the line of JSON."""
    keys = [log.key.vkey] if keys is None else keys
    r = run("monitor", url or site.url, *[x for k in keys for x in ("--key", k)], "--state", place.folder / "state", "--once", *options, code=None)
    lines = [json.loads(x) for x in r.stdout.splitlines()]
    assert len(lines) == 1 and lines[0]["found"] == found, (found, r.stdout, r.stderr)
    assert r.returncode == (0 if found == "ok" else 1), r
    assert bool(r.stderr) == (found != "ok"), r.stderr
    return lines[0]


def a_log_that_grows_is_followed_at_every_size(place):
    log = playedlog.Log()
    with _Site() as site:
        for more in (1, 1, 2, 3, 249, 1, 255, 3, 65024, 1, 300):
            before = len(log.hashes)
            line = _look(place, site.shows(log.grow(more)), log, "ok")
            assert (line["size"], line["before"]) == (len(log.hashes), before) and line["origin"] == log.key.name
        _look(place, site, log, "ok")
        assert len([p for p in site.paths if "tile" in p]) < 100, "it reads a few tiles a look, not the log"


def an_installations_address_will_do_and_partial_tiles_may_be_gone(place):
    log = playedlog.Log().grow(300)
    with _Site(prefix="/log") as site:
        _look(place, site.shows(log), log, "ok")
        site.shows(log.grow(400), 600)
        site.partials = False           # as a log may drop them once the full tile is there
        site.hashes = log.hashes[:600]
        _look(place, site, log, "unreachable")
        site.hashes = log.hashes[:700]
        _look(place, site, log, "unreachable")
        site.hashes = log.grow(100).hashes
        _look(place, site, log, "ok")


def a_fork_is_shouted_about_with_both_notes_and_never_forgiven(place):
    log = playedlog.Log().grow(700)
    other = log.fork(600).grow(500, b"other")
    with _Site() as site:
        _look(place, site.shows(log), log, "ok")
        for _ in range(2):
            line = _look(place, site.shows(other), log, "fork")
            assert line["note"] == other.note() and line["noteBefore"] == log.note() and (line["size"], line["before"]) == (1100, 700)
        _look(place, site.shows(log.fork(650).grow(50, b"x")), log, "fork")     # of the same size
        site.shows(other).hashes = log.grow(400).hashes                 # its tiles are of another tree than it signed
        _look(place, site, log, "unreachable")
        _look(place, site.shows(log), log, "ok")


def a_log_that_became_shorter_is_shouted_about(place):
    log = playedlog.Log().grow(500)
    with _Site() as site:
        _look(place, site.shows(log), log, "ok")
        line = _look(place, site.shows(log, 400), log, "rollback")
        assert (line["size"], line["before"]) == (400, 500)
        _look(place, site.shows(log, 500), log, "ok")


def what_the_log_did_not_sign_is_not_believed(place):
    log, stranger = playedlog.Log().grow(10), playedlog.Log("log.test/trace").grow(10)
    with _Site() as site:
        _look(place, site.shows(stranger), log, "bad-signature")
        site.note = log.note().replace("\n10\n", "\n11\n")
        _look(place, site, log, "bad-signature")
        for nonsense in ("", "x", "log.test/trace\n10\n\n", "\n" * 1000, "log.test/trace\n-1\nAAAA\n\n\u2014 a b\n"):
            site.note = nonsense or " "
            _look(place, site, log, "bad-signature")
        assert not (place.folder / "state").exists()
        # while a key is being changed, either will do
        text, new = playedlog.checkpoint(log.key.name, log.hashes), playedlog.Key(log.key.name)
        site.note = playedlog.note(text, new.line(text))
        _look(place, site, log, "ok", keys=[log.key.vkey, new.vkey])
        _look(place, site, log, "bad-signature")


def a_log_that_does_not_answer_or_stands_still_is_told_of(place):
    log = playedlog.Log().grow(10)
    with _Site() as site:
        _look(place, site, log, "unreachable")
        _look(place, site.shows(log), log, "ok")
        state = place.folder / "state"
        mark, since, rest = state.read_text().split("\n", 2)
        state.write_text("\n".join((mark, str(int(since) - 4000), rest)))
        _look(place, site, log, "ok")
        _look(place, site, log, "stale", "--stale", "3600")
        _look(place, site.shows(log.grow(1)), log, "ok", "--stale", "3600")
        site.status = 500
        _look(place, site, log, "unreachable")
    _look(place, site, log, "unreachable")


def the_witnesses_are_asked_what_they_were_shown(place):
    log = playedlog.Log().grow(50)
    one, two = playedlog.Key("one.test", kind=playedlog.COSIGN), playedlog.Key("two.test", kind=playedlog.COSIGN)
    name = playedlog.origin_hash(log.key.name)

    def cosigned(l, *keys):
        text = playedlog.checkpoint(l.key.name, l.hashes)
        return playedlog.note(text, l.key.line(text), *[k.line(text) for k in keys])

    with _Site() as site, _Site() as first, _Site() as second:
        policy = place.file("policy", f"log {log.key.vkey}\nwitness one {one.vkey} {first.url}\nwitness two {two.vkey} {second.url}\ngroup both 2 one two\nquorum both\n")
        options = ("--policy", str(policy))
        site.shows(log)
        first.witness[name] = cosigned(log, one)
        second.witness[name] = cosigned(log, two)
        _look(place, site, log, "quorum", *options)
        site.note = cosigned(log, one, two)
        line = _look(place, site, log, "ok", *options)
        assert (line["cosigned"], line["witnessesAsked"], line["witnessesHeard"]) == (2, 2, 2)
        _look(place, site, log, "ok", *options, keys=[])        # the policy names the key
        ahead = log.fork(50).grow(1)
        second.witness[name] = cosigned(ahead, two)
        assert "two" in _look(place, site, log, "split", *options)["why"]
        other = log.fork(40).grow(5, b"other")
        second.witness[name] = cosigned(other, two)
        _look(place, site, log, "split", *options)
        second.witness[name] = cosigned(playedlog.Log(log.key.name).grow(80), two)  # not signed by the log: the witness lies
        line = _look(place, site, log, "ok", *options)
        assert line["witnessesHeard"] == 1


def one_that_follows_says_a_line_a_look_and_ends_when_told(place):
    log = playedlog.Log().grow(3)
    with _Site() as site:
        site.shows(log)
        p = subprocess.Popen([str(BINARY), "monitor", site.url, "--key", log.key.vkey, "--every", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert json.loads(p.stdout.readline())["found"] == "ok"
            site.shows(playedlog.Log(log.key.name, log.key.seed).grow(9, b"other"))
            found = {json.loads(p.stdout.readline())["found"] for _ in range(2)}
            assert "fork" in found
            p.send_signal(signal.SIGTERM)
            assert p.wait(DEADLINE) == 0
        finally:
            if p.poll() is None:
                p.kill()
            p.communicate()


def a_state_that_is_none_or_a_missing_key_is_a_mistake_of_the_caller(place):
    log = playedlog.Log()
    run("monitor", "http://127.0.0.1:9", "--once", code=2)
    run("monitor", "http://127.0.0.1:9", "--key", "x", "--once", code=2)
    place.file("state", "{}")
    run("monitor", "http://127.0.0.1:9", "--key", log.key.vkey, "--state", place.folder / "state", "--once", code=2)
    assert os.listdir(place.folder) == ["state"]


if __name__ == "__main__":
    play()
