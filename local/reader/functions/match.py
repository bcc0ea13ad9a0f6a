"""How well a mention fits a parameter: by type, unit, and the words around it. Nothing fits without a reason."""

from __future__ import annotations

import re
from typing import Any

from prefect_gemini.local.reader.dates import dates_in
from prefect_gemini.local.reader.functions.mentions import Mention
from prefect_gemini.local.reader.functions.parameters import (
    CLASSES,
    COUNTS,
    DATES,
    ENDS,
    PEOPLE,
    PLACES,
    STARTS,
    TITLES,
    Parameter,
)
from prefect_gemini.local.reader.words import stem, terms

FLOOR = 1.5
"""Below this a mention has no reason to be this argument."""

_STARTING = frozenset(["from", "between", "starting", "departing"])
_ENDING = frozenset(["to", "until", "till", "ending", "towards"])
_PLACING = frozenset(["in", "at", "near", "from", "to", "around", "nearby", "within", "between", "location", "the"])
_DAYS = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "tomorrow"])


def fits(mention: Mention, parameter: Parameter) -> float:
    """A score; 0.0 where the types cannot agree."""
    if parameter.choices or parameter.kind in ("boolean", "object"):
        return 0.0
    if parameter.kind in ("integer", "number"):
        return _number(mention, parameter)
    if parameter.kind == "array":
        item = parameter.schema.get("items")
        inner = Parameter(parameter.name, item | {"description": parameter.description}, parameter.required, 0) if isinstance(item, dict) else None  # fmt: skip
        if mention.kind == "list":
            return 2.5 + _cues(mention, parameter) if _fitting_items(mention.value, inner) else 0.0
        if inner is None or inner.kind not in ("string", "number", "integer"):
            return 0.0
        return fits(mention, inner)
    return _string(mention, parameter)


def value_of(mention: Mention, parameter: Parameter) -> Any:
    """The argument a mention stands for."""
    kind = parameter.kind
    if kind == "array":
        item = parameter.schema.get("items")
        inner = Parameter(parameter.name, item if isinstance(item, dict) else {}, True, 0)
        return list(mention.value) if mention.kind == "list" else value_of(mention, inner)
    if kind in ("integer", "number"):
        number = mention.value
        if mention.percent and kind == "number" and not re.search(r"percent|%", parameter.description, re.IGNORECASE):
            return round(number / 100, 10)
        if kind == "integer" and isinstance(number, float) and number.is_integer():
            return int(number)
        return number
    return _dated(mention, parameter) if mention.kind in ("date", "time") else mention.text


def _dated(mention: Mention, parameter: Parameter) -> str:
    """A date in the form the declaration asks for; as printed where it asks for none."""
    words = f"{parameter.schema.get('format', '')} {parameter.description}"
    found = next(iter(dates_in(mention.text)), None)
    if found is None or not re.search(r"\bdate(?:-time)?\b|ISO|YYYY-MM-DD", words):
        return mention.text
    day = found.value.isoformat()
    wants_time = parameter.schema.get("format") == "date-time" or "T" in "".join(
        re.findall(r"\d{4}-\d\d-\d\d(T)", words)
    )
    clock = _clock(mention.text)
    if wants_time and clock is not None:
        return f"{day}T{clock}Z" if re.search(r"\bUTC\b|\bGMT\b", mention.text) else f"{day}T{clock}"
    if parameter.schema.get("format") == "date" or "YYYY-MM-DD" in words or "ISO" in words:
        return day
    return mention.text


def _clock(text: str) -> str | None:
    found = re.search(r"\b(\d{1,2})(?::(\d{2}))? ?([ap])\.?m\b", text, re.IGNORECASE) or re.search(
        r"\b(\d{1,2}):(\d{2})()\b", text
    )
    if found is None:
        return None
    hour = int(found[1]) % 12 + 12 * (found[3].lower() == "p") if found[3] else int(found[1])
    return f"{hour:02}:{int(found[2] or 0):02}:00"


def _number(mention: Mention, parameter: Parameter) -> float:
    if mention.kind != "number":
        return 0.0
    if parameter.kind == "integer" and isinstance(mention.value, float) and not mention.value.is_integer():
        return 0.0
    least, most = parameter.schema.get("minimum"), parameter.schema.get("maximum")
    if (least is not None and mention.value < least) or (most is not None and mention.value > most):
        return 0.0
    score = 1.0 + _cues(mention, parameter)
    unit = mention.unit.lower()
    if unit and stem(unit) in parameter.told:
        score += 3.0
    elif unit and stem(unit) in parameter.about:
        score += 1.0
    kinds = [kind for kind, (_, units) in CLASSES.items() if unit in units]
    if kinds:
        score += (
            2.0
            if set(kinds) & set(parameter.quantities)
            else -1.5
            if parameter.quantities
            else 0.0
            if kinds == ["money"]
            else -0.5
        )
    yearlike = isinstance(mention.value, int) and 1000 <= mention.value <= 2100 and not kinds and not mention.percent
    if "year" in parameter.told and yearlike:
        score += 2.5
    elif yearlike and "year" not in parameter.about:
        score -= 1.5
    if parameter.named & STARTS:
        score += 1.5 if mention.lead in (*_STARTING, "below", "least", "within", "minimum") else 0.0
    if parameter.named & ENDS:
        score += 1.5 if mention.lead in (*_ENDING, "above", "most", "maximum") else 0.0
    if mention.percent:
        score += 2.0 if re.search(r"rate|percent|%|interest|probab|ratio|confidence", f"{parameter.name} {parameter.description}", re.IGNORECASE) else -1.5  # fmt: skip
    if (
        (parameter.named & COUNTS)
        and not parameter.quantities
        and (mention.lead in ("top", "next", "first", "last", "exactly", "roll", "find") or unit)
    ):
        score += 1.0
    return score


