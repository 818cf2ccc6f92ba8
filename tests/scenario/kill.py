"""kill -9 at random moments of a capture load: every acknowledged event is there once, and the views equal a rebuild.

SUYUAN_KILLS says how often (200 for the long form)."""
import json
import os
import random
import threading

from suyuan import document, event, play, run

KILLS = int(os.environ.get("SUYUAN_KILLS", "6"))


def _load(server, numbers, acknowledged, lock):
    while True:
        with lock:
            first = next(numbers) * 10
        try:
            answer = server.client.captures(document(*[event(n) for n in range(first, first + 10)]))
            if answer.status == 202 and json.loads(answer.body)["captured"] == 10:
                with lock:
                    acknowledged.append(first)
        except (OSError, ValueError, Exception):
            return


def what_was_acknowledged_survives_kill_9(place):
    acknowledged, lock, numbers = [], threading.Lock(), iter(range(10 ** 9))
    for _ in range(KILLS):
        s = place.server()
        before = len(acknowledged)
        loads = [threading.Thread(target=_load, args=(s, numbers, acknowledged, lock)) for _ in range(4)]
        [t.start() for t in loads]
        reached = before + random.randint(1, 12)
        while len(acknowledged) < reached and any(t.is_alive() for t in loads):
            threading.Event().wait(random.random() / 200)
        s.kill()
        [t.join() for t in loads]
    with place.server() as s:
        for first in acknowledged:
            again = s.client.captures(document(*[event(n) for n in range(first, first + 10)])).shows(202).json
            assert again["known"] == 10, (first, again)
    run("check", "--data", place.data)
    assert len(acknowledged) >= KILLS


play()
