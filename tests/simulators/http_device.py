#!/usr/bin/env python3
"""A logger that pushes its readings by HTTP.

http_device.py URL ID --secret-file FILE posts {"t", "values"} to URL/api/devices/ID/readings."""
import json
import urllib.error
import urllib.request

import curves


def push(url, device, body, media="application/json", patience=20):
    """The status with which a body was answered; 0: by nobody."""
    ask = urllib.request.Request(f"{url}/api/devices/{device['id']}/readings", data=body, method="POST",
                                 headers={"Content-Type": media, "Authorization": "Bearer " + device["secret"]})
    try:
        with urllib.request.urlopen(ask, timeout=patience) as r:
            return r.status
    except urllib.error.HTTPError as e:
        return e.code
    except OSError:
        return 0


def _teller(url):
    def of(device):
        def tell(when):
            said = {"t": int(when * 1000), "values": {k: float(v) for k, v in curves.values(device, when).items()}}
            return push(url, device, json.dumps(said).encode()) == 200
        return tell
    return of


def main():
    o, devices = curves.arguments(__doc__, "http", ("url", "of the server, http://127.0.0.1:8080"))
    curves.live(devices, _teller(o.url.rstrip("/")), o.every, o.count)


if __name__ == "__main__":
    main()
