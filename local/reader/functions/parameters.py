"""What a parameter is about: the words of its name and description, its kind of value, its examples and choices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from prefect_gemini.local.reader.resolve import Schema
from prefect_gemini.local.reader.values import types_of
from prefect_gemini.local.reader.words import terms

_EXAMPLE = re.compile(r"(?:such as|like|e\.g\.,?|for example,?|for instance,?|i\.e\.,?|can be|either|one of|options?:?|types?:)\s+([^.;()]+)", re.IGNORECASE)  # fmt: skip
_QUOTED = re.compile(r"['\"‘“`]([^'\"’”`]{1,60})['\"’”`]")
_HOLLOW = frozenset(terms("value given name of the id optional default number list array string type kind is include data info information details example format provided specified used to be get set parameter whether flag if true false"))  # fmt: skip

CLASSES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    name: (frozenset(terms(words)), frozenset(units.split()))
    for name, words, units in (
        ("length", "distance length height width depth radius diameter far altitude displacement side base", "m meter meters metre metres km kilometer kilometers kilometers mile miles cm mm centimeters foot feet ft inch inches yards"),
        ("time", "time duration period hours minutes seconds long interval", "s sec second seconds minute minutes min hour hours hr hrs h ms day days week weeks month months year years"),
        ("years", "year years term", "year years yr yrs"),
        ("days", "day days", "day days"),
        ("nights", "night nights stay", "night nights"),
        ("mass", "mass weight", "kg kilogram kilograms g gram grams mg lb lbs pound pounds ton tons"),
        ("temperature", "temp temperature heat", "k kelvin c celsius f fahrenheit degree degrees °c °f"),
        ("speed", "speed velocity", "m/s km/h mph kph"),
        ("acceleration", "acceleration", "m/s^2 m/s2"),
        ("volume", "volume", "m^3 m3 liter liters litre litres l ml"),
        ("area", "area", "m^2 m2 acres hectares"),
        ("force", "force", "n newton newtons"),
        ("energy", "energy work", "j joule joules calories kcal"),
        ("people", "people person guest guests traveler party attendees", "people persons guests adults adult travelers"),
        ("money", "price income equity amount investment cost budget revenue asset principal salary loan capital money dividend value fee expense liability payment deposit balance cash debt profit sale purchase bill tip total tax spend", "$ € £ ¥ dollars dollar usd eur euros"),
    )
}  # fmt: skip
"""Kinds of quantity: the words that ask for one, and the units it is printed with."""

PLACES = frozenset(terms("city location place country state region area address destination origin town venue county nation neighborhood where"))  # fmt: skip
PEOPLE = frozenset(terms("person artist author player user patient composer actor director employee customer writer inventor scientist leader judge who"))  # fmt: skip
TITLES = frozenset(terms("title book movie film song artwork exhibition album painting event show game article"))
WHOLE = frozenset(terms("query question keyword search prompt message text sentence"))
STARTS = frozenset(terms("start origin from source begin departure pickup initial first min minimum lower"))
ENDS = frozenset(terms("end destination to target finish arrival dropoff final last max maximum upper"))
COUNTS = frozenset(terms("number num count limit top quantity amount total results how many max n"))
DATES = frozenset(terms("date day deadline when datetime month"))


@dataclass(frozen=True)
class Parameter:
    """One parameter of a function.

    Args:
        name: as declared.
        schema: its JSON schema.
        required: the call is none without it.
        place: its place among the others.
    """

    name: str
    schema: Schema
    required: bool
    place: int

    @cached_property
    def kind(self) -> str:
        """number, integer, boolean, array, object or string."""
        types = [one for one in types_of(self.schema) if one != "null"]
        return types[0] if types else "string"

    @cached_property
    def description(self) -> str:
        return str(self.schema.get("description") or "")

    @cached_property
    def named(self) -> frozenset[str]:
        """The telling words of the name."""
        return frozenset(terms(self.name.replace(".", " ")))

    @cached_property
    def told(self) -> frozenset[str]:
        """The telling words of the name without hollow ones, all of them where nothing else is left."""
        return (self.named - _HOLLOW) or self.named

    @cached_property
    def about(self) -> frozenset[str]:
        """The words of the description, up to its examples and default."""
        text = re.split(r"(?i)\bdefault|\be\.g\.|\bfor example|\bfor instance|\bsuch as\b", self.description)[0]
        return frozenset(terms(text)) - _HOLLOW

    @cached_property
    def choices(self) -> tuple[Any, ...]:
        """The values an enum allows, of the parameter or of its items."""
        items = self.schema.get("items")
        options = self.schema.get("enum") or (items.get("enum") if isinstance(items, dict) else None) or ()
        return tuple(option for option in options if option is not None)

    @cached_property
    def examples(self) -> tuple[str, ...]:
        """Values that the description offers: quoted ones, and lists behind "such as"."""
        found = [one.strip() for one in _QUOTED.findall(self.description)]
        for listed in _EXAMPLE.findall(self.description):
            found += [one.strip(" '\"") for one in re.split(r",|\bor\b|\band\b|/", listed)]
        return tuple(dict.fromkeys(one for one in found if 1 < len(one) <= 40))

    @cached_property
    def quantities(self) -> tuple[str, ...]:
        """The kinds of quantity that it may be, the name's before the description's."""
        by_name = [kind for kind, (words, _) in CLASSES.items() if words & self.named]
        by_text = [kind for kind, (words, _) in CLASSES.items() if words & self.about]
        return tuple(dict.fromkeys(by_name or by_text))

    def asks(self, words: frozenset[str]) -> bool:
        """Whether name or description ask for one of these."""
        return bool(words & self.named) or bool(words & self.about)


def parameters_of(schema: Schema) -> tuple[Parameter, ...]:
    """The parameters a function declares, in order; those inside objects by their path, `budget.min`."""
    return tuple(
        Parameter(path, part, required, place)
        for place, (path, part, required) in enumerate(_flat(schema, "", required=True))
    )


def _flat(schema: Schema, above: str, *, required: bool) -> Iterator[tuple[str, Schema, bool]]:
    needed = set(schema.get("required") or ())
    for name, part in (schema.get("properties") or {}).items():
        if not isinstance(part, dict):
            continue
        path, must = f"{above}{name}", required and name in needed
        if part.get("properties") and above.count(".") < 3:
            about = {"description": f"{part.get('description', '')}"}
            for inner, one, need in _flat(part, f"{path}.", required=must):
                yield inner, {**one, "description": f"{one.get('description', '')} {about['description']}"}, need
        else:
            yield path, part, must


def nested(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments by path as the object that the schema means."""
    whole: dict[str, Any] = {}
    for path, value in arguments.items():
        *above, name = path.split(".")
        inner = whole
        for step in above:
            inner = inner.setdefault(step, {})
        inner[name] = value
    return whole
