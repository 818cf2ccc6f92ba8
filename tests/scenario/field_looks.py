"""The phone's app as people see and hit it: three languages, big type, a weak link."""
import ctypes
import json
import os

from browser import browser
from suyuan import play

SHOTS = os.environ.get("SUYUAN_SHOTS", "-")


def _sign(text):
    """The squares of a QR code, by the library that labels are made with."""
    class Code(ctypes.Structure):
        _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int), ("data", ctypes.POINTER(ctypes.c_ubyte))]
    make = ctypes.CDLL("libqrencode.so.4").QRcode_encodeString8bit
    make.restype = ctypes.POINTER(Code)
    code = make(text.encode(), 0, 1).contents
    return [[code.data[y * code.width + x] & 1 for x in range(code.width)] for y in range(code.width)]


def every_screen_can_be_read_and_hit_in_three_languages_and_in_big_type(place):
    with place.server() as s:
        browser("field.mjs", s.url, SHOTS, "looks")


def it_starts_over_a_weak_link_reads_the_sign_of_a_plot_and_takes_a_new_version_when_told(place):
    sign = place.data.parent / "sign.json"
    sign.write_text(json.dumps(_sign("https://trace.example.cn/place/farm/P2")))
    os.environ["SUYUAN_SIGN"] = str(sign)
    with place.server() as s:
        browser("field.mjs", s.url, SHOTS, "weak", "scan", "update")


play()
