"""Common labels whose names do not say how texts of theirs sound: words and marks that do, from general knowledge."""

from __future__ import annotations

import re
from dataclasses import dataclass

from prefect_gemini.local.reader.words import terms


@dataclass(frozen=True)
class Cues:
    """What gives a label away.

    Args:
        names: stems of which one stands in the label's name.
        words: stems that texts of this label hold.
        marks: patterns that they hold, by name in `MARKS`.
    """

    names: frozenset[str]
    words: frozenset[str]
    marks: frozenset[str] = frozenset()


MARKS = {
    "money": re.compile(r"[$£€]\s?\d|\d\s?(?:p|ppm|gbp|pounds?)\b", re.IGNORECASE),
    "short number": re.compile(r"(?<![\d&#;])\b\d{5,6}\b(?![\d&#;])"),
    "phone number": re.compile(r"\b0\d{8,11}\b|\b\d{3}[-.]\d{3}[-.]\d{4}\b"),
    "link": re.compile(r"\bwww\.|https?://|\.(?:com|co\.uk|net)\b", re.IGNORECASE),
    "shouting": re.compile(r"\b[A-Z]{4,}\b.*\b[A-Z]{4,}\b", re.DOTALL),
    "small words": re.compile(r"(?:^|\s)(?:i|i'm|im|u|ur|r|ok|lol|haha|me|my|we|he|she)(?:\s|$|[.,!?])", re.IGNORECASE),
}


def _cues(names: str, words: str, *marks: str) -> Cues:
    return Cues(frozenset(terms(names)), frozenset(terms(words)), frozenset(marks))


CUES = (
    _cues(
        "spam junk advertising promotion scam phishing",
        "free win winner won prize claim cash award bonus guaranteed offer discount sale urgent txt text reply stop subscribe unsubscribe "
        "mobile ringtone voucher gift exclusive congratulations selected customer account verify click subscription entry draw per min "
        "cost sms msg rate services dating chat singles collect delivery camera holiday credit loan",
        "money", "short number", "phone number", "link", "shouting",
    ),
    _cues("ham legitimate", "lol ok home later tonight tomorrow sorry love dinner lunch class sleep mom dad friend going come see thanks good night work wait", "small words"),
    _cues("positive praise happy satisfied", "great good excellent love perfect happy amazing wonderful best thank recommend pleased fantastic easy fast friendly helpful enjoy awesome nice impressed"),
    _cues("negative complaint angry unhappy dissatisfied", "bad terrible awful worst broken hate disappointed refund slow poor rude unacceptable angry never problem wrong late waste useless horrible fail frustrating"),
    _cues("violence violent threat", "kill killed killing murder shoot shot gun weapon knife stab blood bloody beat attack bomb die dead death hang hanging burn war punch wound bone fight destroy massacre execute torture"),
    _cues("self-harm selfharm suicide", "suicide suicidal kill cut cutting scar scars self harm anorexia anorexic bulimia starve starving overdose pills razor die depressed purge myself"),
    _cues("sexual sex erotic adult", "sex sexual sexy naked nude porn penis breast orgasm erotic kiss fuck horny virgin"),
    _cues("hate hatred hateful racism", "hate jew jews jewish muslim muslims islam christian black blacks white gay gays lesbian trans immigrant immigrants race racist women woman men religion religious zionist nazi asian mexican africans infidel"),
    _cues("harassment bullying insult abuse", "idiot stupid moron loser ugly shut pathetic dumb disgusting trash scum clown coward retard worthless liar crap bitch ass fuck hell"),
)  # fmt: skip


def cues_of(label: str) -> Cues | None:
    """The cues of a label, by its name alone; None where its name is of no common kind."""
    name = frozenset(terms(re.split(r"[(:–]", label)[0]))
    return next((cues for cues in CUES if cues.names & name), None)


def marks_of(text: str) -> frozenset[str]:
    """The marks that a text holds."""
    return frozenset(name for name, pattern in MARKS.items() if pattern.search(text))
