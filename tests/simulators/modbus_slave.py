#!/usr/bin/env python3
"""Modbus slaves behind a TCP port: Modbus TCP, or RTU frames as a gateway carries them.

modbus_slave.py PORT is a soil probe of the common make (model soil-4in1) whose values drift, until it is ended."""
import argparse
import json
import pathlib
import signal
import socketserver
import struct
import threading
import time

import curves

# The four registers of the common soil probe.
SOIL = [{"code": "x-soil-moist", "register": 0, "middle": 31, "swing": .5, "top": 6, "noise": .1, "scale": 1},
        {"code": "x-soil-temp", "register": 1, "middle": 18.5, "swing": 3, "top": 18, "noise": .05, "scale": 1},
        {"code": "x-soil-ec", "register": 2, "middle": 800, "swing": 20, "top": 15, "noise": 2, "scale": 0},
        {"code": "x-soil-ph", "register": 3, "middle": 6.8, "swing": 0, "top": 0, "noise": 0, "scale": 1}]


def crc(data):
    c = 0xFFFF
    for b in data:
        c ^= b
        for _ in range(8):
            c = (c >> 1) ^ 0xA001 if c & 1 else c >> 1
    return struct.pack("<H", c)


class _Handler(socketserver.BaseRequestHandler):
    def _exactly(self, n):
        data = b""
        while len(data) < n:
            more = self.request.recv(n - len(data))
            if not more:
                raise ConnectionError
            data += more
        return data

    def handle(self):
        slave = self.server.slave
        slave.connections += 1
        try:
            while True:
                if slave.rtu:
                    head, ask = b"", self._exactly(8)
                    if crc(ask[:6]) != ask[6:]:
                        continue
                    ask = ask[:6]
                else:
                    head = self._exactly(6)
                    ask = self._exactly(struct.unpack(">H", head[4:])[0])
                answer = slave.answers(ask)
                if answer is None:
                    continue
                raw = answer + crc(answer) if slave.rtu else head[:4] + struct.pack(">H", len(answer)) + answer
                if slave.garble:
                    raw = bytes(b ^ 0x55 for b in raw)
                for i in range(0, len(raw), slave.piece or len(raw)):
                    self.request.sendall(raw[i:i + (slave.piece or len(raw))])
        except OSError:
            pass


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


class Slave:
    """`units[unit]` maps register addresses to 16-bit values, or is a function from address to value.  Faults: `mute` answers nothing, `piece` sends so
    many bytes at a time, `garble` breaks every byte; a register that is not there is exception 2."""

    def __init__(self, units, rtu=False, port=0):
        self.units, self.rtu = units, rtu
        self.mute, self.piece, self.garble = False, 0, False
        self.connections, self.asked = 0, []
        self.server = _Server(("127.0.0.1", port), _Handler)
        self.server.slave = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answers(self, ask):
        unit, function, address, count = struct.unpack(">BBHH", ask[:6])
        self.asked.append((unit, function, address, count))
        if self.mute or unit not in self.units:
            return None
        registers = self.units[unit]
        try:
            values = [(registers(a) if callable(registers) else registers[a]) & 0xFFFF for a in range(address, address + count)]
        except KeyError:
            return bytes([unit, function | 0x80, 2])
        return bytes([unit, function, 2 * count]) + struct.pack(f">{count}H", *values)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def unit_of(device):
    """Registers of a device that measures: each channel an unsigned whole number of its last decimals."""
    channels = {c["register"]: c for c in device["channels"]}
    return lambda address: round(curves.value(device["id"], channels[address], time.time()) * 10 ** channels[address]["scale"])


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("port", type=int, help="on 127.0.0.1; 0: a free one")
    p.add_argument("--rtu", action="store_true", help="RTU frames over TCP, as a gateway carries them")
    p.add_argument("--devices", metavar="FILE", help="all units in a file as `suyuan demo` writes it, in place of one soil probe (unit 1)")
    o = p.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    devices = json.loads(pathlib.Path(o.devices).read_text())["devices"] if o.devices else [{"id": "probe", "protocol": "modbus", "unit": 1, "channels": SOIL}]
    with Slave({d["unit"]: unit_of(d) for d in devices if d["protocol"] == "modbus"}, o.rtu, o.port) as s:
        print(f"listening on 127.0.0.1:{s.port}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
