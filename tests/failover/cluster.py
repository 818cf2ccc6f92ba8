"""A PostgreSQL with a standby on this machine's loopback, under pg_auto_failover: what a person operating it would set up with
docs/operate/postgres.md, made in a folder of its own and ended by pid.  Needs Debian's postgresql-15-auto-failover and
pg-auto-failover-cli."""
import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BIN = "/usr/lib/postgresql/15/bin"
DATABASE = "suyuan"
RUNUSER = shutil.which("runuser") or "/usr/sbin/runuser"
# How fast the monitor notices, in ms.  primary_demote_timeout stays above the keeper's network_partition_timeout:
# otherwise the old primary might still take writes while the new one begins to.
MONITOR = {"health_check_period": 1000, "health_check_timeout": 1000, "health_check_retry_delay": 500,
           "node_considered_unhealthy_timeout": 5000, "primary_demote_timeout": 6000}
PARTITION_S = 4
DEADLINE = 120


def missing():
    """What this machine lacks for it, or None."""
    if shutil.which("pg_autoctl") is None or not pathlib.Path(BIN, "postgres").exists():
        return "postgresql-15-auto-failover and pg-auto-failover-cli are not installed"
    if os.getuid() != 0:
        return "it has to become the user postgres, which needs root"
    return None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(what, condition, deadline=DEADLINE):
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        with contextlib.suppress(AssertionError, subprocess.SubprocessError, OSError, ValueError, KeyError):
            got = condition()
            if got:
                return got
        time.sleep(0.1)
    raise AssertionError(f"within {deadline} s not: {what}")


def descendants(pid):
    """All processes under `pid`, the deepest last."""
    found = [pid]
    for p in found:
        with contextlib.suppress(OSError):
            for task in pathlib.Path(f"/proc/{p}/task").iterdir():
                found += [int(c) for c in (task / "children").read_text().split()]
    return found


class Node:
    def __init__(self, cluster, name, port):
        self.cluster, self.name, self.port, self.process = cluster, name, port, None
        self.data = cluster.folder / name

    def start(self):
        log = open(self.cluster.folder / f"{self.name}.log", "a")
        self.process = subprocess.Popen(self.cluster.as_postgres("pg_autoctl", "run", "--pgdata", self.data), stdout=log, stderr=log,
                                        env=self.cluster.env, start_new_session=True)
        log.close()

    def kill(self):
        """Power off: the keeper and its PostgreSQL at once, as SIGKILL does it."""
        for pid in descendants(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self):
        if not self.process or self.process.poll() is not None:
            return
        pids = descendants(self.process.pid)
        for pid in pids[:3]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()


class Cluster:
    """monitor, node1, node2; one synchronous standby."""

    def __init__(self):
        user = pwd.getpwnam("postgres")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="suyuan-failover-"))
        os.chown(self.folder, user.pw_uid, user.pw_gid)
        os.chmod(self.folder, 0o755)
        self.env = {"PATH": f"{BIN}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "config"),
                    "XDG_DATA_HOME": str(self.folder / "share"), "XDG_RUNTIME_DIR": str(self.folder / "run")}
        self.monitor = Node(self, "monitor", free_port())
        self.nodes = [Node(self, f"node{k}", free_port()) for k in (1, 2)]

    def as_postgres(self, *command):
        return [RUNUSER, "-u", "postgres", "--", *map(str, command)]

    def run(self, *command):
        r = subprocess.run(self.as_postgres(*command), env=self.env, capture_output=True, text=True, timeout=DEADLINE, cwd=self.folder)
        if r.returncode:
            raise AssertionError(f"{command}: {r.stdout[-1500:]}{r.stderr[-3000:]}")
        return r.stdout

    def sql(self, port, text, database=DATABASE):
        return self.run(f"{BIN}/psql", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-d", database, "-XAtqc", text).strip()

    def monitor_uri(self):
        return f"postgres://autoctl_node@127.0.0.1:{self.monitor.port}/pg_auto_failover?sslmode=disable"

    def __enter__(self):
        try:
            self.run("pg_autoctl", "create", "monitor", "--pgdata", self.monitor.data, "--pgport", self.monitor.port, "--hostname", "127.0.0.1",
                     "--auth", "trust", "--no-ssl")
            self.monitor.start()
            until("the monitor answers", lambda: self.sql(self.monitor.port, "SELECT 1", "pg_auto_failover") == "1")
            self.tune_monitor()
            for node in self.nodes:
                self.add(node)
            until("a primary with a synchronous standby", lambda: sorted(self.states().values()) == ["primary", "secondary"])
            return self
        except BaseException:
            self.__exit__()
            raise

    def tune_monitor(self):
        for name, ms in MONITOR.items():
            self.sql(self.monitor.port, f"ALTER SYSTEM SET pgautofailover.{name} = {ms}", "pg_auto_failover")
        self.sql(self.monitor.port, "SELECT pg_reload_conf()", "pg_auto_failover")

    def add(self, node):
        self.run("pg_autoctl", "create", "postgres", "--pgdata", node.data, "--pgport", node.port, "--hostname", "127.0.0.1", "--listen", "127.0.0.1",
                 "--name", node.name, "--auth", "trust", "--no-ssl", "--dbname", DATABASE, "--monitor", self.monitor_uri())
        self.run("pg_autoctl", "config", "set", "--pgdata", node.data, "timeout.network_partition_timeout", PARTITION_S)
        node.start()
        until(f"{node.name} runs", lambda: self.states()[node.name] in ("single", "primary", "secondary"))

    def states(self):
        rows = json.loads(self.run("pg_autoctl", "show", "state", "--pgdata", self.monitor.data, "--json"))
        return {r["nodename"]: r["current_group_state"] for r in rows}

    def primary(self):
        states = self.states()
        return next(n for n in self.nodes if states[n.name] in ("primary", "wait_primary", "single"))

    def uri(self):
        """What `suyuan --database` is given: whichever of both takes writes."""
        hosts = ",".join(f"127.0.0.1:{n.port}" for n in self.nodes)
        return f"postgres://postgres@{hosts}/{DATABASE}?target_session_attrs=read-write&connect_timeout=2&sslmode=disable"

    def __exit__(self, *_):
        for node in [*self.nodes, self.monitor]:
            node.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
