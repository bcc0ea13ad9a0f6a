"""When something is due, as people say it: found in a sentence, and turned into a day by calendar arithmetic."""

from __future__ import annotations

import calendar
import datetime
import re

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = tuple(name.lower() for name in calendar.month_name)[1:]
_SHORT = {name[:3]: number for number, name in enumerate(MONTHS, 1)} | {"sept": 9}
_NUMBERS = {
    name: number
    for number, name in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
}
_NUMBERS |= {"a": 1, "an": 1, "couple": 2, "a couple of": 2, "a couple": 2}

_DAY = rf"(?:{'|'.join(DAYS)})"
_MONTH = rf"(?:{'|'.join(MONTHS)}|(?:{'|'.join(_SHORT)})\.?(?=\s|$))"
_COUNT = rf"(?:\d{{1,3}}|a couple(?: of)?|an?|{'|'.join(list(_NUMBERS)[1:11])})"
_DATE = (
    rf"\d{{4}}-\d\d-\d\d|{_MONTH}\s+(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    rf"|(?:the\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}(?:\s+\d{{4}})?"
)
_PHRASE = re.compile(
    rf"\b(?:(?:by|before|until|till|on|due|no later than|at|for)\s+)?(?:"
    rf"{_DATE}"
    rf"|(?:(?:this|next|coming|the following)\s+)?{_DAY}(?!'s\b)(?:\s+(?:morning|afternoon|evening|night|next week))?"
    rf"|(?:the\s+)?end of (?:the |this |next |today'?s? ?)?(?:day|week|month|quarter|year|today|{_MONTH})"
    rf"|(?:to|this |)day\b(?<=today)|tomorrow(?:\s+(?:morning|afternoon|evening))?|tonight|(?<=by )eod|(?<=by )eow|eod\b|eow\b"
    rf"|(?:later )?(?:this|next)\s+(?:week|month|quarter|year)(?!end)"
    rf"|(?:in|within)\s+(?:the next\s+)?{_COUNT}\s+(?:business\s+|working\s+)?(?:day|week|month)s?(?:'\s+time)?"
    rf"|(?:the\s+)?day after tomorrow"
    rf"|(?:the\s+)?next (?:meeting|call|session|sync|time)"
    rf")\b",
    re.IGNORECASE,
)


def due_phrase(sentence: str) -> str:
    """The words of a sentence that say when: `by Friday`, `end of the week`, `in two weeks`; "" where none do."""
    found = [match for match in _PHRASE.finditer(sentence) if match[0].lower().split()[0] not in ("may", "mar")]
    if not found:
        return ""
    # "by Friday" says when it is due; a day without a preposition may be when something else happens.
    best = next(
        (one for one in found if re.match(r"(by|before|until|till|due|no later)\b", one[0], re.IGNORECASE)), found[0]
    )
    return best[0].strip()


def due_date(phrase: str, held: datetime.date) -> datetime.date | None:
    """The day a phrase means in a meeting held on a day; None where no calendar can tell.

    A bare weekday is the next one after the meeting; said on that weekday itself it is a week later. A week
    ends on Friday. "Next Friday" is the Friday of the next calendar week (Monday to Sunday). "The next
    meeting" is no day.

    Args:
        phrase: as `due_phrase` finds it, or as a model writes it; an ISO date stands for itself.
        held: the day of the meeting, in its own time zone.
    """
    text = re.sub(r"[’']s\b", "", phrase.lower().replace(",", " "))
    text = re.sub(r"^\W*(by|before|until|till|on|due|no later than|at|for)\s+(?=\S)", "", " ".join(text.split())).strip(
        " ."
    )
    return _calendar(text, held) or _counted(text, held) or _weekday(text, held) or _named(text, held)


def due_also(phrase: str, held: datetime.date) -> datetime.date | None:
    """The other day that "next Friday" may mean: that of the week of the meeting, where it is still to come."""
    if not re.search(rf"\bnext\s+{_DAY}\b", phrase.lower()):
        return None
    day = due_date(phrase, held)
    nearer = day - datetime.timedelta(days=7) if day else None
    return nearer if nearer and nearer > held else None


