"""Photos from phones: in parts over a bad line, whole or not at all, the original for its organisation alone, and for the public a picture that tells nothing more."""
import concurrent.futures
import hashlib
import http.client
import os
import pathlib
import re
import shutil
import struct
import subprocess
import threading
import time
import zlib

from suyuan import BUILD, DEADLINE, Skip, document, event, play, run

PHOTO = BUILD / "tests/photo"
CHUNK = 64 * 1024


def _make(place, width, height, orientation=1, kind="jpg"):
    path = place.folder / f"made-{width}-{orientation}.{kind}"
    subprocess.run([PHOTO, "make", str(width), str(height), str(orientation), path], check=True, timeout=DEADLINE)
    return path.read_bytes()


def _unique(jpeg, n):
    """Another photo of the same look: a comment of its own (ITU T.81 B.2.4.5)."""
    text = f"photo {n} {os.urandom(4).hex()}".encode()
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(text) + 2) + text + jpeg[2:]


def _name(data):
    return "/api/blobs/sha256/" + hashlib.sha256(data).hexdigest()


def _look(data, place):
    path = place.file("looked.jpg", data)
    return subprocess.run([PHOTO, "look", path], check=True, capture_output=True, text=True, timeout=DEADLINE).stdout.strip()


class _Phone:
    def __init__(self, client, key=None):
        self.client, self.headers = client, {"Authorization": "Bearer " + key} if key else {}

    def put(self, data, at, n=CHUNK, name=None, length=True, offset=True):
        h = dict(self.headers)
        if offset:
            h["Upload-Offset"] = str(at)
        if length:
            h["Upload-Length"] = str(len(data))
        return self.client.ask("PUT", name or _name(data), body=data[at:at + n], headers=h)

    def head(self, name):
        a = self.client.ask("HEAD", name, headers=self.headers)
        return a.status, int(a.headers["Upload-Offset"]), a.headers["Upload-Length"]

    def get(self, name):
        return self.client.ask("GET", name, headers=self.headers)

    def sends(self, data):
        """As a phone does: asks how far it is, goes on from there, until it is stored; how many parts it took."""
        parts, deadline = 0, time.monotonic() + 4 * DEADLINE
        _, at, _ = self.head(_name(data))
        while time.monotonic() < deadline:
            a = self.put(data, at)
            parts += 1
            if a.status in (200, 201):
                return parts
            assert a.status in (204, 409, 503), a
            at = int(a.headers["Upload-Offset"]) if a.status != 503 else at
        raise AssertionError("the phone did not get done")


def who_never_says_a_length_is_done_when_the_digest_is_right(place):
    photo = _make(place, 1600, 1200)
    with place.server() as s:
        phone, at, answers = _Phone(s.client), 0, []
        while at < len(photo):
            a = phone.put(photo, at, length=False)
            answers.append(a.status)
            at += CHUNK
            if a.status == 204:
                assert int(a.headers["Upload-Offset"]) == at and a.headers["Upload-Length"] is None, a.headers
                assert phone.put(photo, at - CHUNK, length=False).status == 409
        assert answers[-1] == 201 and set(answers[:-1]) == {204} and len(answers) > 2, answers
        assert phone.head(_name(photo)) == (200, len(photo), str(len(photo)))
        assert phone.get(_name(photo)).body == photo
        other = _unique(photo, 1)
        first = s.client.ask("PUT", _name(other), body=other[:CHUNK], headers={"Content-Range": f"bytes 0-{CHUNK - 1}/{len(other)}"})
        assert first.status == 204 and first.headers["Upload-Length"] == str(len(other)), first


