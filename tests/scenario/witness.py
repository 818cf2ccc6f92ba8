"""Witnesses: what a log showed once it cannot take back, and nobody waits for a witness that sleeps."""
import concurrent.futures
import http.server
import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import threading
import time
import urllib.parse

import playedlog
from suyuan import BINARY, DEADLINE, Client, document, event, play, public_data, run


class _Witness:
    """`suyuan witness` of our own binary."""

    def __init__(self, folder, *options, name="w.test", before=()):
        self.folder = pathlib.Path(folder)
        self.options, self.name, self.before = options, name, before
        self.port = 0
        self.start()

    def start(self):
        self.log_path = self.folder.parent / f"server-witness-{os.urandom(3).hex()}.log"
        self.log_file = open(self.log_path, "w")
        self.process = subprocess.Popen([*self.before, str(BINARY), "witness", "--data", str(self.folder), "--listen", f"127.0.0.1:{self.port}",
                                         *(["--name", self.name] if self.name else []), *self.options], stdout=subprocess.PIPE, stderr=self.log_file, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), f"witness said {line!r}: {self.log_path.read_text()[-2000:]}"
        self.url = line.split()[-1]
        self.port = urllib.parse.urlsplit(self.url).port
        self.client = Client("127.0.0.1", self.port)

    @property
    def vkey(self):
        return run("witness", "key", "--data", self.folder).stdout.strip()

    def ask(self, body):
        return self.client.ask("POST", "/add-checkpoint", body.encode() if isinstance(body, str) else body)

    def has(self, origin):
        return self.client.get(f"/{playedlog.origin_hash(origin)}/checkpoint")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(DEADLINE)
        self._close()
        return code

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self._close()

    def _close(self):
        self.process.stdout.close()
        self.log_file.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.process.poll() is None:
            code = self.stop()
            assert exc[0] or code == 0, f"witness ended with {code}: {self.log_path.read_text()[-3000:]}"


def the_exchanges_of_the_protocol_are_answered_as_published(place):
    vectors = json.loads(public_data("tlog", "own", "witness-w1.json").read_text())
    keys = json.loads(public_data("tlog", "own", "vectors.json").read_text())["keys"]
    seed = bytes.fromhex(next(w["seed"] for w in keys["witnesses"] if w["vkey"] == vectors["witness_vkey"]))
    for kind in (playedlog.COSIGN, playedlog.ED25519):    # as we write it, and as other witnesses keep it
        folder = place.folder / f"witness-{kind}"
        folder.mkdir()
        (folder / "witness.key").write_text(playedlog.Key("w1.example.net", seed, kind).private + "\n")
        with _Witness(folder, "--log", vectors["log_vkey"], name=None) as w:
            assert w.vkey == vectors["witness_vkey"]
            for x in vectors["exchanges"]:
                a = w.ask(x["request"])
                assert a.status == x["status"], (x["name"], a)
                if a.status == 200:
                    text = x["request"].split("\n\n", 1)[1].rsplit("\n\n", 1)[0] + "\n"
                    assert playedlog.holds(w.vkey, text, a.text), (x["name"], a)
                else:
                    assert a.text == x["body"], (x["name"], a)
                if "content_type" in x:
                    assert a.headers["Content-Type"] == x["content_type"], (x["name"], a.headers)
        assert stat.S_IMODE((folder / "witness.key").stat().st_mode) == 0o600


