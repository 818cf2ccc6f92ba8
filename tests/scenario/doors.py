"""Who may come in: nobody without an account, everybody of this machine with --open."""
import subprocess

from suyuan import BINARY, Client, document, event, play, run


def without_open_only_the_public_is_answered(place):
    with place.server(open_=False) as s:
        s.client.captures(document(event(1))).shows(401)
        s.client.get("/api/trace?item=/lot/a/b").shows(401)
        s.client.get("/metrics").shows(200)
        s.client.get("/metrics", X_Forwarded_For="192.0.2.1").shows(401)
        s.client.get("/").shows(200)
        s.client.get("/lot/nobody/Nothing").shows(404)


def how_the_server_is_is_told_to_whom_may_watch(place):
    place.init()
    watch, other = ({"Authorization": "Bearer " + run("key", "add", "--data", place.data, "--org", "default", "--scope", scope).stdout.strip()} for scope in ("watch", "query"))
    with place.server(open_=False) as s:
        away = {"X-Forwarded-For": "192.0.2.1"}
        for told, headers in ((True, {}), (True, watch), (True, {**watch, **away}), (False, away), (False, {**other, **away}), (False, other), (False, {"Host": "evil.example"}),
                              (False, {"Via": "1.1 x"}), (False, {"Forwarded": "for=192.0.2.1"}), (False, {"X-Real-IP": "192.0.2.1"})):
            health = s.client.ask("GET", "/healthz", headers=headers).shows(200).json
            assert health["status"] == "ok" and ("version" in health and health["store"] == "sqlite") is told and (told or len(health) == 1), (headers, health)
            metrics = s.client.ask("GET", "/metrics", headers=headers).status
            assert (metrics == 200) is told, (headers, metrics)


def the_owner_of_the_data_comes_in_by_the_unix_socket(place):
    with place.server(open_=False):
        owner = Client("localhost", 80, unix=place.data / "suyuan.sock")
        assert owner.captures(document(event(1))).shows(202).json["captured"] == 1


def open_listens_on_loopback_only(place):
    place.init()
    for address in ("0.0.0.0:0", "[::]:0"):
        r = subprocess.run([BINARY, "serve", "--data", place.data, "--listen", address, "--open"], capture_output=True, text=True, timeout=30)
        assert r.returncode in (1, 2) and "loopback" in r.stderr, r


def open_does_not_answer_a_foreign_host(place):
    with place.server() as s:
        s.client.get("/healthz", Host=f"localhost:{s.client.port}").shows(200)
        for host in ("evil.example", "127.0.0.1.evil.example", f"evil.example:{s.client.port}"):
            s.client.ask("POST", "/epcis/capture", body=b"{}", headers={"Host": host, "Content-Type": "application/json"}).shows(421)
            s.client.get("/lot/a/B1", Host=host).shows(421)


def a_second_server_on_the_same_data_is_told_no(place):
    with place.server():
        r = subprocess.run([BINARY, "serve", "--data", place.data, "--listen", "127.0.0.1:0", "--open"], capture_output=True, text=True, timeout=30)
        assert r.returncode == 1 and r.stderr.strip(), r


play()