def a_photo_in_parts_is_there_when_its_last_byte_is(place):
    photo = _make(place, 1600, 1200)
    assert len(photo) > 2 * CHUNK
    with place.server() as s:
        phone, name = _Phone(s.client), _name(photo)
        assert phone.head(name) == (404, 0, None)
        at = 0
        while at + CHUNK < len(photo):
            a = phone.put(photo, at).shows(204)
            at += CHUNK
            assert int(a.headers["Upload-Offset"]) == at and phone.head(name) == (200, at, str(len(photo)))
            phone.get(name).shows(404)
        a = phone.put(photo, at).shows(201)
        assert int(a.headers["Upload-Offset"]) == len(photo) and phone.head(name) == (200, len(photo), str(len(photo)))
        got = phone.get(name).shows(200)
        assert got.body == photo and got.headers["Content-Type"] == "image/jpeg"
        assert got.headers["X-Content-Type-Options"] == "nosniff" and got.headers["Content-Disposition"].startswith("attachment")
        phone.put(photo, at).shows(200)         # its answer was lost
        phone.put(photo, 0).shows(200)
        _Phone(s.client).put(photo, 0, len(photo), length=False, offset=False).shows(200)
    run("check", "--data", place.data)
    assert not list((place.data / "blobs/parts").glob("*-*"))


def a_wrong_offset_is_told_the_right_one_and_changes_nothing(place):
    photo = _make(place, 1600, 1200)
    with place.server() as s:
        phone, name = _Phone(s.client), _name(photo)
        for wrong in (1, CHUNK, len(photo) - 1):
            a = phone.put(photo, wrong).shows(409)
            assert a.headers["Upload-Offset"] == "0" and a.json["uploadOffset"] == 0
        phone.put(photo, 0).shows(204)
        for wrong in (0, 1, CHUNK - 1, CHUNK + 1, 2 * CHUNK):
            assert phone.put(photo, wrong).shows(409).headers["Upload-Offset"] == str(CHUNK)
        assert phone.head(name) == (200, CHUNK, str(len(photo)))
        a = s.client.ask("PUT", name, body=photo[CHUNK:], headers={"Upload-Offset": str(CHUNK), "Upload-Length": str(len(photo) + 1)}).shows(409)
        assert a.headers["Upload-Length"] == str(len(photo))
        s.client.ask("PUT", name, body=photo, headers={"Upload-Offset": str(CHUNK), "Upload-Length": str(len(photo))}).shows(400)      # ends beyond the end
        for bad in ("-1", "x", "1.5", "9" * 30, ""):
            s.client.ask("PUT", name, body=b"x", headers={"Upload-Offset": bad, "Upload-Length": "10"}).shows(400)
        s.client.ask("PUT", name, body=b"", headers={"Upload-Offset": str(CHUNK), "Upload-Length": str(len(photo))}).shows(400)
        s.client.ask("PUT", "/api/blobs/sha256/abc", body=b"x").shows(404)
        s.client.ask("PUT", _name(b"big"), body=b"\xff\xd8\xff", headers={"Upload-Length": str(32 * 1024 * 1024 + 1)}).shows(413)
        phone.sends(photo)
        assert phone.get(name).shows(200).body == photo


def bytes_of_another_digest_are_thrown_away(place):
    photo = _make(place, 640, 480)
    bent = photo[:-100] + bytes([photo[-100] ^ 1]) + photo[-99:]
    with place.server() as s:
        phone, name = _Phone(s.client), _name(photo)
        a = phone.put(bent, 0, len(bent), name=name).shows(422)
        assert a.json["type"] == "/problems/wrong-digest" and a.headers["Upload-Offset"] == "0"
        assert phone.head(name) == (404, 0, None)
        phone.put(photo, 0, len(photo), length=False, offset=False).shows(201)
        assert phone.get(name).shows(200).body == photo


