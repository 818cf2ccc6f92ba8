"""On a database server: the same answers as with SQLite; nothing acknowledged is lost, nothing is there twice, whatever is killed;
several servers on one database keep one gapless order."""
import json
import random
import signal
import threading

import pg_cluster
from subscriptions import _Consumer
from suyuan import Server, Skip, document, event, play, run

try:
    PG = pg_cluster.Cluster().__enter__()
    WHY = None
except pg_cluster.Unavailable as e:
    PG, WHY = None, str(e)
NAMES = iter(range(10 ** 6))


def _database(place):
    if WHY:
        raise Skip(WHY)
    url = PG.database(f"d{next(NAMES)}")
    run("init", "--data", place.data, "--database", url, "--origin", "http://127.0.0.1:8080")
    return url


def _sql(url, text):
    return PG.sql(text, url.split("/")[3].split("?")[0])


def _whole(place, url, events):
    run("check", "--data", place.data, "--database", url)
    count = _sql(url, "SELECT count(*), count(DISTINCT seq), max(seq), count(DISTINCT (time_us, digest)) FROM event")
    assert count == "|".join([str(events)] * 4), count


class _Load:
    """Clients that send documents of ten events, each number once, until told to stop; what was acknowledged is in `acknowledged`,
    and a document whose answer was lost is sent again."""

    def __init__(self, servers, threads=4, first=1):
        self.servers, self.lock, self.next, self.done = servers, threading.Lock(), first, threading.Event()
        self.acknowledged, self.changed, self.wrong = set(), threading.Condition(self.lock), []
        self.threads = [threading.Thread(target=self._run, args=(i,)) for i in range(threads)]
        [t.start() for t in self.threads]

    def _run(self, i):
        while not self.done.is_set():
            with self.lock:
                n, self.next = self.next, self.next + 1
            body = document(*[event(k) for k in range(n * 10, n * 10 + 10)])
            while not self.done.is_set():
                try:
                    answer = self.servers[i % len(self.servers)].client.captures(body)
                    if answer.status == 202 and answer.json["captured"] + answer.json["known"] == 10:
                        break
                    if answer.status != 503:
                        self.wrong.append(answer)
                except (OSError, json.JSONDecodeError, ConnectionError):
                    pass
                except Exception as e:      # http.client's own kinds of a connection that ended
                    if "http.client" not in type(e).__module__:
                        raise
                self.done.wait(0.02)
            else:
                return
            with self.lock:
                self.acknowledged.add(n)
                self.changed.notify_all()

    def reaches(self, n):
        with self.lock:
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= n, 60), f"{len(self.acknowledged)} documents of {n}"

    def ends(self):
        self.done.set()
        [t.join() for t in self.threads]
        assert not self.wrong, self.wrong       # what cannot be had just now is 503, never another word
        return self.acknowledged


def _all_there(server, acknowledged):
    for n in acknowledged:
        answer = server.client.captures(document(*[event(k) for k in range(n * 10, n * 10 + 10)])).shows(202).json
        assert answer["known"] == 10, (n, answer)


def a_document_is_captured_traced_and_shown(place):
    url = _database(place)
    item = "http://127.0.0.1:8080/lot/coop/L1"
    sown = event(1, type="TransformationEvent", action=None, epcList=None, bizStep=None, eventID="urn:uuid:00000000-0000-4000-8000-000000000001",
                 inputEPCList=["http://127.0.0.1:8080/lot/coop/SEED"], outputEPCList=[item])
    with place.server("--database", url) as s:
        assert s.client.captures(document(sown, event(2, epcList=[item]))).shows(202).json["captured"] == 2
        assert s.client.captures(document(sown)).shows(202).json["known"] == 1
        assert "SEED" in s.client.get("/lot/coop/L1", Accept="text/html").shows(200).text
        assert "lot/coop/SEED" in run("trace", "--data", place.data, "--database", url, item).stdout
        more = place.file("more.json", document(event(3, epcList=[item])))
        assert "captured 1" in run("import", "--data", place.data, "--database", url, more).stdout   # beside the running server
    _whole(place, url, 3)
    run("rebuild", "--data", place.data, "--database", url)
    _whole(place, url, 3)


def init_refuses_a_database_that_holds_one(place):
    url = _database(place)
    again = run("init", "--data", place.folder / "other", "--database", url, "--origin", "http://127.0.0.1:8080", code=1)
    assert "already holds" in again.stderr, again.stderr


