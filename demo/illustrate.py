#!/usr/bin/env python3
"""Draws the illustrations that stand in for photographs (demo/photos/*.png).  usage: demo/illustrate.py

Needs rsvg-convert and Noto Sans CJK.  The pictures are committed, because the events bind their SHA-256: after drawing
anew, run demo/make.py.  Each is marked 示意图 (illustration)."""
import collections
import math
import pathlib
import subprocess
import zlib

HERE = pathlib.Path(__file__).parent
W, H = 640, 480


def rect(x, y, w, h, fill, r=0, extra=""):
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="{r}" fill="{fill}" {extra}/>'


def circle(x, y, r, fill):
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}"/>'


def oval(x, y, rx, ry, fill, turn=0):
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}" transform="rotate({turn} {x:g} {y:g})"/>'


def path(d, fill="none", stroke="none", width=0):
    return f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"/>'


def text(x, y, s, size=22, fill="#fff", anchor="middle", weight="bold"):
    return f'<text x="{x}" y="{y}" font-family="Noto Sans CJK SC" font-size="{size}" font-weight="{weight}" fill="{fill}" text-anchor="{anchor}">{s}</text>'


def sky(top="#cfe8f5", sun=True):
    return rect(0, 0, W, H, top) + (circle(540, 80, 38, "#ffe08a") if sun else "") + cloud(150, 90) + cloud(380, 60, 0.7)


def cloud(x, y, k=1.0):
    return "".join(circle(x + dx * k, y + dy * k, r * k, "#fff") for dx, dy, r in ((0, 0, 24), (28, -8, 30), (60, 0, 24), (30, 8, 26)))


def hills(y, near="#7fb069", far="#a7c99a"):
    return (path(f"M0 {y} Q 120 {y-110} 260 {y-20} T 480 {y-60} T 640 {y-10} V {H} H 0 Z", far)
            + path(f"M0 {y+30} Q 160 {y-50} 330 {y+20} T 640 {y+10} V {H} H 0 Z", near))


def paddy(base, line, water=None):
    out = rect(0, 270, W, 210, water or base)
    for i in range(8):
        y = 285 + i * i * 3.4
        out += path(f"M0 {y:g} Q 320 {y-8:g} 640 {y:g}", stroke=line, width=2 + i * 0.6)
    return out


def tuft(x, y, k, colour, ear=None):
    out = ""
    for a in (-0.6, -0.3, 0, 0.3, 0.6):
        tx, ty = x + math.sin(a) * 34 * k, y - math.cos(a) * 46 * k
        out += path(f"M{x:g} {y:g} Q {x + math.sin(a) * 8 * k:g} {y - 26 * k:g} {tx:g} {ty:g}", stroke=colour, width=max(1.5, 4 * k))
        if ear:
            out += oval(tx, ty + 5 * k, 4 * k, 10 * k, ear, math.degrees(a) + 20)
    return out


def rows(colour, ear=None, k0=0.5, step=58):
    out = ""
    for i in range(4):
        k = k0 + i * 0.28
        for j in range(-1, int(W / (step * (0.6 + i * 0.25))) + 1):
            out += tuft(j * step * (0.6 + i * 0.25) + (i % 2) * 20, 330 + i * 46, k, colour, ear)
    return out


def person(x, y, k=1.0, shirt="#3d6fa5"):
    return (rect(x - 16 * k, y - 62 * k, 32 * k, 44 * k, shirt, 8) + rect(x - 14 * k, y - 22 * k, 11 * k, 30 * k, "#4a4a4a", 3)
            + rect(x + 3 * k, y - 22 * k, 11 * k, 30 * k, "#4a4a4a", 3) + circle(x, y - 76 * k, 14 * k, "#f1c9a0")
            + path(f"M{x-32*k:g} {y-80*k:g} Q {x:g} {y-118*k:g} {x+32*k:g} {y-80*k:g} Z", "#e2b659"))


def transplant():
    return sky() + hills(250) + paddy("#9cc7cf", "#b9dbe0") + rows("#6aa84f", None, 0.3, 66) + person(470, 380, 1.2) + tuft(430, 372, 0.7, "#6aa84f")


