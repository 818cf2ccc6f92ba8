"""What the simulated devices measure, and how they go on measuring: a day's wave, a little noise, the same for the same moment.

A device is a dict: id, protocol, secret, unit (Modbus), channels; a channel: code, factor (its name in HJ 212), register, middle, swing, top (the hour, UTC+08:00, when it is
highest), noise, scale (decimals).  `suyuan demo` writes a file of such devices, DIR/demo-devices.json."""
import argparse
import collections
import json
import math
import pathlib
import random
import signal
import threading
import time

ZONE_S = 8 * 3600
KEPT = 20000                    # readings that a device keeps while nobody hears it

PROBE = [{"code": "air-temperature", "factor": "a01001", "register": 1, "middle": 22, "swing": 6, "top": 15, "noise": .1, "scale": 1},
         {"code": "air-humidity", "factor": "a01002", "register": 4, "middle": 70, "swing": -15, "top": 15, "noise": .5, "scale": 1},
         {"code": "pm25", "factor": "a34004", "register": 5, "middle": 28, "swing": 8, "top": 8, "noise": 1, "scale": 1},
         {"code": "soil-moisture", "factor": "x-soil-moist", "register": 0, "middle": 31, "swing": .5, "top": 6, "noise": .1, "scale": 1}]


def value(device, channel, when):
    """What the channel measures at a moment (seconds since 1970), a number with its decimals."""
    hour = (when + ZONE_S) % 86400 / 3600
    noise = random.Random(f"{device} {channel['code']} {int(when)}").uniform(-1, 1) * channel["noise"]
    v = channel["middle"] + channel["swing"] * math.cos((hour - channel["top"]) * math.pi / 12) + noise
    v = max(0, min(v, 100) if channel["code"].endswith("humidity") else v)
    return round(v, channel["scale"])


def text(channel, v):
    return f"{v:.{channel['scale']}f}"


def values(device, when, name="code"):
    """Text by channel; `name` says which of its names."""
    return {c[name]: text(c, value(device["id"], c, when)) for c in device["channels"]}


# ---- programs ----

def arguments(doc, protocol, *operands):
    """The command line of a simulator: some operands, then one device by hand or all of its protocol in a file.  Returns the options and the devices."""
    p = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, about in operands:
        p.add_argument(name, help=about)
    p.add_argument("id", nargs="?", help="one device, by its id; of HJ 212 its MN")
    p.add_argument("--secret-file", help="its secret, on the first line")
    p.add_argument("--devices", metavar="FILE", help="all devices of this protocol in a file as `suyuan demo` writes it, in place of one")
    p.add_argument("--every", type=float, metavar="SECONDS", default=10, help="between two readings (default 10)")
    p.add_argument("--count", type=int, metavar="N", default=0, help="ends after so many readings (default: never)")
    o = p.parse_args()
    if o.devices:
        return o, [d for d in json.loads(pathlib.Path(o.devices).read_text())["devices"] if d["protocol"] == protocol]
    if not o.id or not o.secret_file:
        p.error("give a device and --secret-file, or --devices")
    secret = pathlib.Path(o.secret_file).read_text().split("\n")[0]
    return o, [{"id": o.id, "protocol": protocol, "secret": secret, "channels": PROBE}]


def _live(device, tell, every, count):
    kept, n = collections.deque(maxlen=KEPT), 0
    while not count or n < count or kept:
        now = time.time()
        if not count or n < count:
            kept.append(now)
            n += 1
        while kept and tell(kept[0]):
            print(f"{device['id']} {time.strftime('%FT%TZ', time.gmtime(kept[0]))} told", flush=True)
            kept.popleft()
        if kept:
            print(f"{device['id']} not heard, {len(kept)} kept", flush=True)
        if not count or n < count or kept:
            time.sleep(max(0.05, every - (time.time() - now)))


def live(devices, teller, every, count):
    """Each device measures every so often and tells it by its own `teller(device)`, a function of the moment that is true once it was taken; what was not is told later."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threads = [threading.Thread(target=_live, args=(d, teller(d), every, count), daemon=True) for d in devices]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