def what_was_cosigned_is_there_for_everybody_and_survives_a_restart(place):
    log = playedlog.Log().grow(5)
    with _Witness(place.folder / "w", "--log", log.key.vkey) as w:
        w.has(log.key.name).shows(404)
        line = w.ask(log.asks(0)).shows(200).text
        text, lines = playedlog.parts(w.has(log.key.name).shows(200).text)
        assert text == playedlog.checkpoint(log.key.name, log.hashes) and lines == [log.key.line(text), line]
        page = w.client.get("/").shows(200)
        assert 'lang="zh-Hans"' in page.text and "日志见证服务" in page.text and w.vkey in page.text.replace("&#43;", "+") and log.key.name in page.text
        assert "<td>5</td>" in page.text
        assert "Witness" in w.client.get("/?l=en").text and "見證" in w.client.get("/?l=zh-Hant").text
        vkey = w.vkey
        assert w.stop() == 0
        w.start()
        assert w.vkey == vkey
        a = w.ask(log.grow(3).asks(0))
        assert (a.status, a.text, a.headers["Content-Type"]) == (409, "5\n", "text/x.tlog.size")
        w.ask(log.asks(5)).shows(200)
        assert playedlog.size_of(w.has(log.key.name).text) == 8


def a_fork_is_cosigned_by_nobody_however_it_is_brought(place):
    log = playedlog.Log().grow(7)
    other = log.fork(4).grow(6, b"other")
    with _Witness(place.folder / "w", "--log", log.key.vkey) as w:
        w.ask(log.asks(0)).shows(200)
        for body in (other.asks(7), other.asks(4), other.asks(0), other.asks(7, 7), playedlog.request(7, [], other.note(7)),
                     playedlog.request(7, playedlog.consistency(7, log.grow(3).hashes), other.note(10))):
            a = w.ask(body)
            assert a.status in (409, 422), a
        w.stop()
        w.start()
        assert w.ask(other.asks(7)).status == 422
        w.ask(log.asks(7)).shows(200)


def a_witness_that_is_killed_at_any_moment_never_cosigns_two_forks(place):
    """Two forks are sent at once, over and over, while the witness is killed; whatever lines came out, at every size they are of one tree."""
    log = playedlog.Log().grow(3)
    w = _Witness(place.folder / "w", "--log", log.key.vkey)
    cosigned = {}

    def bring(chain, old, size):
        body = chain.asks(old, size)
        try:
            a = w.ask(body)
        except OSError:
            return
        if a.status == 200:
            text = body.split("\n\n", 1)[1].rsplit("\n\n", 1)[0] + "\n"
            assert playedlog.holds(vkey, text, a.text)
            cosigned.setdefault(size, set()).add(text)

    try:
        w.ask(log.asks(0)).shows(200)
        vkey, size = w.vkey, 3
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for turn in range(12):
                forks = [log.fork(size).grow(2, b"fork %d %d" % (turn, i)) for i in range(3)]
                jobs = [pool.submit(bring, f, size, size + 2) for f in forks]
                if turn % 2:
                    threading.Timer(0.002 * turn, w.process.kill).start()
                for j in jobs:
                    j.result()
                if turn % 2:
                    w.process.wait(DEADLINE)
                    w._close()
                    w.start()
                    for f in forks:             # whoever had no answer tries again
                        bring(f, size, size + 2)
                text, _ = playedlog.parts(w.has(log.key.name).shows(200).text)
                size = playedlog.size_of(text)
                log = next((f for f in forks if playedlog.checkpoint(f.key.name, f.hashes) == text), log)
        assert len(cosigned) > 6
        for size, texts in cosigned.items():
            assert len(texts) == 1, f"two trees of {size}: {texts}"
    finally:
        if w.process.poll() is None:
            w.kill()


def a_state_that_was_tampered_with_or_copied_keeps_the_witness_from_starting(place):
    log = playedlog.Log().grow(5)
    with _Witness(place.folder / "w", "--log", log.key.vkey) as w:
        w.ask(log.asks(0)).shows(200)
        second = subprocess.run([str(BINARY), "witness", "--data", str(w.folder), "--listen", "127.0.0.1:0", "--log", log.key.vkey], capture_output=True, text=True, timeout=DEADLINE)
        assert second.returncode == 1 and "another witness" in second.stderr
    state = place.folder / "w" / f"{playedlog.origin_hash(log.key.name)}.checkpoint"
    good = state.read_text()
    state.write_text(good.replace("\n5\n", "\n4\n"))
    r = run("witness", "--data", place.folder / "w", "--listen", "127.0.0.1:0", "--log", log.key.vkey, code=1)
    assert "damaged" in r.stderr
    state.write_text(good)
    with _Witness(place.folder / "w", "--log", log.key.vkey) as w:
        w.ask(log.asks(5)).shows(200)


