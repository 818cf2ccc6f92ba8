"""The phone's app on a farm without a signal: recorded in three taps, completed later, asked before it is done."""
import os

from browser import browser
from suyuan import play

SHOTS = os.environ.get("SUYUAN_SHOTS", "-")


def a_day_in_the_field_is_recorded_in_three_taps_and_sent_when_there_is_a_signal(place):
    with place.server() as s:
        browser("field.mjs", s.url, SHOTS, "first")


def what_is_refused_deleted_corrected_or_asked_is_told_in_words(place):
    with place.server() as s:
        browser("field.mjs", s.url, SHOTS, "refusing", "asking", "storage")


play()