def first_harvest():
    return (sky() + hills(250) + paddy("#e3c15c", "#cfa83f") + rows("#c9a13b", "#e9cf74", 0.45)
            + rect(360, 250, 150, 70, "#c0392b", 10) + rect(440, 205, 66, 60, "#d9534f", 8) + rect(450, 215, 46, 30, "#d8eef7", 4)
            + rect(325, 290, 40, 26, "#888", 6) + circle(390, 330, 24, "#333") + circle(478, 330, 24, "#333") + circle(390, 330, 9, "#999") + circle(478, 330, 9, "#999"))


def ratoon():
    out = sky("#dcebf2") + hills(250, "#7aa662", "#b4c99a") + paddy("#b9a55a", "#a38f45")
    for i in range(4):
        for j in range(12):
            x, y, k = j * (46 + i * 12) + (i % 2) * 22, 320 + i * 48, 0.4 + i * 0.25
            out += rect(x - 7 * k, y - 16 * k, 14 * k, 18 * k, "#d8c27a", 2) + tuft(x, y - 12 * k, k * 0.7, "#5f9e3f")
    return out


def ratoon_ripe():
    return sky("#f4e6cc") + hills(250, "#8aa65a", "#c6c58d") + paddy("#d9b24a", "#c49a35") + rows("#a9a23b", "#e8c75a", 0.45, 50) + person(150, 400, 1.1, "#8a4b3c")


def spray():
    out = sky() + hills(250) + paddy("#79b356", "#679f47") + rows("#4f8f35", None, 0.4)
    out += rect(290, 150, 70, 26, "#444", 8) + path("M250 140 H 400", stroke="#444", width=6) + oval(250, 138, 40, 5, "#9aa") + oval(400, 138, 40, 5, "#9aa") + rect(300, 176, 50, 18, "#f2f2f2", 4)
    for i in range(7):
        out += path(f"M{275 + i * 16} 205 l {-26 + i * 9} 70", stroke="#d7eefa", width=3)
    return out


def mill():
    out = rect(0, 0, W, H, "#eef0ea") + rect(0, 380, W, 100, "#c9ccc2")
    out += rect(70, 120, 130, 230, "#4d8f6f", 10) + path("M90 120 L 50 60 H 220 L 180 120 Z", "#6fb08f") + circle(135, 200, 28, "#e9f4ee") + path("M135 200 l 14 -14", stroke="#c0392b", width=4)
    out += rect(260, 170, 130, 180, "#5b7fa6", 10) + rect(280, 190, 90, 50, "#cfe3f5", 4) + path("M200 250 H 260 M390 250 H 450", stroke="#888", width=18)
    out += path("M450 230 H 560 L 540 330 H 470 Z", "#d8dde2") + path("M505 330 V 372", stroke="#fbf7e6", width=14) + path("M440 385 Q 505 330 570 385 Z", "#fffaf0")
    return out + rect(40, 350, 560, 12, "#8b8f86")


def bags():
    out = rect(0, 0, W, H, "#f3ead7") + rect(0, 360, W, 120, "#d9c6a0")
    for i, x in enumerate((90, 250, 410)):
        out += path(f"M{x} 150 q 70 -26 140 0 l 8 240 q -78 20 -156 0 Z", "#fffdf5", "#d9cfb4", 3) + rect(x + 12, 215, 116, 110, "#2f7d4f", 10)
        out += text(x + 70, 258, "栖凤渡", 28) + text(x + 70, 292, "再生稻米", 24) + text(x + 70, 180, "5 kg", 22, "#7a6a45")
        out += rect(x + 50, 334, 40, 40, "#fff", 2) + "".join(rect(x + 54 + a * 8, 338 + b * 8, 7, 7, "#222") for a in range(4) for b in range(4) if (a * 7 + b * 5 + i) % 3)
    return out


def pallet():
    out = rect(0, 0, W, H, "#e9edf0") + rect(0, 390, W, 90, "#b9c1c7") + rect(150, 370, 340, 14, "#a9793f") + rect(160, 384, 30, 18, "#8c6231") + rect(305, 384, 30, 18, "#8c6231") + rect(450, 384, 30, 18, "#8c6231")
    for r in range(3):
        for c in range(4):
            out += rect(156 + c * 83, 286 - r * 84, 79, 80, "#d3a66a", 4, 'stroke="#b98a4d" stroke-width="2"') + rect(186 + c * 83, 286 - r * 84, 16, 80, "#e4c493") + rect(210 + c * 83, 330 - r * 84, 20, 20, "#fff", 1)
    return out