def who_asks_wrongly_is_told_so_and_a_flood_is_slowed(place):
    log, stranger = playedlog.Log().grow(5), playedlog.Log("stranger.test/log").grow(2)
    policy = place.file("policy", f"log {log.key.vkey}\nquorum none\n")
    with _Witness(place.folder / "w", "--policy", str(policy)) as w:
        for body in ("", "old\n", "old 0\n\n", "old -1\n\n" + log.note(), "old 0\n" + "AAAA\n" * 64 + "\n" + log.note(), "old 00\n\n" + log.note(), b"\xff" * 100):
            assert w.ask(body).status == 400, body
        w.ask(stranger.asks(0)).shows(404)
        w.ask(playedlog.request(0, [], playedlog.note(playedlog.checkpoint(log.key.name, log.hashes), stranger.key.line("x\n")))).shows(403)
        w.ask("old 0\n\n" + "x" * (300 * 1024)).shows(413)
        w.client.get("/add-checkpoint").shows(405)
        w.client.get("/../witness.key").shows(404)
        w.client.get("/witness.key").shows(404)
        body, seen = log.asks(0), set()
        for _ in range(2000):
            a = w.ask(body)
            seen.add(a.status)
            if a.status == 429:
                assert int(a.headers["Retry-After"]) >= 1
                break
        assert 429 in seen and 200 in seen, seen


def a_witness_without_a_name_or_with_another_one_is_not_begun(place):
    log = playedlog.Log()
    r = run("witness", "--data", place.folder / "w", "--listen", "127.0.0.1:0", "--log", log.key.vkey, code=2)
    assert "--name" in r.stderr and not (place.folder / "w" / "witness.key").exists()
    run("witness", "--data", place.folder / "w", "--name", "a b", "--listen", "127.0.0.1:0", code=2)
    first = run("witness", "key", "--data", place.folder / "w", "--name", "w.test").stdout
    assert first.startswith("w.test+") and first.count("\n") == 1 and run("witness", "key", "--data", place.folder / "w").stdout == first
    run("witness", "key", "--data", place.folder / "w", "--name", "x.test", code=2)
    run("witness", "--data", place.folder / "w", "--log", "nonsense", "--listen", "127.0.0.1:0", code=2)


