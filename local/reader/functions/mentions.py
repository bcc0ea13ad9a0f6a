"""What a request mentions that could be an argument: numbers, names, quoted words, dates, lists; with their surroundings."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Literal

from prefect_gemini.local.reader.words import NUMERALS, terms

Kind = Literal["number", "name", "quoted", "date", "time", "list", "code"]

NUMBER_WORDS = {"zero": 0, **NUMERALS, "hundred": 100}
_SCALES = {"thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}

_QUOTED = re.compile(
    r"(?<![\w'])'([^'\n]{1,200}?)'(?!\w)|(?<!\w)\"([^\"\n]{1,200}?)\"|[“‘]([^”’\n]{1,200}?)[”’]|`([^`\n]{1,200}?)`"
)
_LIST = re.compile(r"\[([^\[\]]*)\]|\((-?\d[^()]*,[^()]*)\)")
_DATE = re.compile(
    r"\b\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z?)?|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|"
    r"\b(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? )?(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|"
    r"Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?(?: \d{1,2}(?:st|nd|rd|th)?\b(?!:))?,?(?: \d{4})\b|"
    r"\b(?:January|February|March|April|June|July|August|September|October|November|December) \d{1,2}(?:st|nd|rd|th)?\b"
)
_TIME = re.compile(r"\b\d{1,2}(?::\d{2})? ?(?:[ap]\.?m\b\.?)|\b\d{1,2}:\d{2}\b", re.IGNORECASE)
_CODE = re.compile(
    r"https?://[^\s'\"<>]+|\b[\w.+-]+@[\w-]+\.[\w.]+|\b(?:\d{1,3}\.){3}\d{1,3}\b|-?\d{1,3}\.\d+, ?-?\d{1,3}\.\d+\b"
)
_NUMBER = re.compile(
    r"(?P<sign>(?<![\w)])-)?(?P<currency>[$€£¥])?(?P<digits>(?<![\w.^])\d[\d,]*(?:\.\d+)?|\b(?:"
    + "|".join(NUMBER_WORDS)
    + r")\b)"
    r"(?P<ordinal>st|nd|rd|th)?(?:\b|(?=(?:mm|cm|km|m|kg|g|mg|lbs?|K|C|F|s|h|hrs?|ms|min|ft|L|ml|N|J|W|V|Hz|mph)(?:\b|\^)))(?P<percent> ?(?:%|percent\b))?(?: ?(?P<scale>thousand|million|billion)\b)?",
    re.IGNORECASE,
)
_ABBREVIATED = r"(?:Inc|Ltd|Co|Corp|St|Dr|Mr|Mrs|Ms|Jr|Sr|Prof|No|vs)\."
_WORD = rf"(?:{_ABBREVIATED}|(?:[A-Z]\.){{2,}}|[A-Z]\.(?= [A-Z])|[A-ZÀ-Þ][\w'’&+-]*)"
_NAME = re.compile(
    rf"(?<!\w){_WORD}(?:(?: (?:of the|of|de|la|du|von|van|der|&) |[ ])(?:{_WORD}|\d{{1,4}}\b))*(?:, (?:[A-Z]{{2,3}}\b|Inc\.?|Ltd\.?))?"
)
# Words that begin a sentence with a capital without naming anything.
_OPENERS = frozenset(re.findall(r"\S+", """
    a about add additionally after afterwards all also an analyse analyze and answer any apply are as assign at
    be before book buy by calculate call can cancel change check choose close compare compute confirm consider
    convert could create delete deliver describe determine did display do does draw each email enter estimate
    evaluate explain fetch file fill finally find first for forward from generate get give given go has have
    hello help hey hi how however i i'd i'll i'm i've if in include instead invite is it its just last lastly
    let let's list locate look mail make may me might moreover move my next no not now of on once one open or
    order our pay pick play please plus predict provide pull push put quickly rank read recommend remind remove
    replace reply report request reserve reset retrieve return review rewrite run say schedule search second
    send set show simulate since so solve some start stop submit subtract suggest sum summarize suppose take
    tell thank thanks that the their then there these they third this to today transfer translate try turn two
    under up update use using verify visit want was we were what what's when where which while who who's whose
    why will with without would write you your
