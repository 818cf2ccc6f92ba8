"""The phone's queue: three days without a signal, sudden ends, a network that loses and drops, wrong clocks, two tabs, two users."""
import os

from browser import browser
from suyuan import play

SHOTS = os.environ.get("SUYUAN_SHOTS", "-")


def thirty_records_of_three_days_arrive_once_over_a_bad_network(place):
    with place.server() as s:
        browser("field.mjs", s.url, SHOTS, "thirty")


def whoever_kills_the_app_or_sets_back_the_clock_loses_nothing(place):
    with place.server() as s:
        browser("field.mjs", s.url, SHOTS, "killed", "clock")


def two_tabs_send_once_and_two_users_never_mix(place):
    with place.server() as s:
        browser("field.mjs", s.url, SHOTS, "tabs", "others")


play()