def a_newer_and_an_older_schema_are_refused(place):
    url = _database(place)
    _sql(url, "UPDATE suyuan_schema SET version = version + 1")
    assert "newer" in run("check", "--data", place.data, "--database", url, code=1).stderr
    _sql(url, "UPDATE suyuan_schema SET version = version - 2")
    assert "--migrate" in run("rebuild", "--data", place.data, "--database", url, code=1).stderr


def the_password_is_never_told(place):
    if WHY:
        raise Skip(WHY)
    for url in ("postgres://u:geheim@127.0.0.1:1/x", "postgres://u:ge%zzheim@/x"):
        said = run("serve", "--data", place.data, "--database", url, code=None)
        assert said.returncode and "heim" not in said.stdout + said.stderr, said


def what_was_acknowledged_survives_kill_9_of_the_server(place):
    url = _database(place)
    acknowledged, first = set(), 1
    for _ in range(4):
        s = place.server("--database", url)
        load = _Load([s], first=first)
        load.reaches(random.randint(2, 15))
        s.kill()
        acknowledged |= load.ends()
        first = load.next
    with place.server("--database", url) as s:
        _all_there(s, acknowledged)
    run("check", "--data", place.data, "--database", url)


def broken_connections_cost_nothing_that_was_acknowledged(place):
    url = _database(place)
    with place.server("--database", url) as s:
        load = _Load([s])
        for i in range(1, 13):
            load.reaches(i * 5)
            PG.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
        load.reaches(70)
        acknowledged = load.ends()
        _all_there(s, acknowledged)
        events = int(_sql(url, "SELECT count(*) FROM event"))
        assert events >= len(acknowledged) * 10
    _whole(place, url, events)


def a_crash_of_the_database_costs_nothing_that_was_acknowledged(place):
    url = _database(place)
    with place.server("--database", url) as s:
        load = _Load([s])
        for i, how in enumerate([signal.SIGINT, signal.SIGKILL, signal.SIGQUIT], 1):
            load.reaches(i * 15)
            PG.stop(how)
            PG.start()
        load.reaches(60)
        acknowledged = load.ends()
        _all_there(s, acknowledged)
        events = int(_sql(url, "SELECT count(*) FROM event"))
    _whole(place, url, events)


def a_subscription_made_at_one_server_is_delivered_whoever_delivers(place):
    url = _database(place)
    with _Consumer() as c, place.server("--database", url, "--push-allow", "127.0.0.1") as a, Server(place.folder / "second", "--database", url, "--push-allow", "127.0.0.1") as b:
        a.client.captures(document(event(1))).shows(202)
        for n, s in enumerate((a, b)):          # one of both has the turn, and hears of what the other was asked
            s.client.post("/epcis/queries/SimpleEventQuery/subscriptions", {"dest": f"{c.url}/{n}", "stream": True}).shows(201)
        for n in range(2):
            b.client.captures(document(event(2 + n, eventID=f"urn:e:{n}"))).shows(202)
        c.waits_until(lambda: c.events("/0") == c.events("/1") == ["urn:e:0", "urn:e:1"])


def a_failing_database_does_not_end_a_browser_s_stream(place):
    url = _database(place)
    path, stream, told = "/epcis/queries/SimpleEventQuery/events", {"Accept": "text/event-stream"}, []
    with place.server("--database", url) as s:
        def asks(**headers):
            return s.client.ask("GET", path, headers={**stream, **headers})
        s.client.captures(document(event(1))).shows(202)
        at = next(line[4:] for line in s.client.ask("GET", path + "?wait=1", headers=stream).text.split("\n") if line.startswith("id: "))
        PG.stop(signal.SIGQUIT)
        try:
            told.append(asks(**{"Last-Event-ID": at}).shows(200))
        finally:
            PG.start()
        assert told[0].headers["Content-Type"].startswith("text/event-stream") and "retry: 10000" in told[0].text, told
        assert "id:" not in told[0].text and "data:" not in told[0].text, told
        load = _Load([s])
        load.reaches(1)
        load.ends()
        again = asks(**{"Last-Event-ID": at}).shows(200)
        assert again.text.count("data: ") == 1, again