"""))  # fmt: skip


@dataclass(frozen=True)
class Mention:
    """One thing a text mentions.

    Args:
        kind: what it looks like.
        text: as printed, quotes left out.
        value: a number's value, or the list's items; the text otherwise.
        start, end: in the request.
        before, after: the telling words around it, nearest first, within the sentence.
        lead: the word right before it, as it stands: `from`, `to`, `in`, `of`.
        unit: the word or sign right behind a number, or its currency.
        between: the text since the mention before.
        percent, ordinal: of a number.
    """

    kind: Kind
    text: str
    value: Any
    start: int
    end: int
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    lead: str = ""
    unit: str = ""
    between: str = ""
    percent: bool = False
    ordinal: bool = False


def mentions_in(text: str) -> list[Mention]:
    """Everything a text mentions, in order, without overlaps."""
    taken: list[tuple[int, int]] = []
    found: list[Mention] = []

    def free(start: int, end: int) -> bool:
        return all(end <= one or start >= other for one, other in taken)

    def take(kind: Kind, start: int, end: int, printed: str, value: Any, **more: Any) -> None:
        taken.append((start, end))
        found.append(_placed(text, Mention(kind, printed, value, start, end, **more)))

    for match in _LIST.finditer(text):
        items = _items(match[1] if match[1] is not None else match[2])
        if items and free(*match.span()):
            take("list", *match.span(), match[0], items)
    for match in _CODE.finditer(text):
        if free(*match.span()):
            printed = match[0].rstrip(".,;?!")
            take("code", match.start(), match.start() + len(printed), printed, printed)
    for match in _QUOTED.finditer(text):
        printed = next(group for group in match.groups() if group is not None).strip()
        if printed and free(*match.span()) and len(printed) < 0.6 * len(text):
            take("quoted", *match.span(), printed, printed)
    for kind, pattern in (("date", _DATE), ("time", _TIME)):
        for match in pattern.finditer(text):
            if free(*match.span()):
                printed = re.sub(r"(?<=[ap]m)\.$", "", match[0].strip(), flags=re.IGNORECASE)
                take(kind, *match.span(), printed, printed)  # type: ignore[arg-type]
    for match in _NAME.finditer(text):
        start, end = _trimmed(text, match)
        if end > start and free(start, end):
            take("name", start, end, text[start:end], text[start:end])
    for match in _NUMBER.finditer(text):
        if free(*match.span()) and (number := _number(match)) is not None:
            behind = re.match(r"[ -]?(m/s\^?2?|km/h|m\^?[23]|[A-Za-z°]+(?:/[a-z]+)?)", text[match.end() :])
            unit = match["currency"] or (behind[1] if behind else "")
            take(
                "number",
                *match.span(),
                match[0],
                number,
                unit=unit,
                percent=bool(match["percent"]),
                ordinal=bool(match["ordinal"]),
            )
    ordered = sorted(found, key=lambda one: one.start)
    ends = [0, *(one.end for one in ordered)]
    return [replace(one, between=text[end : one.start]) for end, one in zip(ends, ordered, strict=False)]


def _items(inner: str) -> list[Any]:
    items: list[Any] = []
    for piece in inner.split(","):
        stripped = piece.strip().strip("'\"")
        if not stripped:
            continue
        try:
            items.append(int(stripped) if re.fullmatch(r"-?\d+", stripped) else float(stripped))
        except ValueError:
            items.append(stripped)
    return items


def _number(match: re.Match[str]) -> int | float | None:
    digits = match["digits"].lower()
    if digits in NUMBER_WORDS:
        # "one" is mostly a pronoun; as a number it stands before a noun, which cannot be told here.
        number: int | float = NUMBER_WORDS[digits]
    else:
        plain = digits.replace(",", "").rstrip(".")
        number = float(plain) if "." in plain else int(plain)
    if match["scale"]:
        number *= _SCALES[match["scale"].lower()]
    return -number if match["sign"] else number


def _trimmed(text: str, match: re.Match[str]) -> tuple[int, int]:
    """A name without the word that only begins its sentence, and without a possessive or final stop."""
    start, end = match.span()
    words = list(re.finditer(r"\S+", text[start:end]))
    opens = start == 0 or re.search(r"(?:[.!?:\"“(]|\n)\s*$", text[max(0, start - 3) : start]) is not None
    first = 0
    while (
        first < len(words)
        and words[first][0].lower().strip(".,'’") in _OPENERS
        and (opens or words[first][0] in ("I", "I'm", "I'd", "I'll", "I've", "A"))
    ):
        first += 1
    if first == len(words):
        return start, start
    for place in range(first + 1, len(words)):
        if words[place - 1][0].endswith(".") and words[place][0].lower() in _OPENERS:
            end, words = start + words[place - 1].end(), words[:place]
            break
    while first < len(words) and words[first][0] in ("of", "the", "to", "and", "for", "in", "&"):
        first += 1
    if first == len(words):
        return start, start
    begin = start + words[first].start()
    printed = text[begin:end]
    stop = re.search(r"(?:['’]s|(?<![A-Z])(?<!Inc)(?<!Ltd)(?<!Co)(?<!Corp)(?<!St)(?<!Dr)\.)$", printed)
    return begin, end - (len(stop[0]) if stop else 0)


def _placed(text: str, one: Mention) -> Mention:
    """The mention with the words around it."""
    stops = [match.end() for match in re.finditer(r"[.!?]\s+(?=[A-Z\"'])", text)]
    start = max((stop for stop in stops if stop <= one.start), default=0)
    end = min((stop for stop in stops if stop >= one.end), default=len(text))
    left, right = text[start : one.start], text[one.end : end]
    # Words beyond a comma or an "and" speak of something else, unless there are none on this side of it.
    near = re.split(r"[,;:]\s|\band\b", left)[-1]
    left = near if terms(near) else left
    right = re.split(r"[,;:]\s|\band\b", right)[0]
    lead = re.findall(r"[\w']+", left.lower())
    return replace(
        one, before=tuple(reversed(terms(left)[-8:])), after=tuple(terms(right)[:5]), lead=lead[-1] if lead else ""
    )
