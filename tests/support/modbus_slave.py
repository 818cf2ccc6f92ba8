"""Modbus slaves behind a TCP port: Modbus TCP, or RTU frames as a gateway carries them.  For scenarios and the demo.

As a program: modbus_slave.py PORT [--rtu] is a soil probe whose values drift, until it is ended."""
import argparse
import math
import socketserver
import struct
import threading
import time


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


def probe(address):
    """The four registers of the common soil probe, drifting with the day."""
    wave = math.sin(time.time() % 86400 / 86400 * 2 * math.pi)
    return {0: round(310 + 5 * wave), 1: round(185 + 30 * wave), 2: round(800 + 20 * wave), 3: 68}[address]


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("port", type=int), p.add_argument("--rtu", action="store_true")
    o = p.parse_args()
    with Slave({1: probe}, o.rtu, o.port) as s:
        print(f"listening on 127.0.0.1:{s.port}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
