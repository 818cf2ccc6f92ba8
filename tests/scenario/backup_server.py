"""With a database server the database part of a backup is pg_dump's; all else is ours, and together they are whole.  Runs on PostgreSQL alone."""
import os
import subprocess

import pg_cluster
import playedlog
from backup import _blob
from suyuan import Skip, play, run
from witness import _captures, _checkpoint


def a_dump_and_a_backup_make_a_server_again(place):
    if "SUYUAN_TEST_DATABASE" not in os.environ:
        raise Skip("no database server")
    place.init()
    key = run("log", "key", "--data", place.data).stdout.strip()
    blob = str(_blob(place, b"a photo"))
    url = os.environ["SUYUAN_DATABASE"]
    with place.server() as server:
        _captures(server, 0, 5)
        _checkpoint(server, 5)
        without = run("backup", place.folder / "without", "--data", place.data).stdout
        assert "pg_dump --format=custom" in without and url not in without, without
        (place.folder / "b").mkdir()
        subprocess.run([pg_cluster.tool("pg_dump"), "--format=custom", f"--file={place.folder / 'b' / 'suyuan.pgdump'}", f"--dbname={url}"], check=True)
        _captures(server, 10, 3)                # after the dump: not in it
        _checkpoint(server, 8)
        r = run("backup", place.folder / "b", "--data", place.data, "--keys", place.folder / "k")
        assert "pg_dump" not in r.stdout, r.stdout
    new = place.folder / "new"
    assert "pg_restore" in run("restore", place.folder / "b", "--data", new, "--keys", place.folder / "k").stdout
    os.environ["SUYUAN_DATABASE"] = again = pg_cluster.fresh(os.environ["SUYUAN_TEST_DATABASE"])
    subprocess.run([pg_cluster.tool("pg_restore"), "--no-owner", f"--dbname={again}", str(new / "suyuan.pgdump")], check=True)
    run("check", "--data", new)
    assert (new / blob).read_bytes() == b"a photo"
    place.data = new
    with place.server() as server:
        _captures(server, 100, 2)
        text, lines = playedlog.parts(_checkpoint(server, 7))
        assert playedlog.holds(key, text, lines[0])


if __name__ == "__main__":
    play()
