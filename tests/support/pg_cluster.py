"""A private PostgreSQL server for tests: in a folder of its own, on a socket there, ended by its process id.

As a module: `with Cluster() as pg: … pg.url("name")`.  As a program: `pg_cluster.py PROGRAM…` runs a test program with SUYUAN_TEST_DATABASE
naming a fresh server, or says aloud that it skips where none can be started."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.parse

DEADLINE = 60


class Unavailable(Exception):
    """No PostgreSQL here."""


def tool(name):
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) if pathlib.Path("/usr/lib/postgresql").exists() else []
    path = str(found[-1]) if found else shutil.which(name)
    if not path:
        raise Unavailable(f"{name} of PostgreSQL is not installed (postgresql-15)")
    return path


class Cluster:
    def __init__(self, port=5432, settings=(), fsync=False):
        self.port, self.settings, self.fsync, self.process = port, settings, fsync, None
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="suyuan-pg-", dir="/tmp"))
        self.data = self.folder / "data"

    def __enter__(self):
        try:
            self.folder.chmod(0o755)
            if os.geteuid() == 0:       # the server refuses to be root
                try:
                    shutil.chown(self.folder, "postgres", "postgres")
                except LookupError as e:
                    raise Unavailable("there is no user postgres") from e
            self.make()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def make(self):
        """The data folder: made anew, or copied from what an earlier test of this build folder left there, which takes a sixth of the time."""
        initdb, build = tool("initdb"), os.environ.get("SUYUAN_BUILD")
        kept = build and pathlib.Path(build) / f"postgres-{pathlib.Path(initdb).parts[-3]}-{self.user}"
        if kept and kept.is_dir():
            subprocess.run(["cp", "-a", str(kept), str(self.data)], check=True, timeout=DEADLINE)
            return
        made = subprocess.run(self.as_user(initdb, "-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8",
                                           "--locale=C", "--no-sync"), capture_output=True, text=True, timeout=DEADLINE)
        if made.returncode:
            raise Unavailable("initdb: " + made.stderr.strip())
        if kept:
            mine = kept.with_name(f"{kept.name}-{os.urandom(4).hex()}")     # whole before it has its name; whoever comes second takes its own away
            subprocess.run(["cp", "-a", str(self.data), str(mine)], check=True, timeout=DEADLINE)
            try:
                mine.rename(kept)
            except OSError:
                shutil.rmtree(mine, ignore_errors=True)

    def as_user(self, *argv):
        return (["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups"] if os.geteuid() == 0 else []) + list(argv)

    def start(self):
        """After a crash the last backends may still hold the shared memory for a moment: then once more."""
        for _ in range(200):
            try:
                return self._start()
            except Unavailable as e:
                if "shared memory" not in str(e) and "lock file" not in str(e):
                    raise
                threading.Event().wait(0.05)
        raise Unavailable("the crashed server's backends do not end")

    def _start(self):
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}", "-c", f"port={self.port}", "-c", "max_connections=200",
                   "-c", f"fsync={'on' if self.fsync else 'off'}", "-c", "shared_buffers=64MB", "-c", "logging_collector=off",
                   "-c", "jit=off", "-c", "full_page_writes=off", "-c", "wal_init_zero=off"]     # nothing of it outlives the machine
        for s in self.settings:
            options += ["-c", s]
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(self.as_user(tool("postgres"), "-D", str(self.data), *options), stdout=log, stderr=log,
                                        cwd=self.folder, start_new_session=True)
        log.close()
        ready = [tool("pg_isready"), "-q", "-h", str(self.folder), "-p", str(self.port), "-t", "1"]
        for _ in range(DEADLINE * 50):
            if self.process.poll() is not None:
                raise Unavailable("the server ended: " + (self.folder / "log").read_text()[-500:])
            if subprocess.run(ready, timeout=DEADLINE).returncode == 0:
                return
            try:                        # waits for its end, at most a moment
                self.process.wait(0.02)
            except subprocess.TimeoutExpired:
                pass
        raise Unavailable("the server does not answer")

    def stop(self, how=signal.SIGINT):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)       # INT: ends every connection; KILL: as a crash
            self.process.wait(DEADLINE)
        self.process = None

    def url(self, database="postgres", **options):
        query = urllib.parse.urlencode({"host": str(self.folder), "port": self.port, "user": "postgres", **options}, quote_via=urllib.parse.quote)
        return f"postgresql:///{database}?{query}"

    def sql(self, text, database="postgres"):
        """psql: the rows as text, unaligned."""
        done = subprocess.run([tool("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), "-c", text],
                              capture_output=True, text=True, timeout=DEADLINE)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def database(self, name):
        self.sql(f'CREATE DATABASE "{name}" STRATEGY FILE_COPY')
        return self.url(name)

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def fresh(url):
    """A new database on the server of `url`: its url."""
    name = f"d{os.urandom(6).hex()}"
    done = subprocess.run([tool("psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", f'CREATE DATABASE "{name}" STRATEGY FILE_COPY'], capture_output=True, text=True, timeout=DEADLINE)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return url.replace("///postgres?", f"///{name}?")


def main(argv):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))     # a run that is cut off ends the server as well
    try:
        with Cluster() as pg:
            return subprocess.run(argv, env={**os.environ, "SUYUAN_TEST_DATABASE": pg.url()}).returncode
    except Unavailable as e:
        print(f"TAP version 13\n1..1\nok 1 - {pathlib.Path(argv[0]).name} on PostgreSQL # SKIP {e}".replace("\n ", " "))
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