def two_servers_keep_one_order(place):
    url = _database(place)
    with place.server("--database", url) as a, Server(place.folder / "second", "--database", url) as b:
        load = _Load([a, b], threads=6)
        load.reaches(60)
        different = load.ends()
        same = [document(*[event(k) for k in range(n * 10, n * 10 + 10)]) for n in range(5000, 5030)]
        told = []
        threads = [threading.Thread(target=lambda s=s: told.extend(s.client.captures(d).json["captured"] for d in same)) for s in (a, b, a, b)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert sum(told) == 300 and len(told) == 120, told
        _all_there(b, different)
        events = int(_sql(url, "SELECT count(*) FROM event"))
        backwards = "SELECT count(*) FROM (SELECT record_us < lag(record_us) OVER (ORDER BY seq) AS back FROM event) AS x WHERE back"
        assert _sql(url, backwards) == "0"
    _whole(place, url, events)


def one_server_learns_what_another_wrote(place):
    url = _database(place)
    item = "http://127.0.0.1:8080/lot/coop/P1"
    with place.server("--database", url) as a, Server(place.folder / "second", "--database", url) as b:
        a.client.captures(document(event(1, epcList=[item]))).shows(202)
        before = b.client.get("/lot/coop/P1", Accept="application/json").shows(200).text
        a.client.captures(document(event(2, epcList=[item], bizStep="shipping"))).shows(202)
        for _ in range(600):            # it hears of it in a moment
            after = b.client.get("/lot/coop/P1", Accept="application/json").shows(200).text
            if after != before:
                break
            threading.Event().wait(0.05)
        assert after != before
        run("rebuild", "--data", place.data, "--database", url)          # numbers items anew, beside running servers
        b.client.captures(document(event(3, epcList=[item]), event(4))).shows(202)
        a.client.captures(document(event(5, epcList=[item]), event(6))).shows(202)
    _whole(place, url, 6)


def _in_a_moment(asks, status):
    """Servers hear of accounts that another process changed within seconds."""
    for _ in range(600):
        answer = asks()
        if answer.status == status:
            return answer
        threading.Event().wait(0.05)
    raise AssertionError(f"never {status}: {answer!r}")


def accounts_are_made_without_a_server_and_beside_several(place):
    url = _database(place)
    at = ("--data", place.data, "--database", url)
    run("org", "add", "lotus", *at, "--name", "荷香合作社")
    first = {"Authorization": "Bearer " + run("key", "add", *at, "--org", "lotus", "--scope", "capture,query").stdout.strip()}
    with place.server("--database", url, open_=False) as a, Server(place.folder / "second", "--database", url, open_=False) as b:
        for s in (a, b):
            assert s.client.ask("GET", "/api/session", headers=first).shows(200).json["org"] == "lotus"
        assert "lotus" in run("org", "list", *at).stdout and "key" not in run("key", "list", *at, "--org", "default").stdout
        second = {"Authorization": "Bearer " + run("key", "add", *at, "--org", "lotus", "--scope", "audit,users").stdout.strip()}
        run("user", "add", "li", *at, "--org", "lotus", "--role", "worker", input="correct horse\n")
        for s in (a, b):
            _in_a_moment(lambda s=s: s.client.ask("GET", "/api/users", headers=second), 200)
            _until(lambda s=s: [u["name"] for u in s.client.ask("GET", "/api/users", headers=second).json["users"]] == ["li"])
        entered = a.client.post("/api/session", {"name": "li", "password": "correct horse"}).shows(204)
        mine = {"Cookie": entered.headers["Set-Cookie"].split(";")[0]}
        assert _in_a_moment(lambda: b.client.ask("GET", "/api/session", headers=mine), 200).json["actor"] == "user:li"
        run("user", "disable", "li", *at)
        run("key", "revoke", "1", *at)
        for s in (a, b):
            _in_a_moment(lambda s=s: s.client.ask("GET", "/api/session", headers=mine), 401)
            _in_a_moment(lambda s=s: s.client.ask("GET", "/api/session", headers=first), 401)
        acts = [r["act"] for r in b.client.ask("GET", "/api/audit", headers=second).shows(200).json["audit"]]
        assert {"org.add", "key.add", "user.add", "login", "user.disable", "key.revoke"} <= set(acts), acts


def _to(party, n):
    return event(n, destinationList=[{"type": "owning_party", "destination": party}])


def _until(fact):
    for _ in range(1200):
        if fact():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it never is so")


def whoever_registers_gets_what_several_servers_recorded_before(place):
    url = _database(place)
    named = [_to("http://127.0.0.1:8080/org/buyer", n) for n in range(1, 7)]
    with place.server("--database", url) as a, Server(place.folder / "second", "--database", url) as b:
        a.client.captures(document(*named[:3])).shows(202)
        b.client.captures(document(*named[3:])).shows(202)
        run("org", "add", "buyer", "--data", place.data, "--database", url)
        copies = "SELECT count(*) FROM event WHERE org = 2"
        assert _sql(url, copies) == "6"
        mine = "https://id.gs1.org/417/6901234000016"
        b.client.captures(document(_to("http://127.0.0.1:8080/org/buyer", 7), _to(mine, 8))).shows(202)      # which may not know the buyer yet
        _until(lambda: _sql(url, copies) == "7")
        run("org", "set", "buyer", "--data", place.data, "--database", url, "--party", mine)
        b.client.captures(document(_to(mine, 9))).shows(202)
        _until(lambda: _sql(url, copies) == "9")
    run("check", "--data", place.data, "--database", url)


def of_two_servers_one_works_at_a_job_and_the_other_goes_on_when_it_is_killed(place):
    url = _database(place)
    with place.server("--database", url) as s:      # what is there before the buyer is
        for n in range(1, 4001, 500):
            s.client.captures(document(*[_to("http://127.0.0.1:8080/org/buyer", k) for k in range(n, n + 500)])).shows(202)
    _sql(url, "INSERT INTO org (id, code, name, secret, created_us) VALUES (2, 'buyer', 'buyer', decode(repeat('07', 32), 'hex'), 0)")
    servers = [place.server("--database", url), Server(place.folder / "second", "--database", url)]

    def who(word):
        return [s for s in servers if f"access.share {word} org=buyer" in s.log_path.read_text()]

    def job(s):
        return s.client.get("/api/share/buyer/1").shows(200).json
    servers[0].client.post("/api/share?org=buyer", "").shows(202)
    _until(lambda: job(servers[0])["copies"] > 500)
    worker, = who("begins")
    other, = [s for s in servers if s is not worker]
    worker.kill()
    seen = job(other)
    assert seen["state"] == "running" and 500 < seen["copies"] < 4000, seen      # the dead one holds it for some seconds more
    with other:
        _until(lambda: job(other)["state"] == "done")
        _until(lambda: who("done"))
        assert job(other)["copies"] == 4000 and who("resuming") == who("done") == [other] and who("begins") == [worker]
        assert _sql(url, "SELECT count(*), count(DISTINCT from_seq) FROM received WHERE org = 2") == "4000|4000"
    run("check", "--data", place.data, "--database", url)


def a_live_system_moves_from_sqlite(place):
    photo = place.file("photo.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    with place.server() as s:
        for n in range(20):
            s.client.captures(document(*[event(k) for k in range(n * 10, n * 10 + 10)])).shows(202)
        if WHY:
            raise Skip(WHY)
        url, other = PG.database(f"d{next(NAMES)}"), place.folder / "moved"
        move = ("migrate", "--from", f"sqlite:{place.data}", "--to", url, "--data", other)
        assert "stop it first" in run(*move, code=1).stderr
    run("import", "--data", place.data, photo)
    before = (place.data / "suyuan.db").read_bytes()
    assert "checked" in run(*move).stdout
    assert (place.data / "suyuan.db").read_bytes() == before
    assert "already holds" in run(*move, code=1).stderr
    assert len([f for f in (other / "blobs").rglob("*") if f.is_file()]) == 1
    with Server(other, "--database", url) as s:
        _all_there(s, range(20))
        assert s.client.captures(document(event(1000))).shows(202).json["captured"] == 1
    run("check", "--data", other, "--database", url)
    run("check", "--data", place.data)


def a_move_that_fails_leaves_nothing_behind(place):
    if WHY:
        raise Skip(WHY)
    with place.server() as s:
        s.client.captures(document(event(1))).shows(202)
    url = PG.database(f"d{next(NAMES)}")
    move = ("migrate", "--from", f"sqlite:{place.data}", "--to", url, "--data", place.folder / "moved")
    assert run(*move[:3], "--to", url + "&options=-csearch_path%3Dnowhere", *move[5:], code=1)
    _sql(url, "CREATE TABLE other (x int)")
    run(*move)
    assert _sql(url, "SELECT count(*) FROM event") == "1"


try:
    play()
finally:
    if PG:
        PG.__exit__()
