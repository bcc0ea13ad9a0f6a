"""Dates and times: orders, languages and glued print."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_gemini.local.reader.dates import dates_in, order_of, times_in


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12/02/2018", date(2018, 2, 12)),
        ("2018-02-03 10:11", date(2018, 2, 3)),
        ("26/02/1808:28", date(2018, 2, 26)),
        ("13.01.18", date(2018, 1, 13)),
        ("20 / 3 / 2017", date(2017, 3, 20)),
        ("5. März 2018", date(2018, 3, 5)),
        ("12FEB2018", date(2018, 2, 12)),
        ("Feb 3, 2018", date(2018, 2, 3)),
        ("le 3 août 2019", date(2019, 8, 3)),
        ("3 maart 2019", date(2019, 3, 3)),
        ("3 de enero de 2019", date(2019, 1, 3)),
        ("7 settembre 2020", date(2020, 9, 7)),
        ("17 Mac 2018", date(2018, 3, 17)),
        ("2018年3月5日", date(2018, 3, 5)),
        ("20180428/191204", date(2018, 4, 28)),
    ],
)
def test_a_date_is_read_in_its_language(text: str, value: date):
    """Day first, year first, month names of seven languages, and a clock glued to the year."""
    (printed,) = dates_in(text)
    assert printed.value == value


@pytest.mark.parametrize("text", ["31/02/2018", "03/2018", "1.2.3.4", "603009855320180428", "99/99/9999"])
def test_no_day_of_the_calendar_is_none(text: str):
    """What is no day is not bent into one."""
    assert list(dates_in(text)) == []


def test_the_order_of_day_and_month_is_the_documents():
    """A date that leaves no choice decides for those that do; both readings are marked uncertain."""
    assert order_of(["04/13/2018", "04/05/2018"]) == "MDY"
    assert order_of(["13/04/2018"]) == "DMY"
    (printed,) = dates_in("04/05/2018", order="MDY")
    assert printed.value == date(2018, 4, 5)
    assert not printed.certain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("14:05", time(14, 5)),
        ("2:05 PM", time(14, 5)),
        ("12:30 AM", time(0, 30)),
        ("14.05.09", time(14, 5, 9)),
        ("14h05", time(14, 5)),
    ],
)
def test_a_time_of_day_is_read(text: str, value: time):
    """With colon, dot or h, and halves of the day."""
    (printed,) = times_in(text)
    assert printed.value == value


@given(
    st.dates(date(1990, 1, 1), date(2035, 12, 31)), st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%Y", "%d %B %Y"])
)
def test_any_day_reads_back(day: date, form: str):
    """Every day printed in a usual form is that day."""
    (printed,) = dates_in(day.strftime(form), order="DMY")
    assert printed.value == day


@given(st.text(max_size=60))
def test_any_text_is_searched_without_a_fault(text: str):
    """Whatever the text, spans are inside it and do not overlap."""
    end = 0
    for printed in dates_in(text):
        assert end <= printed.start < printed.end <= len(text)
        end = printed.end
    for clock in times_in(text):
        assert 0 <= clock.start < clock.end <= len(text)
