"""When something is due: the words that say it, and the day they mean."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_gemini.pages.transcripts.due import DAYS, add_business_days, add_months, due_date, due_phrase

MONDAY = datetime.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("sentence", "phrase"),
    [
        ("I'll send it by Friday.", "by Friday"),
        ("Can you do that by the end of the week?", "by the end of the week"),
        ("We talked on Monday and I will finish it by March 13.", "by March 13"),
        ("I will have it in two weeks.", "in two weeks"),
        ("Let's merge it tomorrow morning.", "tomorrow morning"),
        ("I'll be done before the next meeting.", "before the next meeting"),
        ("Send it on 2026-04-01, please.", "on 2026-04-01"),
        ("We may go on with this.", ""),
        ("I march to the office.", ""),
        ("Nothing is due.", ""),
    ],
)
def test_the_words_that_say_when_are_found(sentence, phrase):
    """What has a preposition of a deadline counts before what has none."""
    assert due_phrase(sentence) == phrase


@pytest.mark.parametrize(
    ("phrase", "day"),
    [
        ("by Friday", "2026-03-06"),
        ("on Monday", "2026-03-09"),
        ("next Monday", "2026-03-09"),
        ("next Friday", "2026-03-13"),
        ("Tuesday next week", "2026-03-10"),
        ("today", "2026-03-02"),
        ("EOD", "2026-03-02"),
        ("tomorrow", "2026-03-03"),
        ("the day after tomorrow", "2026-03-04"),
        ("by the end of the week", "2026-03-06"),
        ("by the end of next week", "2026-03-13"),
        ("next week", "2026-03-13"),
        ("in two weeks", "2026-03-16"),
        ("in a couple of days", "2026-03-04"),
        ("within 3 business days", "2026-03-05"),
        ("in a month", "2026-04-02"),
        ("by the end of the month", "2026-03-31"),
        ("next month", "2026-04-30"),
        ("by the end of April", "2026-04-30"),
        ("by the end of January", "2027-01-31"),
        ("end of the quarter", "2026-03-31"),
        ("by the end of the year", "2026-12-31"),
        ("March 13", "2026-03-13"),
        ("by 13 March", "2026-03-13"),
        ("the 1st of April 2027", "2027-04-01"),
        ("Feb 28", "2026-02-28"),
        ("Jan 5", "2026-01-05"),
        ("December 20, 2025", "2025-12-20"),
        ("2026-05-01", "2026-05-01"),
    ],
)
def test_a_phrase_means_a_day(phrase, day):
    """Calendar arithmetic from the day of the meeting, a Monday."""
    assert due_date(phrase, MONDAY) == datetime.date.fromisoformat(day)


@pytest.mark.parametrize("phrase", ["the next meeting", "soon", "February 30", "when it is ready", "2026-13-45", ""])
def test_what_no_calendar_can_tell_is_no_day(phrase):
    """No day is made up."""
    assert due_date(phrase, MONDAY) is None


@given(st.sampled_from(DAYS), st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 1)))
def test_a_bare_weekday_is_within_the_week_that_follows(name, held):
    """One to seven days later, and that weekday."""
    found = due_date(f"by {name.title()}", held)
    assert found is not None
    assert 1 <= (found - held).days <= 7
    assert found.weekday() == DAYS.index(name)


@given(st.dates(datetime.date(2000, 1, 1), datetime.date(2090, 1, 1)), st.integers(0, 40))
def test_months_and_business_days_go_forward(day, count):
    """Months keep the day where they can; business days are never at a weekend."""
    later = add_months(day, count)
    assert (later.year - day.year) * 12 + later.month - day.month == count
    assert later.day <= day.day
    if count:
        assert add_business_days(day, count).weekday() < 5
