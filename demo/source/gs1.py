"""GS1 numbers of the demonstration: prefix 952 is kept by GS1 for examples, so none of these is anybody's."""

ORIGIN = "https://demo.suyuan.example"


def check_digit(digits):
    """Mod 10, weights 3 and 1 from the right (GS1 General Specifications §7.9.1)."""
    return str(-sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits))) % 10)


def full(digits):
    return digits + check_digit(digits)


def gln(prefix):
    return full(prefix + "00000")


def gtin(prefix, item, indicator=0):
    return full(f"{indicator}{prefix}{item:05d}")


def own(kind, *codes):
    return f"{ORIGIN}/{kind}/{'/'.join(codes)}"


def trade_item(number):
    return f"{ORIGIN}/01/{number}"


def lot(number, code):
    return f"{ORIGIN}/01/{number}/10/{code}"


def pack(number, serial):
    return f"{ORIGIN}/01/{number}/21/{serial}"


def unit(prefix, serial, extension=0):
    return f"{ORIGIN}/00/{full(f'{extension}{prefix}{serial:09d}')}"
