#!/usr/bin/env python3
"""A device that speaks MQTT 5 by itself, without a library: it publishes with QoS 1 and hears for what reason a message was refused.

mqtt_device.py HOST:PORT ID --secret-file FILE publishes {"t", "values"} to suyuan/ID/readings."""
import json
import socket
import struct
import threading

import curves

DEADLINE = 60
NOT_AUTHORIZED, BAD_PASSWORD = 0x87, 0x86


class Refused(Exception):
    def __init__(self, reason):
        super().__init__(f"refused: {reason:#x}")
        self.reason = reason


def _text(s):
    b = s.encode() if isinstance(s, str) else s
    return struct.pack(">H", len(b)) + b


def _packet(first, body):
    n, length = len(body), b""
    while True:
        length += bytes([n & 127 | (128 if n > 127 else 0)])
        n >>= 7
        if not n:
            return bytes([first]) + length + body


class Device:
    """A publisher of MQTT 5; what it sends with QoS 1 it keeps until the broker has it."""

    def __init__(self, port, user, password, client=None, host="127.0.0.1"):
        self.sock = socket.create_connection((host, port), timeout=DEADLINE)
        self.user, self.next = user, 0
        self.sock.sendall(_packet(0x10, _text("MQTT") + b"\x05\xc2\x00\x00\x00" + _text(client or user) + _text(user) + _text(password)))
        kind, body = self._read()
        assert kind == 0x20, kind
        if body[1]:
            raise Refused(body[1])

    def _exactly(self, n):
        out = b""
        while len(out) < n:
            chunk = self.sock.recv(n - len(out))
            if not chunk:
                raise ConnectionError("the broker ended")
            out += chunk
        return out

    def _read(self):
        first, n, shift = self._exactly(1)[0], 0, 0
        while True:
            b = self._exactly(1)[0]
            n |= (b & 127) << shift
            shift += 7
            if not b & 128:
                return first & 0xf0, self._exactly(n)

    def send(self, payload, topic=None, media=None):
        self.next = self.next % 65535 + 1
        properties = b"\x03" + _text(media) if media else b""
        body = _text(topic or f"suyuan/{self.user}/readings") + struct.pack(">H", self.next) + bytes([len(properties)]) + properties
        self.sock.sendall(_packet(0x32, body + (payload if isinstance(payload, bytes) else payload.encode())))

    def answer(self):
        """The reason with which the next message was taken."""
        kind, body = self._read()
        if kind == 0xe0:                # the broker ends the connection
            self.sock.close()
            raise Refused(body[0] if body else 0)
        assert kind == 0x40, kind
        return body[2] if len(body) > 2 else 0

    def publish(self, payload, topic=None, media=None):
        self.send(payload, topic, media)
        reason = self.answer()
        if reason >= 0x80:
            raise Refused(reason)

    def close(self):
        self.sock.sendall(b"\xe0\0")
        self.sock.close()


def _teller(address):
    host, port = address.rsplit(":", 1)

    def of(device):
        line = threading.local()        # a device lives on one thread

        def tell(when):
            said = json.dumps({"t": int(when * 1000), "values": {k: float(v) for k, v in curves.values(device, when).items()}})
            try:
                if not getattr(line, "device", None):
                    line.device = Device(int(port), device["id"], device["secret"], host=host.strip("[]"))
                line.device.publish(said)
                return True
            except (OSError, AssertionError, Refused):
                line.device = None
                return False
        return tell
    return of


def main():
    o, devices = curves.arguments(__doc__, "mqtt", ("address", "HOST:PORT of the broker"))
    curves.live(devices, _teller(o.address), o.every, o.count)


if __name__ == "__main__":
    main()
