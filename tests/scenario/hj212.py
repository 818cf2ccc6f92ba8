"""Monitoring stations speak HJ 212 to the server: what is durable is answered, what is bad is kept as evidence and never answered, strangers are refused."""
import os
import pathlib
import re
import signal
import threading
import time

from suyuan import DEADLINE, play, run
from hj212_station import Station, frame, parts_of

T0 = 1_790_000_040      # seconds: a whole minute
AIR = (b"##0200QN=20160801085857223;ST=22;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=20160801085857;a01001-Rtd=19.3,a01001-Flag=N;"
       b"a01002-Rtd=78.0,a01002-Flag=N;a34004-Rtd=22.0,a34004-Flag=N&&2F80\r\n")


def _until(what, f):
    end = time.monotonic() + DEADLINE
    while not (got := f()):
        assert time.monotonic() < end, what
        threading.Event().wait(0.05)
    return got


def _add(place, id, mn, secret="123456"):
    run("device", "add", id, "--data", place.data, "--org", "farm", "--place", "A1", "--model", "aq-9", "--protocol", "hj212", "--mn", mn, "--secret-stdin", input=secret + "\n")


def _server(place):
    """A server with the door on a free port, and one station M1."""
    place.init()
    run("org", "add", "farm", "--data", place.data)
    _add(place, "air-1", "M1")
    s = place.server("--hj212", "127.0.0.1:0")
    s.hj212 = _door(s)
    return s


def _door(s, after=0):
    found = _until("the door is open", lambda: re.findall(r"door=hj212 address=(\S+)", s.log())[after:])
    return found[0]


def _points(s, channel, device="air-1", around=T0, more=""):
    path = f"/api/series?device={device}&channel={channel}&from={(around - 86400) * 1000}&to={(around + 86400) * 1000}{more}"
    return s.client.get(path).shows(200).json["points"]


def a_published_frame_is_answered_and_is_in_the_series(place):
    with _server(place) as s:
        _add(place, "air-2", "010000A8900016F000169DC0")
        with Station(s.hj212, "010000A8900016F000169DC0") as m:
            m.sends(AIR, pieces=5)
            answer = m.hears()
            assert answer["CN"] == "9014" and answer["QN"] == "20160801085857223" and answer["ST"] == "91" and answer["CP"] == "", answer
        assert _points(s, "a34004", "air-2", 1470013137) == [[1470013137000, 22.0]]
        assert _points(s, "a01001", "air-2", 1470013137) == [[1470013137000, 19.3]]


def without_an_mn_the_id_of_a_station_is_it(place):
    with _server(place) as s:
        said = run("device", "add", "A21700001", "--data", place.data, "--org", "farm", "--place", "A1", "--model", "aq-9", "--protocol", "hj212", "--secret-stdin", input="123456\n").stdout
        assert "mn A21700001" in said, said
        run("device", "add", "air-3", "--data", place.data, "--org", "farm", "--place", "A1", "--model", "aq-9", "--protocol", "hj212", "--mn", "A21700001", code=1)
        with Station(s.hj212, "A21700001") as m:
            assert m.tells(m.data({"a34004": "21.5"}, T0))
        assert _points(s, "a34004", "A21700001") == [[T0 * 1000, 21.5]]


def a_day_told_again_after_an_outage_changes_nothing(place):
    with _server(place) as s, Station(s.hj212, "M1") as m:
        day = [m.data({"a34004": f"{20 + i % 7}.5"}, T0 + 60 * i) for i in range(200)]
        for _ in range(2):
            m.sends(b"".join(frame(d) for d in day))
            answered = [m.hears()["QN"] for _ in day]
            assert answered == [parts_of(d)["QN"] for d in day]
        assert len(_points(s, "a34004")) == len(day)


def averages_have_channels_of_their_own_and_flags_count(place):
    with _server(place) as s, Station(s.hj212, "M1") as m:
        for cn, letter in (("2051", "m"), ("2061", "h"), ("2031", "d")):
            assert m.tells(m.data({"a34004": "21.5"}, T0, cn=cn, field="Avg"))
            assert _points(s, f"a34004.{letter}.avg") == [[T0 * 1000, 21.5]]
        assert m.tells(m.data({"a01001": "5.0"}, T0, flags={"a01001": "D"}))
        assert _points(s, "a34004") == []


def a_message_in_parts_is_answered_part_by_part(place):
    with _server(place) as s, Station(s.hj212, "M1") as m:
        assert m.tells(m.data({"a34004": "1"}, T0, flag=7, part=(2, 1)))
        second = m.data({"a01001": "2"}, T0, flag=7, part=(2, 2))
        assert m.tells(second.replace(second[second.index("DataTime"):second.index("a01001")], ""))     # only the first says when
        assert _points(s, "a34004") == [[T0 * 1000, 1]] and _points(s, "a01001") == [[T0 * 1000, 2]]


def bad_frames_are_never_answered_and_stand_in_the_findings(place):
    with _server(place) as s, Station(s.hj212, "M1") as m:
        assert m.tells(m.data({"a34004": "1"}, T0))
        m.sends(m.bad_crc(m.data({"a34004": "9"}, T0 + 60)))
        m.sends(m.bad_length(m.data({"a34004": "9"}, T0 + 120)))
        assert m.tells(m.data({"a34004": "2"}, T0 + 180))                # what follows is read
        assert [p[1] for p in _points(s, "a34004")] == [1, 2]
        _until("the bad frame is told", lambda: "bad-frame" in s.client.get("/api/devices/air-1").text)


def strangers_and_wrong_passwords_are_refused_and_others_go_on(place):
    with _server(place) as s, Station(s.hj212, "M1") as good:
        with Station(s.hj212, "M1", pw="000000") as wrong, Station(s.hj212, "M-unknown") as stranger:
            for m in (wrong, stranger):
                m.sends(m.data({"a34004": "9"}, T0))
                assert m.hears()["CP"] == "QnRtn=2"
            while wrong.hears() != {}:                                  # in the end it is hung up on
                wrong.sends(wrong.data({"a34004": "9"}, T0))
        assert good.tells(good.data({"a34004": "1"}, T0))
        assert _points(s, "a34004") == [[T0 * 1000, 1]]
        _until("the wrong password is told", lambda: "wrong-secret" in s.client.get("/api/devices/air-1").text)


def _collector_of(s):
    for task in pathlib.Path(f"/proc/{s.process.pid}/task").iterdir():
        for pid in (task / "children").read_text().split():
            if b"collect" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                return int(pid)
    return None


def a_killed_collector_comes_back_and_nothing_answered_is_lost_or_doubled(place):
    port = _free_port()
    place.init()
    run("org", "add", "farm", "--data", place.data)
    _add(place, "air-1", "M1")
    with place.server("--hj212", f"127.0.0.1:{port}") as s:
        m = Station(f"127.0.0.1:{port}", "M1")
        for i in range(60):
            if i % 20 == 10:
                os.kill(_until("it runs", lambda: _collector_of(s)), signal.SIGKILL)
            data = m.data({"a34004": f"{i}"}, T0 + 60 * i)
            _until("it is answered", lambda: m.tells(data, tries=1, patience=2))
        m.close()
        assert _points(s, "a34004") == [[(T0 + 60 * i) * 1000, i] for i in range(60)]


def _free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


if __name__ == "__main__":
    play()
