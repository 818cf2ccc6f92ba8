"""Modbus devices are asked on schedule; a dead one delays nobody and is told."""
import json
import threading
import time

from suyuan import DEADLINE, play, run
import modbus_slave


def _until(what, f):
    end = time.monotonic() + DEADLINE
    while not (got := f()):
        assert time.monotonic() < end, what
        threading.Event().wait(0.05)
    return got


def _add(place, id, port, model="soil-4in1", channels=None, **poll):
    file = place.file(f"{id}.json", {"poll": {"host": "127.0.0.1", "port": port, "everySeconds": 1, "timeoutMs": 300, **poll}, **({"channels": channels} if channels else {})})
    run("device", "add", id, "--data", place.data, "--org", "farm", "--place", "A1", "--model", model, "--protocol", "modbus", "--channels", file)


def _values(s, device, channel):
    return [v for _, v in s.client.get(f"/api/series?device={device}&channel={channel}&from=0&to={int(time.time() * 1000) + 60000}").shows(200).json["points"]]


def _farm(place):
    place.init()
    run("org", "add", "farm", "--data", place.data)


def a_probe_is_known_by_its_model_and_its_curve_grows(place):
    _farm(place)
    with modbus_slave.Slave({1: {0: 305, 1: -15, 2: 812, 3: 68}}) as slave:
        _add(place, "soil-1", slave.port)
        with place.server("--modbus", "--modbus-allow", "127.0.0.1") as s:
            _until("three rounds", lambda: len(_values(s, "soil-1", "x-soil-temp")) >= 3)
            assert set(_values(s, "soil-1", "x-soil-temp")) == {-1.5}
            assert [set(_values(s, "soil-1", c)) for c in ("x-soil-moist", "x-soil-ec", "x-soil-ph")] == [{30.5}, {812}, {6.8}]
            assert set(slave.asked) == {(1, 3, 0, 4)}


def rtu_units_behind_one_gateway_and_a_register_map_of_ones_own(place):
    _farm(place)
    with modbus_slave.Slave({1: {0: 1, 1: 2, 2: 3, 3: 4}, 7: {100: 0x6666, 101: 0x419A}}, rtu=True) as gateway:
        gateway.piece = 3
        _add(place, "soil-1", gateway.port, framing="rtu", unit=1)
        _add(place, "odd-1", gateway.port, model="odd", framing="rtu", unit=7,
             channels=[{"code": "level", "unit": "MTR", "scale": 10, "register": {"function": 4, "address": 100, "type": "float32", "order": "CDAB"}}])
        with place.server("--modbus", "--modbus-allow", "127.0.0.1") as s:
            _until("both", lambda: _values(s, "soil-1", "x-soil-ph") and _values(s, "odd-1", "level"))
            assert set(_values(s, "odd-1", "level")) == {193}


def a_dead_device_delays_nobody_and_is_told(place):
    _farm(place)
    with modbus_slave.Slave({1: {0: 1, 1: 2, 2: 3, 3: 4}}) as mute, modbus_slave.Slave({1: {0: 1, 1: 2, 2: 3, 3: 4}}) as good:
        mute.mute = True
        _add(place, "dead-1", mute.port)
        _add(place, "soil-1", good.port)
        with place.server("--modbus", "--modbus-allow", "127.0.0.1") as s:
            begun = time.monotonic()
            _until("the good one speaks", lambda: len(_values(s, "soil-1", "x-soil-ph")) >= 3)
            assert time.monotonic() - begun < 15
            _until("the dead one is told", lambda: "no-answer" in json.dumps(s.client.get("/api/devices/dead-1").json))
            mute.mute = False
            _until("it is found again", lambda: _values(s, "dead-1", "x-soil-ph"))


def what_leads_to_the_server_itself_is_not_asked_and_told(place):
    _farm(place)
    with modbus_slave.Slave({1: {0: 1, 1: 2, 2: 3, 3: 4}}) as slave:
        _add(place, "inside-1", slave.port)
        with place.server("--modbus") as s:
            _until("it is a finding", lambda: "refused-address" in json.dumps(s.client.get("/api/devices/inside-1").json["findings"]))
            (told,) = s.client.get("/api/devices/inside-1/notices").shows(200).json["notices"]
            assert told["what"] == "refused-address" and "--modbus-allow" in told["detail"], told
            assert not slave.asked
        with place.server("--modbus", "--modbus-allow", f"127.0.0.1:{slave.port}") as s:
            _until("the operator allows it", lambda: _values(s, "inside-1", "x-soil-ph"))


if __name__ == "__main__":
    play()
