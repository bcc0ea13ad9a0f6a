"""Choose a label for a text by the words it shares with the label's name and description."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from prefect_gemini.local.engine import EngineRefusal
from prefect_gemini.local.reader.intake import Intake
from prefect_gemini.local.reader.labels.likeness import label_scores
from prefect_gemini.local.reader.resolve import Schema
from prefect_gemini.local.reader.roles import role_of
from prefect_gemini.local.reader.words import terms

_NUMBERED = re.compile(r"\s*[-*]?\s*(\d+)\s*[:.)=-]\s+(.+)$")
_EXAMPLE = re.compile(r"\s*for example:\s*(.+)$", re.IGNORECASE)

SURE = 0.12
"""Below this likeness a text belongs to the label for everything else, where there is one."""


@dataclass(frozen=True)
class Labels:
    """The labels a schema offers.

    Args:
        names: as they read, with their descriptions where the schema or the prompt gives any.
        values: what the answer says for each.
        key: the property that holds the answer; "" where the schema is the choice itself.
        several: the answer is a list.
        examples: texts that have each label, where the schema gives any.
    """

    names: tuple[str, ...]
    values: tuple[Any, ...]
    key: str = ""
    several: bool = False
    examples: tuple[tuple[str, ...], ...] = ()

    def answer(self, chosen: list[int]) -> Any:
        """The answer that names the labels chosen, by their places."""
        value = [self.values[place] for place in chosen] if self.several else self.values[chosen[0]]
        return {self.key: value} if self.key else value


def labels_of(schema: Schema) -> Labels | None:
    """The labels of a schema that asks for nothing but a choice; None for any other schema.

    Taken as a choice: a list of strings, an object whose one property is such a list, or the number of a label
    that the description lists ("0: spam").
    """
    properties = schema.get("properties")
    if isinstance(properties, dict):
        if len(properties) != 1:
            return None
        key, inner = next(iter(properties.items()))
        if role_of(key, inner) not in (None, "category", "document_type"):
            return None  # a currency or a means of payment is printed, not judged
        found = labels_of(inner) if "properties" not in inner else None
        return replace(found, key=key) if found else None
    if schema.get("type") == "array" and isinstance(schema.get("items"), dict):
        item = {"description": schema.get("description", ""), **schema["items"]}
        found = labels_of(item) if "properties" not in item else None
        return replace(found, several=True) if found else None
    listed, shown = _listed(str(schema.get("description", "")))
    choices = schema.get("enum")
    if choices is None and schema.get("type") == "integer" and len(listed) > 1:
        choices = sorted(int(number) for number in listed)
    if not choices or len(choices) < 2:
        return None
    names = tuple(listed.get(str(choice), str(choice)) for choice in choices if choice is not None)
    if all(re.fullmatch(r"\d+", name) for name in names):
        return None
    offered = tuple(choice for choice in choices if choice is not None)
    return Labels(names, offered, examples=tuple(tuple(shown.get(str(choice), ())) for choice in offered))


def _listed(description: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """What a description lists by number: "0: spam", and below it "for example: …"."""
    listed: dict[str, str] = {}
    shown: dict[str, list[str]] = {}
    current = ""
    for line in description.splitlines():
        if found := _EXAMPLE.match(line):
            shown.setdefault(current, []).append(found[1].strip().strip('"'))
        elif found := _NUMBERED.match(line):
            current = found[1]
            listed[current] = found[2]
    return listed, shown


def choose_label(intake: Intake, labels: Labels) -> list[int]:
    """The places of the labels whose words the material shares.

    Raises:
        EngineRefusal: no label shares a word with the material, so that any choice would be a guess.
    """
    described = dict(_described(intake.prompt, labels.names))
    material = intake.material or intake.prompt
    if not intake.pages:
        # A lone prompt holds both; what lists the labels is not what is to be labelled.
        material = "\n".join(
            line for line in material.splitlines() if sum(name.lower() in line.lower() for name in labels.names) < 2
        )
    scores = label_scores(material, [f"{name} {described.get(name, '')}" for name in labels.names], labels.examples)
    best = max(range(len(scores)), key=lambda place: (scores[place], -place))
    if labels.several:
        return [place for place, score in enumerate(scores) if score > 0 and score >= 0.6 * scores[best]]
    fallback = [place for place, name in enumerate(labels.names) if _is_other(name)]
    if len(fallback) == 1 and scores[best] < SURE:
        return fallback
    if scores[best] <= 0:
        raise EngineRefusal(
            "No label shares a word with the text, and the local reader compares words only. Describe the labels, or "
            "set GOOGLE_API_KEY (or a Google Cloud project with application-default credentials) to use Gemini."
        )
    return [best]


def _is_other(name: str) -> bool:
    """Whether a label is the one for what fits no other: other, none, unknown, out of scope."""
    first = re.split(r"[(:–]", name)[0]
    if re.search(r"\bnone of (?:these|them|the others|the above)\b", name, re.IGNORECASE):
        return True
    return bool(set(terms(first)) & _OTHER) or {"out", "scope"} <= set(re.findall(r"[a-z]+", first.lower()))


_OTHER = frozenset({"other", "none", "oth", "unknown", "miscellaneous", "else", "unclear"})


def _described(prompt: str, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Descriptions the prompt gives: "spam: unwanted advertising"."""
    found = []
    for name in names:
        match = re.search(rf"^\W*(?:\d+\W+)?{re.escape(name)}\s*[:=(–-]\s*(.+)$", prompt, re.MULTILINE | re.IGNORECASE)
        if match:
            found.append((name, match[1]))
    return found
