"""A transparency log, or a witness, as a test plays it: keys that sign, proofs, tiles, forks.  Written from RFC 6962 and the C2SP documents, apart from the
code under test; the signing is OpenSSL's.  Reading somebody's log is tlog.py's."""
import base64
import hashlib
import os
import pathlib
import struct
import subprocess
import tempfile
import time

from tlog import leaf_hash, node

ED25519, COSIGN = 1, 4


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def _split(n):
    return 1 << (n - 1).bit_length() - 1


def root(hashes):
    if not hashes:
        return sha256(b"")
    if len(hashes) == 1:
        return hashes[0]
    k = _split(len(hashes))
    return node(root(hashes[:k]), root(hashes[k:]))


def consistency(old, hashes):
    """RFC 6962 §2.1.2, with the first `old` hashes."""
    def sub(m, h, whole):
        if m == len(h):
            return [] if whole else [root(h)]
        k = _split(len(h))
        if m <= k:
            return sub(m, h[:k], whole) + [root(h[k:])]
        return sub(m - k, h[k:], False) + [root(h[:k])]
    return sub(old, hashes, True) if 0 < old < len(hashes) else []


def _openssl(*args, **files):
    """Runs openssl; `files` are written first and named in the arguments as {name}."""
    with tempfile.TemporaryDirectory() as d:
        paths = {k: os.path.join(d, k) for k in files}
        for k, v in files.items():
            pathlib.Path(paths[k]).write_bytes(v)
        return subprocess.run(["openssl", *[a.format(**paths) for a in args]], capture_output=True)


class Key:
    def __init__(self, name, seed=None, kind=ED25519):
        self.name, self.kind, self.seed = name, kind, seed or os.urandom(32)
        self.der = bytes.fromhex("302e020100300506032b657004220420") + self.seed
        self.public = _openssl("pkey", "-inform", "DER", "-in", "{k}", "-pubout", "-outform", "DER", k=self.der).stdout[-32:]

    @property
    def id(self):
        return sha256(self.name.encode(), b"\n", bytes([self.kind]), self.public)[:4]

    @property
    def vkey(self):
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @property
    def private(self):
        return f"PRIVATE+KEY+{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.seed).decode()}"

    def _raw(self, message):
        r = _openssl("pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", "{k}", "-in", "{m}", k=self.der, m=message)
        assert r.returncode == 0 and len(r.stdout) == 64, r
        return r.stdout

    def line(self, text, now=None):
        """The signature line of a note's text."""
        if self.kind == COSIGN:
            now = int(time.time()) if now is None else now
            sig = struct.pack(">Q", now) + self._raw(f"cosignature/v1\ntime {now}\n".encode() + text.encode())
        else:
            sig = self._raw(text.encode())
        return f"\u2014 {self.name} {base64.b64encode(self.id + sig).decode()}\n"


def holds(vkey, text, line):
    """The time of a cosignature (or True for a plain signature) when the line is this key's and verifies; None otherwise."""
    name, _, material = vkey.split("+", 2)
    material = base64.b64decode(material)
    words = line.strip("\n").split(" ")
    if len(words) != 3 or words[0] != "\u2014" or words[1] != name:
        return None
    sig = base64.b64decode(words[2])
    if sig[:4] != sha256(name.encode(), b"\n", material)[:4]:
        return None
    sig, message, found = sig[4:], text.encode(), True
    if material[0] == COSIGN:
        found, sig = struct.unpack(">Q", sig[:8])[0], sig[8:]
        message = f"cosignature/v1\ntime {found}\n".encode() + message
    public = bytes.fromhex("302a300506032b6570032100") + material[1:]
    r = _openssl("pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", "{k}", "-sigfile", "{s}", "-in", "{m}", k=public, s=sig, m=message)
    return found if r.returncode == 0 else None


def checkpoint(origin, hashes):
    return f"{origin}\n{len(hashes)}\n{base64.b64encode(root(hashes)).decode()}\n"


def note(text, *lines):
    return text + "\n" + "".join(lines)


def parts(note_text):
    """(text, [lines]) of a note."""
    text, lines = note_text.rsplit("\n\n", 1)
    return text + "\n", [x + "\n" for x in lines.splitlines()]


def size_of(note_text):
    return int(note_text.split("\n")[1])


def request(old, proof, note_text):
    return f"old {old}\n" + "".join(base64.b64encode(h).decode() + "\n" for h in proof) + "\n" + note_text


def origin_hash(origin):
    return hashlib.sha256(origin.encode()).hexdigest()


def tile(hashes, path):
    """The bytes at "tile/LEVEL/N" or "…/N.p/W" in the tree of these leaves, or None."""
    words = path.split("/")[1:]
    level, width = words[0], 256
    if words[-2].endswith(".p"):
        width, words = int(words[-1]), words[:-2] + [words[-2][:-2]]
    n = int("".join(w.lstrip("x") for w in words[1:]))
    if level == "entries":
        return None
    row, full = hashes, 256 ** int(level)
    row = [root(hashes[i * full:(i + 1) * full]) for i in range(len(hashes) // full)]
    part = row[n * 256:n * 256 + width]
    return b"".join(part) if len(part) == width else None


class Log:
    """A log of one's own: leaves, a key, checkpoints of any size."""

    def __init__(self, name="log.test/trace", seed=None):
        self.key, self.hashes = Key(name, seed), []

    def grow(self, n, mark=b"leaf"):
        self.hashes += [leaf_hash(mark + b" %d" % (len(self.hashes) + i)) for i in range(n)]
        return self

    def note(self, size=None):
        text = checkpoint(self.key.name, self.hashes[:size])
        return note(text, self.key.line(text))

    def asks(self, old, size=None):
        """The body of add-checkpoint."""
        h = self.hashes[:size]
        return request(old, consistency(old, h), self.note(size))

    def fork(self, size):
        """Another log of the same key that is the same up to `size`."""
        other = Log(self.key.name, self.key.seed)
        other.hashes = self.hashes[:size]
        return other
