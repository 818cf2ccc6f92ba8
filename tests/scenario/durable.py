"""A kill does not test the disk; a traced run does: no answer leaves before the fdatasync of its commit."""
import re
import shutil

from suyuan import Skip, document, event, play


def no_answer_leaves_before_its_fdatasync(place):
    if not shutil.which("strace"):
        raise Skip("strace is not here")
    place.init()
    trace = place.folder / "trace"
    s = place.server(before=("env", "ASAN_OPTIONS=detect_leaks=0", "strace", "-D", "-f", "-y", "-s", "200", "-e", "trace=fdatasync,fsync,sendto,sendmsg,write,writev,pwrite64", "-o", str(trace)))
    for n in range(12):
        s.client.captures(document(event(n))).shows(202)
    assert s.stop() == 0
    while "+++ exited with 0 +++" not in trace.read_text(errors="replace").splitlines()[-1:][0]:
        pass                            # the tracer is the server's child here and may end a moment later
    dirty, answers, synced = False, 0, 0
    for line in trace.read_text(errors="replace").splitlines():
        if re.search(r"pwrite64\(\d+<[^>]*suyuan\.db-wal>", line):
            dirty = True
        elif re.search(r"(fdatasync|fsync)\(\d+<[^>]*suyuan\.db-wal>\)", line) or ("fdatasync resumed" in line or "fsync resumed" in line):
            dirty, synced = False, synced + 1
        elif "HTTP/1.1 202" in line:
            assert not dirty, f"an answer left before its sync: {line}"
            answers += 1
    assert answers == 12 and synced >= 12, (answers, synced)


play()
