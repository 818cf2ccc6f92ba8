"""Once a day an outside authority says when the log's checkpoint was there; anybody checks that with OpenSSL alone."""
import hashlib
import sqlite3

import playedlog
from suyuan import play, run
from tsa import Authority
from witness import _captures, _checkpoint, _waits


def _fresh(place):
    place.init()
    return run("log", "key", "--data", place.data).stdout.strip()


def a_server_has_its_log_stamped_and_says_so_in_the_log_itself(place):
    _fresh(place)
    with Authority(place.folder / "tsa") as tsa:
        options = ("--tsa", tsa.url, "--tsa-ca", str(tsa.ca))
        with place.server(*options) as server:
            assert server.client.get("/log/anchors").shows(200).text == ""
            _captures(server, 0, 5)
            size = int(_waits(lambda: server.client.get("/log/anchors").text, "an anchor").split()[0])
            note = server.client.get(f"/log/anchors/{size}.note").shows(200)
            stamp = server.client.get(f"/log/anchors/{size}.tsr").shows(200)
            assert stamp.headers["Content-Type"] == "application/timestamp-reply" and "immutable" in stamp.headers["Cache-Control"]
            assert playedlog.size_of(note.text) == size
            assert tsa.holds(place.file("note", note.body), place.file("tsr", stamp.body))
            assert not tsa.holds(place.file("other", note.body + b"x"), place.folder / "tsr")
            for bad in ("x.tsr", f"{size}.txt", "../checkpoint", f"0{size}.tsr", "99999.tsr", ".tsr", "../../keys/log.key"):
                server.client.get(f"/log/anchors/{bad}").shows(404)
            _checkpoint(server, 6)              # five records and the anchor
            assert "log.anchor" in server.log()
        with sqlite3.connect(place.data / "suyuan.db") as db:
            rows = db.execute("SELECT type, subject, detail FROM log_statement").fetchall()
            assert rows == [(8, str(size), hashlib.sha256(stamp.body).hexdigest())]
        with place.server(*options) as server:  # not again on the same day
            _captures(server, 10)
            _checkpoint(server, 9)
        assert tsa.asked == 1
        run("check", "--data", place.data)


def an_operator_has_it_stamped_when_he_wants(place):
    _fresh(place)
    with place.server() as server:
        _captures(server, 0, 5)
        _checkpoint(server, 5)
    with Authority(place.folder / "tsa") as tsa:
        run("log", "anchor", "--data", place.data, code=1)
        r = run("log", "anchor", "--data", place.data, "--tsa", tsa.url, "--tsa-ca", tsa.ca)
        assert "已盖时间戳" in r.stdout and " 5 leaves" in r.stdout, r.stdout
        anchors = place.data / "log" / "anchors"
        assert tsa.holds(anchors / "5.note", anchors / "5.tsr")
        run("log", "anchor", "--data", place.data, "--tsa", tsa.url, "--tsa-ca", tsa.ca)
        assert tsa.holds(anchors / "6.note", anchors / "6.tsr")        # the first anchor is in the log now


def a_stamp_that_does_not_hold_is_not_kept(place):
    _fresh(place)
    with place.server() as server:
        _captures(server, 0, 5)
        _checkpoint(server, 5)
    with Authority(place.folder / "tsa") as tsa, Authority(place.folder / "stranger") as stranger:
        earlier = []

        def again(reply, request):
            earlier.append(reply)
            return earlier[0]
        go = lambda code=1: run("log", "anchor", "--data", place.data, "--tsa", tsa.url, "--tsa-ca", tsa.ca, code=code)
        for twist in (lambda r, q: stranger.reply(q), lambda r, q: b"", lambda r, q: b"nonsense", lambda r, q: r + b"x", lambda r, q: r[:-1],
                      lambda r, q: r[:-40] + bytes([r[-40] ^ 1]) + r[-39:], lambda r, q: r + b"\0" * (1 << 20)):
            tsa.twist = twist
            go()
        tsa.twist = lambda r, q: r
        tsa.status = 500
        go()
        tsa.status, tsa.twist = 200, again
        go(0)
        go()            # an answer of another day: the nonce is not this one's
        assert {p.name for p in (place.data / "log" / "anchors").iterdir()} == {"5.note", "5.tsr"}
        run("log", "anchor", "--data", place.data, "--tsa", "http://127.0.0.1:1/", "--tsa-ca", tsa.ca, code=1)
        run("log", "anchor", "--data", place.data, "--tsa", tsa.url, "--tsa-ca", place.folder / "none", code=1)


def a_server_is_told_under_which_certificates_it_believes(place):
    _fresh(place)
    r = run("serve", "--data", place.data, "--listen", "127.0.0.1:0", "--open", "--tsa", "http://127.0.0.1:1/", code=2)
    assert "--tsa-ca" in r.stderr


if __name__ == "__main__":
    play()
