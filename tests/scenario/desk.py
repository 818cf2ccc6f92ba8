"""The desk in a browser: a newcomer goes from an empty farm to a decided alarm; three languages, keyboard, widths."""
import os

from browser import browser
from suyuan import play, run


def a_newcomer_keeps_a_farm_at_the_desk(place):
    place.init()
    run("org", "add", "guyu", "--data", place.data, "--name", "谷雨家庭农场")
    run("user", "add", "li", "--data", place.data, "--org", "guyu", "--role", "manager", input="correct horse\n")
    with place.server(open_=False) as s:
        browser("desk.mjs", s.url, "li", "correct horse", *filter(None, [os.environ.get("SUYUAN_SHOTS")]), timeout=1500)


play()
