"""MQTT of QoS 1 into suyuan, durable, beside what a subscriber that only counts takes from the same broker: as many messages, one after the other in the same run."""
import json
import os
import subprocess
import time

from support import ROUNDS, figure, median, program, say, scratch
from mqttlib import Broker, Device, free_port, until
from suyuan import Server, run

MESSAGES = int(os.environ.get("SUYUAN_BENCH_MESSAGES", 200_000))
SENDERS, T0 = 4, 1780000000000
EACH = MESSAGES // SENDERS


def send(port, secrets, first, over):
    """Messages a second from the first one sent until `over` says that the last one is where it belongs."""
    senders = [subprocess.Popen([program("mqtt_load"), str(port), name, secret, str(first), str(EACH)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
               for name, secret in secrets.items()]
    time.sleep(0.5)                 # they connect
    began = time.monotonic()
    for s in senders:
        s.stdin.write("go\n")
        s.stdin.flush()
    over()
    seconds = time.monotonic() - began
    for s in senders:
        s.communicate()
        assert s.returncode == 0, "a sender failed"
    return SENDERS * EACH / seconds


def bare(port, password, secrets):
    p = subprocess.Popen([program("bare_mqtt"), str(port), "suyuan-collect", password, str(SENDERS * EACH)], stdout=subprocess.PIPE, text=True)
    assert p.stdout.readline() == "subscribed\n"
    rate = send(port, secrets, 0, p.stdout.readline)
    p.communicate()
    return rate


def ours(server, port, secrets, first):
    last = T0 + (first + EACH - 1) * 1000

    def has(name):
        a = server.client.get(f"/api/series?device={name}&channel=ta&from={last}&to={last + 1}")
        return a.status == 200 and a.json["points"]

    def over():
        for name in secrets:
            while not has(name):
                time.sleep(0.01)
    return send(port, secrets, first, over)


def prepare(folder, port):
    data, broker = folder / "data", folder / "broker"
    run("init", "--data", data, "--origin", "http://127.0.0.1:8080")
    run("org", "add", "farm", "--data", data)
    secrets, allowance = {}, folder / "allowance.json"
    allowance.write_text(json.dumps({"maxPerMinute": 100_000}))
    with Server(data):
        for k in range(SENDERS):
            said = run("device", "add", f"d-{k}", "--org", "farm", "--place", "p", "--model", "m", "--protocol", "mqtt", "--channels", allowance, "--data", data).stdout
            secrets[f"d-{k}"] = next(line.split()[1] for line in said.splitlines() if line.startswith("secret "))
        run("broker", "--data", data, "-o", broker, "--mqtt-listen", f"127.0.0.1:{port}")
    return data, broker, secrets


def measure():
    port = free_port()
    with scratch("mqtt") as folder:
        data, broker, secrets = prepare(folder, port)
        password = (broker / "collector-password").read_text().strip()
        options = ("--mqtt", f"mqtt://127.0.0.1:{port}", "--mqtt-user", "suyuan-collect", "--mqtt-password-file", str(broker / "collector-password"))
        rates = {"ours": [], "bare": []}
        with Broker(broker / "mosquitto.conf", port):
            for turn in range(ROUNDS):
                rates["bare"].append(bare(port, password, secrets))
                with Server(data, *options) as server:
                    until(lambda: "mqtt.subscribed" in server.log(), "the subscription")
                    rates["ours"].append(ours(server, port, secrets, turn * EACH))
                Device(port, "suyuan-collect", password).close()        # our session is thrown away, so that the counting one has no company
                say(f"  counted {rates['bare'][-1]:.0f}/s, ours {rates['ours'][-1]:.0f}/s")
    figure("mqtt-qos1", median(rates["ours"]), "messages/s durable", median(rates["ours"]) / median(rates["bare"]), "a libmosquitto subscriber that counts")
