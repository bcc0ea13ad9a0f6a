"""The day a meeting was held: given, said in the transcript, or part of the file's name."""

from __future__ import annotations

import datetime
import re
from pathlib import PurePath
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.pages.transcripts.due import due_date

_IN_NAME = re.compile(
    r"(?<!\d)(?P<gmt>GMT)?(?P<y>20\d\d)[-_.]?(?P<m>[01]\d)[-_.]?(?P<d>[0-3]\d)(?:[-_T ]?(?P<clock>[0-2]\d[0-5]\d)(?:[0-5]\d)?)?(?!\d)"
)


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name.

    Raises:
        InvalidOption: there is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise InvalidOption(
            f"{name!r} is not a time zone.", hint="Give its IANA name, such as Europe/Berlin or UTC."
        ) from None


def held_on(given: str, *, said: str, name: str, timezone: str) -> datetime.date | None:
    """The day of a meeting in its own time zone; None where nothing says it.

    What is given counts before what the transcript says, and that before the file's name. Zoom writes names
    in UTC (`GMT20260302-233000`); that moment is turned into the zone's day.

    Args:
        given: an ISO date or date and time, or "".
        said: what the transcript's head says, as it is written.
        name: of the file.
        timezone: IANA name.

    Raises:
        InvalidOption: what is given is no date, or there is no such zone.
    """
    zone = zone_of(timezone)
    if given:
        try:
            moment = datetime.datetime.fromisoformat(given.strip())
        except ValueError:
            raise InvalidOption(f"{given!r} is not a date.", hint="Write it as 2026-03-02.") from None
        return moment.astimezone(zone).date() if moment.tzinfo else moment.date()
    if said:
        # Far from any turn of the year, so that a date with its year is taken as it stands.
        found = due_date(said, datetime.date(2000, 7, 1)) if re.search(r"\d{4}", said) else None
        if found is not None:
            return found
    found_in = _IN_NAME.search(PurePath(name).name)
    if not found_in:
        return None
    try:
        day = datetime.date(int(found_in["y"]), int(found_in["m"]), int(found_in["d"]))
    except ValueError:
        return None
    if found_in["gmt"] and found_in["clock"]:
        clock = datetime.time(int(found_in["clock"][:2]), int(found_in["clock"][2:4]))
        return datetime.datetime.combine(day, clock, datetime.UTC).astimezone(zone).date()
    return day