def only_photos_reports_and_sounds_are_taken(place):
    with place.server() as s:
        phone = _Phone(s.client)
        kinds = {"image/jpeg": _make(place, 64, 48), "image/png": _make(place, 64, 48, kind="png"), "image/webp": _make(place, 64, 48, kind="webp"),
                 "image/heic": _make(place, 64, 48, kind="heic"), "application/pdf": b"%PDF-1.7\n" + b"x" * 99, "audio/ogg": b"OggS" + b"x" * 99,
                 "audio/webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"x" * 99 + b"\x86\x86A_OPUS" + b"x" * 9,
                 "video/webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + b"x" * 99 + b"\x86\x86A_OPUS" + b"\x86\x85V_VP8" + b"x" * 9,
                 "video/mp4": b"\0\0\0\x1cftypisom\0\0\0\0isomiso2mp41" + b"x" * 99 + b"hdlr" + b"\0" * 8 + b"soun" + b"hdlr" + b"\0" * 8 + b"vide" + b"x" * 9,
                 "audio/mp4": b"\0\0\0\x1cftypM4A \0\0\0\0isomiso2mp41" + b"x" * 99}
        for kind, data in kinds.items():
            phone.sends(data)
            assert phone.get(_name(data)).shows(200).headers["Content-Type"] == kind
        for data in (b"<svg xmlns='http://www.w3.org/2000/svg'/>" * 9, b"<!doctype html><script>alert(1)</script>" * 9, b"GIF89a" + b"x" * 99, b"MZ" + b"x" * 99, b"x", b"\xff\xd8"):
            phone.put(data, 0, len(data)).shows(415)
            assert phone.head(_name(data)) == (404, 0, None)
        tiny = b"GIF89a" + b"x" * 99            # its first bytes alone tell too little; the whole does
        phone.put(tiny, 0, 3).shows(204)
        phone.put(tiny, 3).shows(415)
        assert phone.head(_name(tiny)) == (404, 0, None)


def what_was_taken_is_there_after_a_kill(place):
    base = _make(place, 1600, 1200)
    photos, s = [_unique(base, n) for n in range(6)], place.server()
    for n in range(len(photos)):
        phone, told = _Phone(s.client), 0
        killer = threading.Timer(0.05 * (n + 1), s.kill)        # any moment is a good one
        killer.start()
        try:
            while True:
                a = phone.put(photos[n], told, 16 * 1024)
                if a.status != 204:
                    break
                told = int(a.headers["Upload-Offset"])
        except OSError:
            pass
        killer.join()
        if s.process.poll() is None:
            s.kill()
        s = place.server()
        status, at, _ = _Phone(s.client).head(_name(photos[n]))
        assert at >= told, f"{told} bytes were acknowledged, {at} are told"
        _Phone(s.client).sends(photos[n])
        assert _Phone(s.client).get(_name(photos[n])).shows(200).body == photos[n]
    s.stop()
    run("check", "--data", place.data)


def a_death_between_the_last_byte_and_the_log_is_made_good(place):
    photo = _make(place, 640, 480)
    with place.server():
        pass
    (place.data / f"blobs/parts/1-{hashlib.sha256(photo).hexdigest()}-{len(photo)}").write_bytes(photo)
    with place.server() as s:
        assert _Phone(s.client).head(_name(photo)) == (200, len(photo), str(len(photo)))
        assert _Phone(s.client).get(_name(photo)).shows(200).body == photo
    run("check", "--data", place.data)


def _killed_at(place, call):
    """A server that the kernel kills as soon as it makes this system call: no moment between is missed."""
    if not shutil.which("strace"):
        raise Skip("strace is not here")
    trace = ("env", "ASAN_OPTIONS=detect_leaks=0", "strace", "-D", "-f", "-o", str(place.folder / "trace"), "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL")
    return place.server(before=trace)


