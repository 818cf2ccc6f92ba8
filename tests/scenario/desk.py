"""The desk in a browser: a newcomer goes from an empty farm to a decided alarm; three languages, keyboard, widths."""
import os
import shutil
import subprocess

from suyuan import ROOT, Skip, play, run


def a_newcomer_keeps_a_farm_at_the_desk(place):
    if not shutil.which("node") or not (ROOT / "node_modules/playwright-core").is_dir() or not shutil.which("chromium"):
        raise Skip("Chromium or node_modules is not here")
    place.init()
    run("org", "add", "guyu", "--data", place.data, "--name", "谷雨家庭农场")
    run("user", "add", "li", "--data", place.data, "--org", "guyu", "--role", "manager", input="correct horse\n")
    with place.server(open_=False) as s:
        r = subprocess.run(["node", ROOT / "tests/browser/desk.mjs", s.url, "li", "correct horse", *filter(None, [os.environ.get("SUYUAN_SHOTS")])],
                           capture_output=True, text=True, timeout=1500, cwd=ROOT)
    lines = r.stdout.splitlines()
    print("\n".join("# " + l for l in lines if l.startswith("#")), flush=True)
    bad = [l for l in lines if l.startswith("not ok") or l.startswith("#")]
    assert r.returncode == 0 and any(l.startswith("1..") for l in lines), "\n".join(bad) + r.stderr[-3000:]


play()
