"""Days that must not be missed, as an iCalendar file (RFC 5545) that every calendar program opens."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import icalendar

from prefect_gemini.flows.printable import printable


@dataclass(frozen=True)
class Entry:
    """One entry of a calendar.

    Args:
        uid: the same for the same matter at every export, so that a calendar updates and does not double it.
        title: as shown in the calendar.
        when: a day, or a moment with its time zone.
        description: more about it, in plain text.
        remind_days: how many days before it to remind.
        minutes: length of an entry at a moment.
    """

    uid: str
    title: str
    when: datetime.date | datetime.datetime
    description: str = ""
    remind_days: tuple[int, ...] = ()
    minutes: int = 30


def calendar_of(entries: Iterable[Entry], *, name: str, made_at: datetime.datetime) -> bytes:
    """Entries as an iCalendar file.

    Args:
        entries: in any order; days take the whole day and block nobody's time.
        name: of the calendar.
        made_at: when it was exported, with time zone.

    Raises:
        ValueError: a moment without a time zone.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//prefect-gemini//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", printable(name))
    for entry in entries:
        calendar.add_component(_event(entry, made_at))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def write_calendar(path: str | Path, entries: Iterable[Entry], *, name: str, made_at: datetime.datetime) -> Path:
    """Write entries to an `.ics` file and return its path; its folder is made where there is none."""
    target = Path(path).expanduser()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(calendar_of(entries, name=name, made_at=made_at))
    return target


def _event(entry: Entry, made_at: datetime.datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", made_at.astimezone(datetime.UTC))
    event.add("summary", printable(entry.title))
    event.add("dtstart", entry.when)
    if isinstance(entry.when, datetime.datetime):
        if entry.when.tzinfo is None:
            raise ValueError(f"{entry.title!r} is at a moment without a time zone")
        event.add("dtend", entry.when + datetime.timedelta(minutes=entry.minutes))
    else:
        if entry.when < datetime.date.max:  # a day without an end is a whole day, the last of the calendar too
            event.add("dtend", entry.when + datetime.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    if entry.description:
        event.add("description", "\n".join(printable(line) for line in entry.description.splitlines()))
    for days in entry.remind_days:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", printable(entry.title))
        alarm.add("trigger", -datetime.timedelta(days=days))
        event.add_component(alarm)
    return event