def truck():
    out = sky() + hills(270) + rect(0, 350, W, 130, "#6d7278")
    out += "".join(rect(i * 130 + 20, 412, 70, 8, "#f5e9b8") for i in range(5))
    out += rect(90, 190, 300, 170, "#f7f9fa", 8) + rect(90, 300, 300, 24, "#2f7d4f") + text(240, 258, "冷链配送", 38, "#2f7d4f")
    out += path("M396 230 H 470 L 520 300 V 360 H 396 Z", "#3a7ca5") + path("M420 248 H 464 L 496 298 H 420 Z", "#d8eef7")
    return out + "".join(circle(x, 364, 30, "#2b2b2b") + circle(x, 364, 12, "#aaa") for x in (160, 230, 455))


def cabbage():
    out = sky() + path("M0 260 L 130 120 L 240 230 L 380 90 L 520 220 L 640 150 V 480 H 0 Z", "#8fb79a") + path("M0 300 Q 300 240 640 290 V 480 H 0 Z", "#8a6a45")
    for i in range(3):
        for j in range(7):
            k = 0.55 + i * 0.32
            x, y = j * 120 * k - 20 + i * 30, 320 + i * 58
            out += "".join(oval(x + dx * k, y + dy * k, 34 * k, 26 * k, c, t) for dx, dy, c, t in ((-24, 4, "#4f9a4a", 30), (24, 4, "#4f9a4a", -30), (0, 10, "#5fae55", 0)))
            out += circle(x, y - 4 * k, 26 * k, "#a9d98a") + path(f"M{x:g} {y-28*k:g} q {10*k:g} {24*k:g} 0 {44*k:g} M{x:g} {y-20*k:g} q {-18*k:g} {14*k:g} {-20*k:g} {24*k:g}", stroke="#84bb68", width=2)
    return out


def caitai():
    out = sky("#dfeaf2") + hills(240) + path("M0 290 Q 320 260 640 290 V 480 H 0 Z", "#7d5a3a")
    for i in range(3):
        for j in range(6):
            k = 0.7 + i * 0.3
            x, y = j * 130 * (0.7 + i * 0.2) + i * 24, 350 + i * 56
            for a in (-0.5, -0.15, 0.2, 0.5):
                tx, ty = x + math.sin(a) * 50 * k, y - math.cos(a) * 66 * k
                out += path(f"M{x:g} {y:g} Q {x:g} {y-30*k:g} {tx:g} {ty:g}", stroke="#7b2d57", width=6 * k) + oval(tx + 10 * k, ty + 22 * k, 20 * k, 10 * k, "#3f7d43", 40)
                out += "".join(circle(tx + dx * k, ty + dy * k, 4 * k, "#f4d03f") for dx, dy in ((-5, -2), (4, -5), (0, 3)))
    return out


def precool():
    out = rect(0, 0, W, H, "#e3eff5") + rect(60, 60, 520, 340, "#f8fbfd", 12, 'stroke="#a9c4d4" stroke-width="6"') + rect(0, 420, W, 60, "#b7c6cf") + rect(230, 90, 180, 70, "#243b4a", 8) + text(320, 140, "3.5 ℃", 42, "#7fe0ff")
    for r in range(2):
        for c in range(4):
            x, y = 92 + c * 118, 300 - r * 96
            out += "".join(circle(x + 20 + i * 30, y + 4, 17, "#a9d98a") for i in range(3)) + rect(x, y + 8, 104, 74, "#4a90c2", 6) + "".join(rect(x + 12 + i * 30, y + 30, 20, 34, "#3a78a6", 4) for i in range(3))
    return out


def shelf():
    out = rect(0, 0, W, H, "#fbf6ec") + rect(0, 0, W, 74, "#2f7d4f") + text(320, 50, "湾区生鲜 · 当日到店", 34)
    for r in range(3):
        y = 180 + r * 110
        out += rect(40, y, 560, 14, "#b58a55") + "".join(rect(70 + c * 110, y + 16, 70, 22, "#fff", 3, 'stroke="#ccc"') for c in range(5))
        for c in range(9):
            x = 74 + c * 60
            out += (circle(x, y - 26, 26, "#a9d98a") + path(f"M{x} {y-50} q 10 22 0 42", stroke="#84bb68", width=2)) if r < 2 else "".join(path(f"M{x - 14 + i * 9} {y} l 3 -54", stroke="#7b2d57", width=6) + oval(x - 10 + i * 9, y - 54, 9, 7, "#3f7d43") for i in range(4))
    return out


