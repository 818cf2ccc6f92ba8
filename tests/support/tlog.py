"""A log's checkpoints and tiles, checked by other means than ours: hashlib, and OpenSSL's command line for signatures."""
import base64
import hashlib
import pathlib
import struct
import subprocess
import tempfile

ED25519_DER = bytes.fromhex("302a300506032b6570032100")


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    def __init__(self):
        self.size, self.edge = 0, []            # roots of complete subtrees, the greatest first: (leaves, hash)

    def add(self, entry):
        width, h = 1, leaf_hash(entry)
        while self.edge and self.edge[-1][0] == width:
            h = node(self.edge.pop()[1], h)
            width *= 2
        self.edge.append((width, h))
        self.size += 1

    def root(self):
        if not self.edge:
            return hashlib.sha256(b"").digest()
        h = self.edge[-1][1]
        for _, left in self.edge[-2::-1]:
            h = node(left, h)
        return h


def root(entries):
    t = Tree()
    for e in entries:
        t.add(e)
    return t.root()


class Checkpoint:
    def __init__(self, note):
        self.note = note
        self.text, rest = note.rsplit("\n\n", 1)
        self.text += "\n"
        self.lines = rest.splitlines()
        self.origin, size, root_ = self.text.splitlines()[:3]
        self.size, self.root = int(size), base64.b64decode(root_, validate=True)

    def signed_by(self, vkey):
        """A line of this Ed25519 key is there, and OpenSSL says that it holds."""
        name, key_id, key = vkey.split("+", 2)
        for line in self.lines:
            _, who, value = line.split(" ")
            value = base64.b64decode(value)
            if who == name and value[:4].hex() == key_id:
                assert openssl_verifies(base64.b64decode(key)[1:], self.text.encode(), value[4:]), f"{vkey} did not sign {self.note}"
                return True
        return False


def openssl_verifies(key, text, signature):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "key").write_bytes(ED25519_DER + key)
        (folder / "text").write_bytes(text)
        (folder / "signature").write_bytes(signature)
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", folder / "key", "-rawin", "-in", folder / "text",
                               "-sigfile", folder / "signature"], capture_output=True).returncode == 0


def number(n):
    groups = [f"{n % 1000:03d}"]
    while n := n // 1000:
        groups.insert(0, f"x{n % 1000:03d}")
    return "/".join(groups)


def names(level, count):
    """The tiles that hold so many things."""
    for n in range((count + 255) // 256):
        width = min(256, count - n * 256)
        yield f"tile/{level}/{number(n)}" + (f".p/{width}" if width < 256 else ""), width


def entries_of(bundle):
    at, out = 0, []
    while at < len(bundle):
        size = struct.unpack(">H", bundle[at:at + 2])[0]
        out.append(bundle[at + 2:at + 2 + size])
        at += 2 + size
    return out


def whole(get):
    """All entries of a log; every tile of every level and the root are made again from them."""
    c = Checkpoint(get("checkpoint").decode())
    entries = [e for name, _ in names("entries", c.size) for e in entries_of(get(name))]
    assert len(entries) == c.size and root(entries) == c.root, "the entries are not the signed tree"
    level, hashes = 0, [leaf_hash(e) for e in entries]
    while hashes:
        served = b"".join(get(name) for name, _ in names(level, len(hashes)))
        assert served == b"".join(hashes), f"level {level} is not made of the entries"
        full = len(hashes) // 256
        above = []
        for i in range(full):
            row = hashes[i * 256:(i + 1) * 256]
            while len(row) > 1:
                row = [node(row[k], row[k + 1]) for k in range(0, len(row), 2)]
            above.append(row[0])
        level, hashes = level + 1, above
    return entries