def _string(mention: Mention, parameter: Parameter) -> float:
    dated = (
        parameter.schema.get("format") in ("date", "date-time", "time")
        or bool(parameter.named & DATES)
        or "time" in parameter.named
    )
    if mention.kind in ("date", "time"):
        wanted = "time" if mention.kind == "time" else "date"
        return (3.0 if wanted in parameter.named else 2.0) + _cues(mention, parameter) if dated else 0.0
    if mention.kind == "number" or mention.kind == "list":
        return 0.0
    if mention.kind == "code":
        return 1.0 + _cues(mention, parameter) + (2.0 if _looks(mention.text, parameter) else 0.0)
    named_day = mention.text.lower() in _DAYS
    if dated:
        return 1.5 + 0.5 * _cues(mention, parameter) if named_day or re.match(r"\d{4}-\d\d-\d\d", mention.text) else 0.0
    score = (1.5 if mention.kind == "quoted" else 1.0) - (1.0 if named_day else 0.0) + _cues(mention, parameter)
    inside = frozenset(terms(mention.text))
    if mention.kind == "name" and inside <= parameter.named:
        return 0.0  # "the URL is" names the parameter, not its value
    if inside & parameter.told:
        score += 2.0
    elif inside & (parameter.about - PLACES):
        score += 1.0
    if parameter.asks(PLACES) and mention.kind == "name":
        score += 1.5 if mention.lead in _PLACING else 0.5
    if parameter.named & TITLES and mention.kind == "quoted":
        score += 1.0
    if parameter.named & PEOPLE:
        score += 1.5 if mention.lead in ("by", "of") else 0.3 if mention.lead not in _PLACING else 0.0
    if parameter.named & STARTS:
        score += 2.0 if mention.lead in _STARTING else -0.5 if mention.lead in _ENDING or mention.lead == "and" else 0.0
    if parameter.named & ENDS:
        score += 2.0 if mention.lead in _ENDING or mention.lead == "and" else -0.5 if mention.lead in _STARTING else 0.0
    return score


def _cues(mention: Mention, parameter: Parameter) -> float:
    """Words of the parameter near the mention; the name's count more, the nearer the more."""
    score = 0.0
    for place, word in enumerate(mention.before[:6]):
        weight = 1.0 / (1 + 0.35 * place)
        score = max(score, 2.5 * weight if word in parameter.told else 1.2 * weight if word in parameter.about else 0.0)
    for place, word in enumerate(mention.after[:2]):
        weight = 0.8 / (1 + 0.6 * place)
        score = max(score, 2.5 * weight if word in parameter.told else 1.0 * weight if word in parameter.about else 0.0)
    return score


def names_it(mention: Mention, parameter: Parameter) -> bool:
    """Whether the parameter's own name, or a unit of its kind, stands by a mention."""
    near = {*mention.before[:6], *mention.after[:2], stem(mention.unit.lower())}
    unit = mention.unit.lower()
    kinds = {kind for kind, (_, units) in CLASSES.items() if unit in units}
    if "year" in parameter.told and isinstance(mention.value, int) and 1000 <= mention.value <= 2100:
        return True
    return bool(near & parameter.told) or bool(kinds & set(parameter.quantities) and kinds - {"money"})


def _looks(text: str, parameter: Parameter) -> bool:
    """Whether a web address, mail address or pair of coordinates is what the parameter asks for."""
    words = f"{parameter.name} {parameter.description}".lower()
    if "://" in text:
        return "url" in words or "link" in words or "uri" in words
    if "@" in text:
        return bool(re.search(r"mail|recipient|sender|address|contact|\bto\b", words))
    if "," in text:
        return "latitude" in words or "coordinate" in words
    return "ip" in re.findall(r"[a-z]+", words)


def _fitting_items(items: list[Any], inner: Parameter | None) -> bool:
    if inner is None:
        return True
    if inner.kind == "integer":
        return all(isinstance(item, int) for item in items)
    if inner.kind == "number":
        return all(isinstance(item, int | float) for item in items)
    return inner.kind == "string"