def a_death_before_the_end_of_a_file_whose_length_nobody_said_is_made_good(place):
    photo, half = _make(place, 640, 480), _unique(_make(place, 640, 480), 2)
    with place.server() as s:           # the folders are there: the next server links only files that are whole
        _Phone(s.client).put(half, 0, len(half) // 2, length=False).shows(204)
    s = _killed_at(place, "link,linkat")
    phone = _Phone(s.client)
    phone.put(photo, 0, 20000, length=False).shows(204)
    try:
        told = phone.put(photo, 20000, length=False).status
    except (OSError, http.client.HTTPException):
        told = None
    assert told is None and s.process.wait(DEADLINE) == -9, told
    s.kill()
    with place.server() as s:
        phone, end = _Phone(s.client), time.monotonic() + DEADLINE
        while phone.head(_name(photo)) != (200, len(photo), str(len(photo))):
            assert time.monotonic() < end and phone.head(_name(photo))[1] == len(photo), phone.head(_name(photo))
        assert phone.get(_name(photo)).shows(200).body == photo
        assert phone.head(_name(half)) == (200, len(half) // 2, None)
        while (a := phone.put(half, len(half) // 2, length=False)).status == 409:       # being looked at
            assert time.monotonic() < end, a
        assert a.status == 201 and phone.get(_name(half)).shows(200).body == half, a
    run("check", "--data", place.data)
    assert not list((place.data / "blobs/parts").glob("*-*"))


def after_the_machine_died_only_what_was_synced_is_told(place):
    photo, sync = _unique(_make(place, 640, 480), 1), 4 * 1024 * 1024
    photo += b"\0" * (2 * sync)
    with place.server() as s:
        phone = _Phone(s.client)
        phone.put(photo, 0, sync + 1000).shows(204)
        assert phone.head(_name(photo))[1] == sync + 1000
    (place.data / "blobs/parts/boot").write_text("another start of the machine\n")
    with place.server() as s:
        assert _Phone(s.client).head(_name(photo))[1] == sync
        _Phone(s.client).sends(photo)


def what_does_not_go_on_is_forgotten_after_a_week(place):
    photo = _make(place, 1600, 1200)
    with place.server() as s:
        _Phone(s.client).put(photo, 0).shows(204)
    (part,) = (place.data / "blobs/parts").glob("1-*")
    week = time.time() - 7 * 86400
    os.utime(part, (week + 3600, week + 3600))
    with place.server() as s:
        assert _Phone(s.client).head(_name(photo))[1] == CHUNK
    os.utime(part, (week - 3600, week - 3600))
    with place.server() as s:
        assert _Phone(s.client).head(_name(photo)) == (404, 0, None)
    assert not part.exists()


def two_tabs_that_send_the_same_photo_do_no_harm(place):
    photos = [_unique(_make(place, 1600, 1200), n) for n in range(4)]
    with place.server() as s, concurrent.futures.ThreadPoolExecutor(8) as tabs:
        for photo in photos:
            list(tabs.map(lambda _: _Phone(s.client).sends(photo), range(4)))
            assert _Phone(s.client).get(_name(photo)).shows(200).body == photo
    run("check", "--data", place.data)


def another_organisation_reads_nothing_and_gets_nothing_by_a_name(place):
    photo = _make(place, 1600, 1200)
    place.init()
    key = {}
    for org in ("east", "west"):
        run("org", "add", org, "--data", place.data)
        key[org] = run("key", "add", "--data", place.data, "--org", org, "--scope", "capture,query").stdout.strip()
    with place.server(open_=False) as s:
        east, west, name = _Phone(s.client, key["east"]), _Phone(s.client, key["west"]), _name(photo)
        s.client.ask("GET", name).shows(401)
        s.client.ask("PUT", name, body=photo).shows(401)
        east.put(photo, 0).shows(204)
        assert west.head(name) == (404, 0, None)
        assert west.put(photo, CHUNK).shows(409).headers["Upload-Offset"] == "0"
        east.sends(photo)
        west.get(name).shows(404)
        picture = "/photo/" + name.rsplit("/", 1)[1]    # small: for whose photo it is; for others no page, no picture
        assert east.get(picture).shows(200).headers["Cache-Control"].startswith("private")
        west.get(picture).shows(404)
        s.client.get(picture).shows(404)
        assert west.head(name) == (404, 0, None)
        west.put(photo, len(photo) - 1).shows(409)      # the last byte alone proves nothing
        west.put(photo, 0, len(photo)).shows(201)       # who has all of it may have it
        assert west.get(name).shows(200).body == photo and east.get(name).shows(200).body == photo
        only = run("key", "add", "--data", place.data, "--org", "east", "--scope", "capture").stdout.strip()
        _Phone(s.client, only).get(name).shows(403)
        assert _Phone(s.client, only).head(name)[0] == 200


# ---- what the public sees ----

HERE = "http://127.0.0.1:8080"


def _until(what, why):
    deadline = time.monotonic() + DEADLINE
    while not what():
        assert time.monotonic() < deadline, f"waited in vain: {why}"
        time.sleep(0.02)


def _shown(s, *photos):
    """Records them on a lot of their own; the addresses that its page shows them under, small and large."""
    return _on_page(s, _recorded(s, *photos))


def _recorded(s, *photos, **members):
    n = next(_numbers)
    evidence = [{"id": "ni:///sha-256;" + hashlib.sha256(p).hexdigest(), "suyuan:kind": "photo"} for p in photos]
    lot = f"{HERE}/lot/farm/P{n}"
    s.client.captures(document(event(n, action="OBSERVE", bizStep="suyuan:growing", epcList=None,
                                     quantityList=[{"epcClass": lot, "quantity": 1, "uom": "KGM"}], **{"suyuan:evidence": evidence, **members}))).shows(202)
    return f"/lot/farm/P{n}"


def _on_page(s, path):
    html = s.client.get(path, Accept="text/html").shows(200).text
    return [a.replace("&amp;", "&") for a in re.findall(r'<img loading="lazy"[^>]* src="([^"]+)"', html)], \
           [a.replace("&amp;", "&") for a in re.findall(r'<a href="(/photo/[^"]+)"', html)]


_numbers = iter(range(1, 1000))


def people_see_it_upright_and_without_what_the_camera_wrote(place):
    turned = {1: ("480 360", "left-top"), 3: ("480 360", "right-bottom"), 6: ("360 480", "right-top"), 8: ("360 480", "left-bottom")}
    with place.server() as s:
        for orientation, (size, corner) in turned.items():
            photo = _make(place, 2000, 1500, orientation)
            assert b"Zhang San" in photo and b"Exif" in photo
            _Phone(s.client).sends(photo)
            (small,), (large,) = _shown(s, photo)
            picture = s.client.get(small).shows(200)
            assert picture.headers["Content-Type"] == "image/jpeg" and _look(picture.body, place) == f"{size} {corner}"
            assert b"Exif" not in picture.body and b"Zhang" not in picture.body and len(picture.body) < 60 * 1024
            assert _look(s.client.get(large).shows(200).body, place).split()[2] == corner
            assert hashlib.sha256(picture.body).hexdigest() not in small
        for kind in ("png", "webp", "heic"):
            photo = _make(place, 800, 600, 1, kind)
            _Phone(s.client).sends(photo)
            (small,), _ = _shown(s, photo)
            assert _look(s.client.get(small).shows(200).body, place) == "480 360 left-top", kind
        (small,), _ = _shown(s, photo)
        s.client.get(small[:-1] + ("0" if small[-1] != "0" else "1")).shows(404)
        s.client.get(small + "&w=5000").shows(404)


def a_photo_that_comes_after_its_record_is_on_the_page_then(place):
    photo = _make(place, 800, 600)
    with place.server() as s:
        today = time.strftime("%Y-%m-%dT%H:%M:%S.000+00:00", time.gmtime())
        path = _recorded(s, photo, eventTime=today)
        assert _on_page(s, path) == ([], [])
        _Phone(s.client).sends(photo)
        (small,), _ = _on_page(s, path)
        s.client.get(small).shows(200)


def a_digest_in_a_record_publishes_nobody_else_s_photo(place):
    photo = _make(place, 800, 600)
    place.init()
    key = {}
    for org in ("east", "west"):
        run("org", "add", org, "--data", place.data)
        key[org] = run("key", "add", "--data", place.data, "--org", org, "--scope", "capture,query").stdout.strip()
    with place.server(open_=False) as s:
        east, west = _Phone(s.client, key["east"]), _Phone(s.client, key["west"])
        east.sends(photo)
        shown = {}
        for org, phone, n in (("east", east, 1), ("west", west, 2)):
            lot = f"/lot/{org}/P1"
            evidence = [{"id": "ni:///sha-256;" + hashlib.sha256(photo).hexdigest(), "suyuan:kind": "photo"}]
            today = time.strftime(f"%Y-%m-%dT%H:%M:0{n}.000+00:00", time.gmtime())
            s.client.captures(document(event(n, eventTime=today, bizStep="suyuan:growing", epcList=None, quantityList=[{"epcClass": HERE + lot, "quantity": 1, "uom": "KGM"}],
                                             **{"suyuan:evidence": evidence})), headers=phone.headers).shows(202)
            shown[org] = _on_page(s, lot)
        assert len(shown["east"][0]) == 1, shown
        s.client.get(shown["east"][0][0]).shows(200)
        assert shown["west"] == ([], []), shown
        west.put(photo, 0, len(photo)).shows(201)       # who has it may show it
        assert len(_on_page(s, "/lot/west/P1")[0]) == 1


def a_picture_that_was_taken_away_is_made_again(place):
    photo = _make(place, 800, 600)
    with place.server() as s:
        _Phone(s.client).sends(photo)
        (small,), _ = _shown(s, photo)
        first = s.client.get(small).shows(200).body
        for torn in (None, b"", first[:-500]):
            for path in (place.data / "pictures").glob("*/*.jpg"):
                path.unlink() if torn is None else path.write_bytes(torn)
            assert s.client.get(small).shows(200).body == first
    run("check", "--data", place.data)
    run("backup", place.folder / "copy", "--data", place.data)
    assert not (place.folder / "copy/pictures").exists() and not (place.folder / "copy/blobs/parts").exists()


def _png(width, height, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    z = zlib.compressobj(9)
    data = b"".join(z.compress(b"\0" * (width // 8 + 1) * 100) for _ in range(rows // 100)) + z.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def what_is_made_to_harm_ends_nothing_but_its_own_child(place):
    good = _make(place, 800, 600)
    heic = _make(place, 800, 600, kind="heic")
    bombs = {"50,000 × 50,000": _png(50000, 50000, 50000), "29,000 × 29,000": _png(29000, 29000, 29000), "a torso": good[:len(good) // 2], "a head": good[:200],
             "garbage": good[:300] + os.urandom(len(good)), "another head": heic[:len(heic) // 3], "HEIC garbage": heic[:64] + os.urandom(5000),
             "WebP garbage": b"RIFF\xff\xff\xff\x7fWEBPVP8 " + os.urandom(3000), "PNG garbage": b"\x89PNG\r\n\x1a\n" + os.urandom(3000),
             "a huge JPEG": good[:2] + re.sub(rb"(\xff\xc0\0\x11\x08)....", lambda m: m[1] + b"\xff" * 4, good[2:], count=1, flags=re.S)}
    with place.server() as s:
        for what, bomb in bombs.items():
            _Phone(s.client).sends(bomb)
            h = hashlib.sha256(bomb).hexdigest()
            _until(lambda: (place.data / f"pictures/{h[:2]}/{h[2:]}-unusable").exists(), what)
            assert _shown(s, bomb) == ([], []), what
        _Phone(s.client).sends(good)
        (small,), _ = _shown(s, good)
        s.client.get(small).shows(200)
        pdf = b"%PDF-1.7\n" + os.urandom(99)
        _Phone(s.client).sends(pdf)
        assert _shown(s, pdf) == ([], [])
        assert s.process.poll() is None and s.client.get("/healthz").status == 200


def _memory(s):
    """Resident bytes of the server and its children, now."""
    kib, pids = 0, [s.process.pid, *map(int, pathlib.Path(f"/proc/{s.process.pid}/task/{s.process.pid}/children").read_text().split())]
    for pid in pids:
        try:
            kib += int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])
        except (OSError, TypeError):
            continue
    return kib * 1024


def fifty_phones_that_send_twenty_photos_each_finish_within_bounded_memory(place):
    base = _make(place, 1600, 1200)
    with place.server() as s:
        phones, most, over = 50, 0, threading.Event()
        before = _memory(s)

        def watch():
            nonlocal most
            while not over.wait(0.05):
                most = max(most, _memory(s))

        def day(n):
            phone = _Phone(s.client)
            photos = [_unique(base, f"{n}/{i}") for i in range(20)]
            for photo in photos:
                phone.sends(photo)
            return [_name(p) for p in photos]

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            with concurrent.futures.ThreadPoolExecutor(phones) as crowd:
                names = [n for some in crowd.map(day, range(phones)) for n in some]
        finally:
            over.set()
            watcher.join()
        assert len(set(names)) == 1000
        assert all(_Phone(s.client).head(n)[0] == 200 for n in names[::37])
        assert most - before < 400 * 1024 * 1024, f"{(most - before) >> 20} MiB more than at rest"
        print(f"# {(most - before) >> 20} MiB more than at rest at most")


play()