def lotus():
    out = sky() + hills(230) + rect(0, 260, W, 220, "#7db7c4") + "".join(path(f"M{i*90-20} {300+i%3*60} h 60", stroke="#a5d0da", width=3) for i in range(8))
    for x, y, k in ((110, 330, 0.9), (300, 310, 0.7), (500, 335, 0.95), (210, 410, 1.3), (430, 425, 1.4), (600, 400, 1.1), (30, 430, 1.2)):
        out += oval(x, y, 70 * k, 26 * k, "#4f9a5a") + path(f"M{x} {y} l {60*k:g} {-6*k:g} M{x} {y} l {-56*k:g} {8*k:g} M{x} {y} l {10*k:g} {20*k:g}", stroke="#7cc07f", width=2)
    for x, y, k in ((260, 300, 1.0), (520, 290, 0.8)):
        out += path(f"M{x} {y} V {y+70*k:g}", stroke="#3f7d43", width=5) + "".join(oval(x + dx * k, y - 12 * k, 12 * k, 30 * k, c, t) for dx, t, c in ((-22, -40, "#f2a7c3"), (22, 40, "#f2a7c3"), (-11, -18, "#f7c1d6"), (11, 18, "#f7c1d6"), (0, 0, "#fbd9e6")))
    return out


def lotus_root():
    out = rect(0, 0, W, H, "#efe6d8") + path("M40 380 H 600 L 560 460 H 80 Z", "#b58a55")
    for y, d in ((330, 0), (250, 30), (170, 60)):
        for i in range(3):
            x = 140 + d + i * 140
            out += oval(x, y, 80, 36, "#f0d9b8") + oval(x - 20, y - 14, 36, 8, "#f8e9d2") + (rect(x + 60, y - 14, 20, 28, "#b98f62", 6) if i < 2 else "")
        out += oval(140 + d - 74, y, 14, 26, "#e0c39b") + "".join(circle(140 + d - 74 + a, y + b, 3.4, "#9c7b55") for a, b in ((0, 0), (-5, -10), (5, -10), (-5, 10), (5, 10)))
    return out


def mushrooms():
    out = rect(0, 0, W, H, "#dfe6df") + rect(0, 0, W, 60, "#9fb3a3")
    for r in range(3):
        y = 190 + r * 120
        out += rect(30, y + 34, 580, 12, "#8a6a45")
        for c in range(5):
            x = 90 + c * 115
            out += rect(x - 42, y - 20, 84, 54, "#c9a27a", 18)
            for dx, dy, k in ((-24, -26, 0.9), (8, -34, 1.1), (30, -20, 0.8)):
                out += rect(x + dx - 6 * k, y + dy, 12 * k, 22 * k, "#f4ead9", 4) + path(f"M{x+dx-24*k:g} {y+dy+4:g} Q {x+dx:g} {y+dy-32*k:g} {x+dx+24*k:g} {y+dy+4:g} Z", "#7a4e2d") + circle(x + dx - 4, y + dy - 6 * k, 3 * k, "#a9794f")
    return out


def rapid_test():
    out = rect(0, 0, W, H, "#eef4f7") + rect(0, 360, W, 120, "#c7d5dc")
    for x in (110, 280, 450):
        out += rect(x, 90, 90, 300, "#fdfdfd", 10, 'stroke="#c8d0d4" stroke-width="3"') + rect(x + 22, 130, 46, 130, "#e9f1f4", 6) + rect(x + 28, 156, 34, 9, "#b03060") + text(x + 12, 168, "C", 16, "#555")
        out += text(x + 12, 222, "T", 16, "#555") + rect(x + 28, 210, 34, 9, "#b03060") + circle(x + 45, 325, 20, "#dfe8ec") + text(x + 45, 415, "阴性", 24, "#2f7d4f")
    return out


def laboratory():
    out = rect(0, 0, W, H, "#eaf1f5") + rect(0, 370, W, 110, "#b9cad4") + rect(60, 150, 260, 220, "#f7fafb", 12, 'stroke="#9fb4c0" stroke-width="4"') + rect(90, 180, 200, 110, "#1f3442", 6)
    out += path("M96 280 L 130 276 L 146 204 L 160 276 L 200 272 L 212 236 L 224 274 L 284 278", stroke="#6fe3a1", width=4) + rect(100, 310, 60, 34, "#c9d6dd", 4) + circle(260, 327, 15, "#4a90c2")
    for x, c in ((390, "#8fd3b6"), (450, "#f2c46d"), (510, "#d88fb0")):
        out += path(f"M{x-10} 230 V 290 L {x-32} 360 H {x+32} L {x+10} 290 V 230 Z", "#fff", "#9fb4c0", 4) + path(f"M{x-22} 330 L {x-30} 357 H {x+30} L {x+22} 330 Z", c)
    return out


