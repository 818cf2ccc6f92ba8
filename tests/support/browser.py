"""Chromium as an actor: a script of tests/browser/ against a running server, its TAP judged."""
import shutil
import subprocess

from suyuan import ROOT, Skip


def browser(script, url, *more, timeout=800):
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")      # as tests/browser/chromium.mjs
    if not chromium or not shutil.which("node") or not (ROOT / "node_modules/playwright-core").is_dir():
        raise Skip("Chromium or node_modules is not here")
    r = subprocess.run(["node", ROOT / "tests/browser" / script, url, *more], capture_output=True, text=True, timeout=timeout, cwd=ROOT)
    lines = r.stdout.splitlines()
    print("\n".join(l for l in lines if l.startswith("#")), flush=True)
    bad = [l for l in lines if l.startswith("not ok") or l.startswith("#")]
    assert r.returncode == 0 and any(l.startswith("1..") for l in lines), "\n".join(bad) + r.stderr[-3000:]
