"""The consumer's page: warm against nginx with the same bytes, and the first render after a change against its own queries."""
import json
import os
import re
import socket
import subprocess
import urllib.parse

from support import BUILD, ORIGIN, ROUNDS, cpu_seconds, district, figure, frame, median, program, scratch, say, serve, suyuan, tells

SECONDS = 5
RENDER_ROUNDS = 9                # short ones: the machine's speed changes between them
READER_CACHE_KIB, READER_MMAP = 4096, 2147418112        # as app/wire.c and store/sqlite set them
CHANGE = "UPDATE event SET flags = flags WHERE key = (SELECT max(key) FROM event)"      # as small as a commit can be
CONTEXT = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"suyuan": "https://w3id.org/suyuan/voc/"}]


# ---- warm ----

NGINX = """
daemon off; user root; worker_processes 2; pid {folder}/nginx.pid; error_log {folder}/error.log crit;
events {{ worker_connections 512; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=10 inactive=600s;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    default_type "text/html; charset=utf-8";
    server {{ listen 127.0.0.1:{port}; location = /page {{ alias {folder}/page; }} }}
}}
"""


class Nginx:
    def __init__(self, folder, body):
        (folder / "page").write_bytes(body)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=self.port))
        self.process = subprocess.Popen(["nginx", "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"])

    def __enter__(self):
        while True:         # until it listens; it ends by itself when it cannot
            if self.process.poll() is not None:
                raise SystemExit("bench: nginx did not start")
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except ConnectionRefusedError:
                continue

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def hammer(url, pid):
    """Requests a second and processor microseconds a request."""
    before = cpu_seconds(pid)
    r = subprocess.run(["wrk", "-t1", "-c64", f"-d{SECONDS}s", "-H", "Accept: text/html", url], capture_output=True, text=True, check=True)
    cpu = cpu_seconds(pid) - before
    if "Non-2xx" in r.stdout or "Socket errors" in r.stdout:
        raise SystemExit(f"bench: {url}\n{r.stdout}")
    requests, rate = int(re.search(r"(\d+) requests in", r.stdout)[1]), float(re.search(r"Requests/sec:\s*([\d.]+)", r.stdout)[1])
    return rate, cpu / requests * 1e6


def a_story(data):
    """The path of the first story's page: the rice bag."""
    return urllib.parse.urlsplit(json.loads((data / "front.json").read_text())[0]["uri"]).path


def measure_warm():
    data = district(0)
    path = a_story(data)
    with scratch("page") as folder, serve(data, "--open") as s:
        body = s.client.get(path, Accept="text/html").shows(200).body
        with Nginx(folder, body) as n:
            ours, theirs = [], []
            for _ in range(ROUNDS):
                ours.append(hammer(s.url + path, s.process.pid))
                theirs.append(hammer(f"http://127.0.0.1:{n.port}/page", n.process.pid))
                say(f"  page of {len(body)} bytes: served {ours[-1][0]:.0f}/s, {ours[-1][1]:.1f} µs; nginx {theirs[-1][0]:.0f}/s, {theirs[-1][1]:.1f} µs")
    rate, nginx_rate = median(r for r, _ in ours), median(r for r, _ in theirs)
    cpu, nginx_cpu = median(c for _, c in ours), median(c for _, c in theirs)
    figure("page", rate, "pages/s", rate / nginx_rate, f"nginx with the same {len(body)} bytes ({nginx_rate:.0f})")
    figure("page-cpu", cpu, "µs of processor a page", cpu / nginx_cpu, f"nginx ({nginx_cpu:.1f})")


# ---- the first render after a change ----

LOT, SEASON, PLOT = (f"{ORIGIN}/{kind}/bench/{code}" for kind, code in (("lot", "B200"), ("season", "S200"), ("place", "P200")))


def moment(n):
    return f"2026-{3 + n // (28 * 24):02d}-{1 + n // 24 % 28:02d}T{n % 24:02d}:00:00.000+08:00"


def common(kind, n, step):
    return {"type": kind, "eventTime": moment(n), "eventTimeZoneOffset": "+08:00", "bizStep": step, "readPoint": {"id": PLOT}}


def work(n):
    """Something done to the crop."""
    return {**common("TransformationEvent", n, "suyuan:spraying" if n % 3 else "suyuan:fertilising"), "transformationID": SEASON,
            "inputQuantityList": [{"epcClass": f"{ORIGIN}/lot/bench/input-{n % 7}", "quantity": 1 + n % 5, "uom": "KGM"}], "suyuan:dose": "20 mL"}