def destroyed():
    out = sky("#e4e4e0", False) + rect(0, 300, W, 180, "#8d7b62") + path("M120 330 Q 320 470 520 330 Z", "#5e4c37") + path("M190 340 Q 320 270 450 340 Z", "#c9a27a")
    out += "".join(rect(230 + i * 50, 290 - (i % 2) * 16, 46, 40, "#d3a66a", 4) for i in range(4)) + rect(60, 200, 8, 140, "#777") + rect(20, 170, 170, 56, "#b02a2a", 6) + text(105, 207, "封存 · 销毁", 28)
    return out


PICTURES = {
    "rice-transplant": (transplant, "机插秧"), "rice-first-harvest": (first_harvest, "头季收割"), "rice-ratoon": (ratoon, "再生季发苗"),
    "rice-ratoon-ripe": (ratoon_ripe, "再生季成熟"), "rice-spray": (spray, "植保无人机施药"), "rice-mill": (mill, "碾米车间"), "rice-bags": (bags, "装袋"),
    "pallet": (pallet, "码托"), "truck": (truck, "装车发运"), "cabbage-hill": (cabbage, "高山包菜"), "caitai-field": (caitai, "红菜薹"),
    "precool": (precool, "预冷"), "shelf": (shelf, "上架"), "lotus-pond": (lotus, "藕田"), "lotus-root": (lotus_root, "莲藕采挖"),
    "mushrooms": (mushrooms, "香菇菌棒"), "rapid-test": (rapid_test, "快速检测"),
    "laboratory": (laboratory, "实验室检测"), "destroyed": (destroyed, "监督销毁"),
}


def main():
    for name, (draw, caption) in PICTURES.items():
        mark = rect(0, 430, W, 50, "#16321f", 0, 'fill-opacity="0.88"') + text(24, 464, caption, 26, "#fff", "start") + rect(506, 439, 114, 32, "#ffd54f", 6) + text(563, 463, "示意图", 23, "#3b2f00")
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{W}" height="{H}" viewBox="0 0 {W} {H}">{draw()}{mark}</svg>'
        png = HERE / "photos" / f"{name}.png"
        subprocess.run(["rsvg-convert", "-o", png, "/dev/stdin"], input=svg.encode(), check=True)
        shrink(png)


def pixels(png):
    """Rows of colours of the image that rsvg-convert wrote, RGB or RGBA (PNG specification §9: filters)."""
    data, at, packed = png.read_bytes(), 8, b""
    n = {2: 3, 6: 4}[data[25]]
    while at < len(data):
        size, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        packed += data[at + 8:at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    raw, before, out = zlib.decompress(packed), bytearray(W * n), []
    for y in range(H):
        method, row = raw[y * (W * n + 1)], bytearray(raw[y * (W * n + 1) + 1:(y + 1) * (W * n + 1)])
        for i in range(W * n if method else 0):
            a, b, c = (row[i - n], before[i], before[i - n]) if i >= n else (0, before[i], 0)
            if method == 4:
                p = a + b - c
                near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            else:
                near = (0, a, b, (a + b) // 2)[method]
            row[i] = (row[i] + near) & 255
        out.append([bytes(row[i:i + 3]) for i in range(0, W * n, n)])
        before = row
    return out


def shrink(png):
    """Flat colours need a palette only: the commonest 64, the rest to the nearest; keeps each picture under 25 KB."""
    seen = pixels(png)
    palette = [c for c, _ in collections.Counter(c for row in seen for c in row).most_common(64)]
    index = {}
    for c in {c for row in seen for c in row}:
        index[c] = min(range(len(palette)), key=lambda i: sum((x - y) ** 2 for x, y in zip(c, palette[i])))
    rows = b"".join(b"\0" + bytes(index[c] for c in row) for row in seen)

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    head = W.to_bytes(4, "big") + H.to_bytes(4, "big") + bytes((8, 3, 0, 0, 0))
    png.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"PLTE", b"".join(palette)) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


main()