class _Script:
    """A witness in Python: `judge(body)` gives (status, type, body) of add-checkpoint, or None: it never answers."""

    def __init__(self, judge):
        script = self
        self.asked, self.ended = 0, threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                script.asked += 1
                answer = judge(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if answer is None:
                    script.ended.wait(DEADLINE)
                    self.close_connection = True
                    return
                self.say(*answer)

            def do_GET(self):
                self.say(404, "text/plain", "")

            def say(self, status, kind, body):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body.encode())))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *a):
                pass

        class Web(http.server.ThreadingHTTPServer):
            daemon_threads = True

        self.web = Web(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.web.server_address[1]}"
        threading.Thread(target=self.web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.ended.set()
        self.web.shutdown()
        self.web.server_close()


def _waits(fact, what):
    """Asks again until it is so."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        got = fact()
        if got:
            return got
        time.sleep(0.02)
    raise AssertionError(f"it did not come: {what}")


def _policy(place, key, *witnesses):
    """witnesses: (name, vkey, url)"""
    lines = [f"log {key}"] + [f"witness {n} {k} {u}" for n, k, u in witnesses]
    return place.file("policy", "\n".join(["# call Li before changing this", *lines, "quorum\tnone", ""]))


def _captures(server, first, n=3):
    server.client.captures(document(*[event(first + i) for i in range(n)])).shows(202)


def _checkpoint(server, size=0, by=()):
    """The published checkpoint, once it has this size and lines of these keys."""
    def so():
        a = server.client.get("/log/checkpoint")
        if a.status != 200 or playedlog.size_of(a.text) < size:
            return None
        text, lines = playedlog.parts(a.text)
        return a.text if all(any(playedlog.holds(k, text, x) for x in lines) for k in by) else None
    return _waits(so, f"a checkpoint of {size} with {len(by)} cosignatures; there is {server.client.get('/log/checkpoint')}")


def a_districts_log_is_cosigned_by_its_neighbours_and_waits_for_no_sleeper_and_no_liar(place):
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    sleeper, liar = playedlog.Key("sleeper.test", kind=playedlog.COSIGN), playedlog.Key("liar.test", kind=playedlog.COSIGN)

    def lies(body):     # cosigns something else than it was asked for
        text = body.split("\n\n", 1)[1].rsplit("\n\n", 1)[0] + "\n"
        return 200, "text/plain", liar.line(text.replace("\n", "\nx", 1)) + "\u2014 sleeper.test AAAA\n"

    with _Witness(place.folder / "one", "--log", key, name="one.test") as one, _Witness(place.folder / "two", "--log", key, name="two.test") as two, \
            _Script(lambda b: None) as asleep, _Script(lies) as lying:
        policy = _policy(place, key, ("one", one.vkey, one.url), ("two", two.vkey, two.url), ("sleeper", sleeper.vkey, asleep.url), ("liar", liar.vkey, lying.url))
        with place.server("--policy", str(policy)) as server:
            for turn in range(5):
                _captures(server, 10 * turn)
                _checkpoint(server, 3 * (turn + 1))
            note = _checkpoint(server, 15, (one.vkey, two.vkey))
            text, lines = playedlog.parts(note)
            assert playedlog.holds(key, text, lines[0]) and len(lines) == 3, note
            assert asleep.asked >= 1 and lying.asked >= 1
            told = server.client.get("/log/policy").shows(200).text
            assert one.vkey in told and told.count("quorum") == 1 and "call Li" not in told, told
            assert "liar" in server.log() and not any("sleeper" in x or "liar" in x for x in lines)
            # one that was away and comes back needs no help
            one.stop()
            _captures(server, 100)
            _checkpoint(server, 18, (two.vkey,))
            one.start()
            _captures(server, 110)
            _checkpoint(server, 21, (one.vkey, two.vkey))
            assert playedlog.size_of(one.has(key.split("+")[0]).text) == 21
            run("monitor", server.url, "--key", key, "--policy", policy, "--once")
            begun = time.monotonic()
        assert time.monotonic() - begun < 10, "the sleeper holds up the end of the server"


def a_witness_that_only_claims_to_be_ahead_ends_no_signing(place):
    """A broken or hostile witness names a huge size and shows nothing: told to the operator, and signing goes on, also after a restart."""
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    boaster, claims = playedlog.Key("boaster.test", kind=playedlog.COSIGN), [2 ** 63 - 1]

    def boasts(body):
        if claims:
            return 409, "text/x.tlog.size", f"{claims[0]}\n"
        return 200, "text/plain", boaster.line(body.split("\n\n", 1)[1].rsplit("\n\n", 1)[0] + "\n")

    with _Witness(place.folder / "w", "--log", key, name="w.test") as w, _Script(boasts) as boasting:
        policy = _policy(place, key, ("w", w.vkey, w.url), ("boaster", boaster.vkey, boasting.url))
        for turn in range(2):
            with place.server("--policy", str(policy)) as server:
                health = lambda: server.client.get("/healthz").json["log"]
                _captures(server, 100 * turn)
                why = _waits(lambda: health().get("doubt"), "a doubt")
                assert "boaster" in why and str(2 ** 63 - 1) in why and "log.doubt" in server.log(), why
                _captures(server, 100 * turn + 10)
                _checkpoint(server, 6 * (turn + 1), (w.vkey,))
                assert "refusal" not in health(), health()
        claims.clear()
        with place.server("--policy", str(policy)) as server:
            _captures(server, 300)
            _checkpoint(server, 15, (w.vkey, boaster.vkey))
            assert "doubt" not in server.client.get("/healthz").json["log"]


def a_witness_that_is_named_later_cosigns_what_was_signed_before(place):
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    with place.server() as server:
        _captures(server, 0)
        _checkpoint(server, 3)
    with _Witness(place.folder / "w", "--log", key, name="w.test") as w:
        policy = _policy(place, key, ("w", w.vkey, w.url))
        with place.server("--policy", str(policy)) as server:       # and nothing new is recorded
            assert playedlog.size_of(_checkpoint(server, 3, (w.vkey,))) == 3


def records_that_were_witnessed_within_a_minute_share_a_checkpoint_in_a_file_of_proof(place):
    """A checker has a signature to check for each older checkpoint; so there are few, and none tells a time that is a minute too late."""
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    clock, seer, item = [int(time.time()) - 9000], playedlog.Key("seer.test", kind=playedlog.COSIGN), "urn:epc:id:sgtin:6901234.056789.1"

    def cosigns(body):
        return 200, "text/plain", seer.line(body.split("\n\n", 1)[1].rsplit("\n\n", 1)[0] + "\n", clock[0])

    with _Script(cosigns) as w:
        policy = _policy(place, key, ("seer", seer.vkey, w.url))
        with place.server("--policy", str(policy)) as server:
            true = []
            for n, passes in enumerate((0, 25, 25, 20, 900, 50, 61)):
                clock[0] += passes
                true.append(clock[0])
                server.client.captures(document(event(n, epcList=[item]))).shows(202)
                _checkpoint(server, n + 1, (seer.vkey,))
            file = server.client.get("/log/proof?item=" + urllib.parse.quote(item)).shows(200)
    b = file.json
    told = [playedlog.holds(seer.vkey, *playedlog.parts(b["checkpoints"][r["first"]["checkpoint"]])[:1], playedlog.parts(b["checkpoints"][r["first"]["checkpoint"]])[1][-1]) for r in b["records"]]
    late = [t - true[i] for i, t in enumerate(told)]
    assert late == [50, 25, 0, 0, 50, 0, 0], late
    assert len({r["first"]["checkpoint"] for r in b["records"]}) == 4
    proof = place.file("proof.json", file.text)
    run("verify", proof, "--policy", policy)
    # Nothing is claimed from the log's own line under an older one, everything from the witness's.
    for line, code in ((1, 0), (2, 1)):
        parts = b["checkpoints"][b["records"][0]["first"]["checkpoint"]].rsplit("\u2014 ", 2)
        parts[line] = parts[line].replace(parts[line][-20:], ("B" if parts[line][-20] == "A" else "A") + parts[line][-19:])
        changed = [*b["checkpoints"]]
        changed[b["records"][0]["first"]["checkpoint"]] = "\u2014 ".join(parts)
        r = run("verify", place.file("changed.json", json.dumps({**b, "checkpoints": changed})), "--policy", policy, "--lang", "en", code=code)
        assert code == 0 or "earliest time does not hold" in r.stdout + r.stderr, r


def an_old_backup_put_back_is_found_out_by_a_witness_and_signs_nothing(place):
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    origin = key.split("+")[0]
    with _Witness(place.folder / "w", "--log", key, name="w.test") as w:
        policy = _policy(place, key, ("w", w.vkey, w.url))
        with place.server("--policy", str(policy)) as server:
            _captures(server, 0, 5)
            _checkpoint(server, 5, (w.vkey,))
        shutil.copytree(place.data, place.folder / "old", ignore=lambda d, names: ["signed"] if d.endswith("/log") else [])
        with place.server("--policy", str(policy)) as server:
            _captures(server, 10, 7)
            newest = _checkpoint(server, 12, (w.vkey,))
        shutil.rmtree(place.data)
        shutil.copytree(place.folder / "old", place.data)
        w.stop()
        w.start()               # what it cosigned it remembers
        with place.server("--policy", str(policy)) as server:
            health = lambda: server.client.get("/healthz").json["log"]
            why = _waits(lambda: health().get("refusal"), "a refusal")
            assert "12" in why and "5" in why and "suyuan log begin" in why, why
            assert "log.refused" in server.log()
            _captures(server, 100, 20)          # records are still taken
            assert len(server.client.get("/epcis/events?perPage=100").shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 25
            assert playedlog.size_of(server.client.get("/log/checkpoint").text) == 5
            r = run("monitor", server.url, "--key", key, "--policy", policy, "--once", code=1)
            assert json.loads(r.stdout)["found"] == "split", r.stdout
        with place.server("--policy", str(policy)) as server:           # it has more leaves than the witness now, and another tree
            _waits(lambda: server.client.get("/healthz").json["log"].get("refusal"), "a refusal")
            assert playedlog.size_of(server.client.get("/log/checkpoint").text) == 5
        assert w.has(origin).text.startswith(newest.split("\n\n")[0])


def a_restored_copy_signs_nothing_while_no_witness_can_be_asked_and_then_what_is_right(place):
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    with _Witness(place.folder / "w", "--log", key, name="w.test") as w:
        policy = _policy(place, key, ("w", w.vkey, w.url))
        with place.server("--policy", str(policy)) as server:
            _captures(server, 0, 5)
            _checkpoint(server, 5, (w.vkey,))
        (place.data / "log" / "signed").unlink()
        w.stop()
        with place.server("--policy", str(policy)) as server:
            _captures(server, 10, 4)
            assert "no witness answers" in _waits(lambda: server.client.get("/healthz").json["log"].get("refusal"), "why nothing is signed")
            assert playedlog.size_of(server.client.get("/log/checkpoint").text) == 5
            w.start()
            _checkpoint(server, 9, (w.vkey,))
            assert "refusal" not in server.client.get("/healthz").json["log"]


def a_copy_that_went_on_from_an_older_state_is_found_out_when_its_witness_comes_back(place):
    """No witness answers and log/signed is there, of the old state: the fork is signed, and the first answer of the witness ends it."""
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    with _Witness(place.folder / "w", "--log", key, name="w.test") as w:
        policy = _policy(place, key, ("w", w.vkey, w.url))
        with place.server("--policy", str(policy)) as server:
            _captures(server, 0, 5)
            _checkpoint(server, 5, (w.vkey,))
        shutil.copytree(place.data, place.folder / "old")
        with place.server("--policy", str(policy)) as server:
            _captures(server, 10, 2)
            _checkpoint(server, 7, (w.vkey,))
        shutil.rmtree(place.data)
        shutil.copytree(place.folder / "old", place.data)
        w.stop()
        with place.server("--policy", str(policy)) as server:
            _captures(server, 100, 9)
            _checkpoint(server, 14)
            w.start()
            _captures(server, 200, 1)
            assert "another tree of 7" in _waits(lambda: server.client.get("/healthz").json["log"].get("refusal"), "a refusal")
            size = playedlog.size_of(server.client.get("/log/checkpoint").text)
            _captures(server, 300, 1)
            assert len(server.client.get("/epcis/events?perPage=100").shows(200).json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 16
            assert playedlog.size_of(server.client.get("/log/checkpoint").text) == size
        assert playedlog.size_of(w.has(key.split("+")[0]).text) == 7


if __name__ == "__main__":
    play()