def look(n):
    """Something seen of the lot."""
    return {**common("ObjectEvent", n, "inspecting"), "action": "OBSERVE", "quantityList": [{"epcClass": LOT, "quantity": 500, "uom": "KGM"}],
            "sensorElementList": [{"sensorReport": [{"type": "Temperature", "value": 4 + n % 3, "uom": "CEL"}]}]}


def document(events):
    return json.dumps({"@context": CONTEXT, "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-23T08:00:00Z",
                       "epcisBody": {"eventList": events}}, ensure_ascii=False).encode()


def two_hundred():
    harvest = {**common("TransformationEvent", 120, "suyuan:harvesting"), "transformationID": SEASON,
               "outputQuantityList": [{"epcClass": LOT, "quantity": 500, "uom": "KGM"}]}
    return [*(work(n) for n in range(119)), harvest, *(look(n) for n in range(121, 201))]


LITERAL = r"(NULL|-?\d+|-?\d+\.\d+(?:e[+-]?\d+)?|x'[0-9a-fA-F]*'|'(?:[^']|'')*')"


def value_line(literal):
    if literal == "NULL":
        return "N"
    if literal.startswith("x'"):
        return "B " + literal[2:-1]
    if literal.startswith("'"):
        return "T " + literal[1:-1].replace("''", "'").encode().hex()
    return "I " + literal


def filled_in(sql, filled):
    """The values of a statement's parameters in their order, from its text before and after."""
    names = re.findall(r"[:?]\w+", sql)
    pattern = LITERAL.join(re.escape(part) for part in re.split(r"[:?]\w+", sql))
    found = re.fullmatch(pattern, filled, re.S)
    if not found:
        raise SystemExit(f"bench: cannot read the values of {sql!r} from {filled!r}")
    return list(dict(zip(names, found.groups())).values())


def write_queries(log, path):
    """What a page asked, as bare_queries reads it."""
    texts = log.read_text().split("\0")[:-1]
    pairs = list(zip(texts[::2], texts[1::2]))
    statements = list(dict.fromkeys(sql for sql, _ in pairs))
    lines = ["S " + " ".join(re.sub(r"--[^\n]*", "", s).split()) for s in statements]
    for sql, filled in pairs:
        lines.append(f"R {statements.index(sql)}")
        lines += [value_line(v) for v in filled_in(sql, filled)]
    path.write_text("\n".join(lines) + "\n")
    return len(pairs)


def queries_of(data, folder, path, change):
    """The statements of a rendering after a change, asked of the server itself: one that has nothing in memory yet."""
    log, queries = folder / "sql", folder / "queries"
    old = os.environ.get("LD_PRELOAD", "")
    os.environ.update(LD_PRELOAD=str(BUILD / "bench/libsql_log.so"), SUYUAN_SQL_LOG=str(log))
    try:
        with serve(data, "--open") as s:
            s.client.captures(change).shows(202)
            os.truncate(log, 0)
            s.client.get(path, Accept="text/html").shows(200)
            n = write_queries(log, queries)
    finally:
        os.environ["LD_PRELOAD"] = old
    return queries, n


def measure_first_render():
    path = urllib.parse.urlsplit(LOT).path
    with scratch("render") as folder:
        data, first = folder / "data", folder / "first.json"
        first.write_bytes(document(two_hundred()))
        suyuan("init", "--data", data, "--origin", ORIGIN)
        suyuan("import", "--data", data, first)
        changes = [document([look(300 + n)]) for n in range(100)]
        queries, n = queries_of(data, folder, path, changes.pop())
        ours, reference = [], []
        for k in range(RENDER_ROUNDS):
            bodies = frame(folder / "bodies", changes[k::RENDER_ROUNDS])
            with serve(data, "--open") as s:
                ours.append(tells(program("load"), "-g", path, s.url.removeprefix("http://"), "/epcis/capture", bodies)["get_us"]["p50"])
            reference.append(tells(program("bare_queries"), "-c", READER_CACHE_KIB, "-m", READER_MMAP, "-w", CHANGE, data / "suyuan.db", queries)["median_us"])
            say(f"  first render {ours[-1]} µs over HTTP; its {n} queries {reference[-1]} µs")
    figure("page-first", median(ours) / 1000, "ms over HTTP after a change of a lot with 200 events", median(ours) / median(reference),
           f"its {n} bare queries ({median(reference) / 1000:.2f} ms)")


def measure():
    measure_warm()
    measure_first_render()