def _calendar(text: str, held: datetime.date) -> datetime.date | None:
    iso = re.search(r"\b(\d{4})-(\d\d)-(\d\d)\b", text)
    if iso:
        return _date(int(iso[1]), int(iso[2]), int(iso[3]))
    found = re.search(rf"\b({_MONTH})\s+(?:the\s+)?(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+(\d{{4}}))?\b", text)
    name, day, year = (found[1], found[2], found[3]) if found else ("", "", None)
    if not found:
        turned = re.search(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+({_MONTH})(?:\s+(\d{{4}}))?", text)
        if not turned:
            return None
        name, day, year = turned[2], turned[1], turned[3]
    month = _month(name)
    if year:
        return _date(int(year), month, int(day))
    date = _date(held.year, month, int(day))
    # Without a year it is the nearest such day that is not long past.
    if date is not None and date < held - datetime.timedelta(days=60):
        date = _date(held.year + 1, month, int(day))
    return date


def _counted(text: str, held: datetime.date) -> datetime.date | None:
    found = re.search(rf"\b(?:in|within)\s+(?:the next\s+)?({_COUNT})\s+(business |working )?(day|week|month)", text)
    if not found:
        return None
    count = (
        int(found[1]) if found[1].isdigit() else _NUMBERS.get(found[1], _NUMBERS.get(found[1].removesuffix(" of"), 0))
    )
    if found[3] == "month":
        return add_months(held, count)
    if found[2]:
        return add_business_days(held, count)
    return held + datetime.timedelta(days=count * (7 if found[3] == "week" else 1))


def _weekday(text: str, held: datetime.date) -> datetime.date | None:
    found = re.search(rf"\b(?:(this|next|coming|the following)\s+)?({_DAY})\b(\s+next week)?", text)
    if not found:
        return None
    target = DAYS.index(found[2])
    monday = held - datetime.timedelta(days=held.weekday())
    if found[1] in ("next", "the following") or found[3]:
        return monday + datetime.timedelta(days=7 + target)
    ahead = (target - held.weekday()) % 7
    return held + datetime.timedelta(days=ahead or 7)


def _named(text: str, held: datetime.date) -> datetime.date | None:
    one = datetime.timedelta(days=1)
    friday = held + datetime.timedelta(days=(4 - held.weekday()) % 7)
    if re.search(r"day after tomorrow", text):
        return held + 2 * one
    if re.search(r"\btomorrow\b", text):
        return held + one
    if re.search(r"\b(today|tonight|eod|end of (the |this )?day)\b", text):
        return held
    if re.search(r"\bend of next week\b|\bnext week\b", text):
        return friday + 7 * one if held.weekday() <= 4 else held + datetime.timedelta(days=(4 - held.weekday()) % 7)
    if re.search(r"\b(eow|end of (the |this )?week|this week)\b", text):
        return friday
    named = re.search(rf"\bend of ({_MONTH})", text)
    if named:
        month = _month(named[1])
        return _last(held.year + (month < held.month), month)
    if re.search(r"\b(end of next month|next month)\b", text):
        following = add_months(held.replace(day=1), 1)
        return _last(following.year, following.month)
    if re.search(r"\b(end of (the |this )?month|this month)\b", text):
        return _last(held.year, held.month)
    if re.search(r"\b(end of (the |this )?quarter|this quarter)\b", text):
        return _last(held.year, (held.month - 1) // 3 * 3 + 3)
    if re.search(r"\b(end of (the |this )?year|this year)\b", text):
        return datetime.date(held.year, 12, 31)
    return None


def add_months(day: datetime.date, months: int) -> datetime.date:
    """The same day some months later; the last of the month where there is no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def add_business_days(day: datetime.date, count: int) -> datetime.date:
    """So many weekdays later; public holidays are not known here."""
    while count > 0:
        day += datetime.timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _month(name: str) -> int:
    bare = name.strip(". ").lower()
    return MONTHS.index(bare) + 1 if bare in MONTHS else _SHORT[bare]


def _last(year: int, month: int) -> datetime.date:
    return datetime.date(year, month, calendar.monthrange(year, month)[1])


def _date(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None
