#!/usr/bin/env python3
"""Monitoring stations that speak HJ 212-2017, with the faults that real ones have.

hj212_station.py HOST:PORT MN --secret-file FILE tells air and soil as 2011 and sends again what was not answered by 9014 in time, as the standard wants (OverTime)."""
import contextlib
import datetime
import socket
import time

import curves

ZONE = datetime.timezone(datetime.timedelta(hours=8))
OVER_TIME, RE_COUNT = 5, 3              # the standard's own defaults


def crc(data):
    c = 0xFFFF
    for b in data:
        c = (c >> 8) ^ b
        for _ in range(8):
            c = (c >> 1) ^ 0xA001 if c & 1 else c >> 1
    return c


def frame(data):
    data = data.encode() if isinstance(data, str) else data
    return b"##%04d%b%04X\r\n" % (len(data), data, crc(data))


def stamp(when, milli=False):
    """14 digits at UTC+08:00, 17 with milliseconds; `when` in seconds since 1970."""
    text = datetime.datetime.fromtimestamp(when, ZONE).strftime("%Y%m%d%H%M%S")
    return text + f"{int(when * 1000) % 1000:03d}" if milli else text


def parts_of(data):
    """A frame's data as a dict; CP stays a text."""
    head, _, cp = data.partition("CP=&&")
    members = dict(m.split("=", 1) for m in head.split(";") if "=" in m)
    members["CP"] = cp.removesuffix("&&")
    return members


class Station:
    """One device on one connection."""

    def __init__(self, address, mn, pw="123456", st="22"):
        self.address, self.mn, self.pw, self.st = address, mn, pw, st
        self.socket, self.buffer, self.number = None, b"", 0

    # ---- what it says ----
    def data(self, values, when=None, cn="2011", flag=5, flags=None, field="Rtd", qn=None, part=None):
        """The data of one frame: `values` by factor code; `part` (PNUM, PNO)."""
        when = time.time() if when is None else when
        self.number += 1
        qn = qn or stamp(time.time(), True)[:14] + f"{self.number % 1000:03d}"
        flags = flags or {}
        factors = ";".join(f"{code}-{field}={v},{code}-Flag={flags.get(code, 'N')}" for code, v in values.items())
        split = f"PNUM={part[0]};PNO={part[1]};" if part else ""
        return f"QN={qn};ST={self.st};CN={cn};PW={self.pw};MN={self.mn};Flag={flag};{split}CP=&&DataTime={stamp(when)};{factors}&&"

    # ---- its line ----
    def connect(self):
        host, port = self.address.rsplit(":", 1)
        self.socket = socket.create_connection((host.strip("[]"), int(port)), timeout=10)
        self.buffer = b""
        return self

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def sends(self, data, pieces=1):
        """The frame of `data`, or bytes as they are; in so many pieces."""
        raw = data if isinstance(data, bytes) else frame(data)
        size = -(-len(raw) // pieces)
        for i in range(0, len(raw), size):
            self.socket.sendall(raw[i:i + size])
            if pieces > 1:
                time.sleep(0.005)       # so that they leave as packets of their own

    def hears(self, patience=10):
        """The next frame as a dict; None: nothing in time; {}: the connection was closed."""
        end = time.monotonic() + patience
        while b"\n" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.socket.settimeout(left)
            try:
                more = self.socket.recv(4096)
            except (TimeoutError, socket.timeout):
                return None
            except ConnectionResetError:
                return {}
            if not more:
                return {}
            self.buffer += more
        line, self.buffer = self.buffer.split(b"\n", 1)
        raw = line + b"\n"
        data = raw[6:-6]
        assert raw == frame(data), f"no frame: {raw!r}"
        return parts_of(data.decode())

    def tells(self, data, tries=RE_COUNT, patience=OVER_TIME):
        """Sends until it is answered by 9014 for this QN; False: never."""
        qn = parts_of(data)["QN"]
        for _ in range(tries):
            with contextlib.suppress(OSError):
                if not self.socket:
                    self.connect()
                self.sends(data)
                end = time.monotonic() + patience
                while (left := end - time.monotonic()) > 0 and (answer := self.hears(left)):
                    if answer.get("CN") == "9014" and answer.get("QN") == qn:
                        return True
            self.close()
        return False

    # ---- faults ----
    def bad_crc(self, data):
        raw = bytearray(frame(data))
        raw[-3] = ord("0") if raw[-3] != ord("0") else ord("1")
        return bytes(raw)

    def bad_length(self, data, by=7):
        raw = frame(data)
        return b"##%04d" % (len(data) + by) + raw[6:]

    def __enter__(self):
        return self.connect()

    def __exit__(self, *exc):
        self.close()


def _teller(address):
    def of(device):
        station = Station(address, device["id"], device["secret"])
        return lambda when: station.tells(station.data(curves.values(device, when, "factor"), when), tries=1)
    return of


def main():
    o, devices = curves.arguments(__doc__, "hj212", ("address", "HOST:PORT of the server"))
    curves.live(devices, _teller(o.address), o.every, o.count)


if __name__ == "__main__":
    main()
