"""Finding a quote in a text: as it stands, then by meaning of its characters, then nearly."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

FUZZY_THRESHOLD = 0.90
"""Share of characters that must agree (rapidfuzz's ratio, 0 to 1) for a fuzzy match; digits must all agree."""

FUZZY_MIN = 6
"""Shorter quotes are never matched fuzzily: too many words are one letter apart."""

MOST = 200
"""Places that are looked at for one quote."""

_HYPHENS = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_QUOTES = {**dict.fromkeys("‘’‚‛′´`", "'"), **dict.fromkeys("“”„‟″«»", '"')}
_INVISIBLE = "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
# A hyphen between letters goes, with the line break behind it, so that "inter-\nnational", "inter-national"
# and "international" are one; between digits it stays, so that 10-20 is not 1020.
_PIECE = re.compile(
    rf"(?P<drop>(?<=[^\W\d_])[{_HYPHENS}](?:[ \t]*\r?\n[ \t]*)?(?=[^\W\d_])|[{_INVISIBLE}\u00ad]+)"
    rf"|(?P<hyphen>[{_HYPHENS}])"
    r"|(?P<space>\s+)"
    r"|(?P<plain>[!-,./-~]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)

Match = Literal["exact", "normalised", "fuzzy"]


class Span(NamedTuple):
    """Where something stands: `text[start:end]`, how it was found, and how well it agrees (0 to 1)."""

    start: int
    end: int
    match: Match
    score: float


@dataclass(frozen=True)
class Folded:
    """A text with case, width, accents' encoding, blanks and hyphens evened out, and the way back.

    Args:
        text: the folded text.
        starts, ends: for each folded character, the span of the original it came from.
    """

    text: str
    starts: array[int]
    ends: array[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that `text[start:end]` came from."""
        return self.starts[start], self.ends[end - 1]

    @cached_property
    def squeezed(self) -> Folded:
        """The same without any blanks, for print whose spacing was lost."""
        kept = [index for index, letter in enumerate(self.text) if letter != " "]
        return Folded(
            self.text.replace(" ", ""),
            array("q", [self.starts[index] for index in kept]),
            array("q", [self.ends[index] for index in kept]),
        )


def fold(text: str) -> Folded:
    """Even out a text, keeping the offsets of every character."""
    out: list[str] = []
    starts, ends = array("q"), array("q")
    for match in _PIECE.finditer(text):
        kind, begin, finish = match.lastgroup, match.start(), match.end()
        if kind == "plain":
            out.append(match.group().lower())
            starts.extend(range(begin, finish))
            ends.extend(range(begin + 1, finish + 1))
            continue
        if kind == "drop":
            continue
        if kind == "space":
            piece = " "
        elif kind == "hyphen":
            piece = "-"
        else:
            piece = _folded_letter(match.group())
            if not piece or unicodedata.combining(match.group()):
                # A mark belongs to the letter before it: the span of that letter grows.
                if ends:
                    ends[-1] = finish
                continue
        out.append(piece)
        starts.extend([begin] * len(piece))
        ends.extend([finish] * len(piece))
    return Folded("".join(out), starts, ends)


def _folded_letter(letter: str) -> str:
    plain = _QUOTES.get(letter)
    if plain:
        return plain
    decomposed = unicodedata.normalize("NFKD", letter.casefold())
    return "".join(part for part in decomposed if not unicodedata.combining(part)).casefold()


class Haystack:
    """A text to look for many quotes in; what it takes is prepared once."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def folded(self) -> Folded:
        return fold(self.text)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line_of(self, offset: int) -> int:
        """The index of the line an offset is in."""
        return bisect_right(self._line_starts, offset) - 1

    def line(self, index: int) -> str:
        """The text of a line; empty outside the text."""
        if not 0 <= index < len(self._line_starts):
            return ""
        end = self._line_starts[index + 1] if index + 1 < len(self._line_starts) else len(self.text)
        return self.text[self._line_starts[index] : end]

    def find(self, quote: str, *, threshold: float = FUZZY_THRESHOLD) -> tuple[Span, ...]:
        """All places of a quote, at most `MOST`, found by the strictest way that finds any.

        Exact; then with case, blanks, hyphens and Unicode forms evened out; then without any blanks; then
        fuzzy from `threshold` on, where all digits must agree: 12.10 is not nearly 12.70.
        """
        needle = quote.strip()
        if not needle:
            return ()
        exact = [Span(at, at + len(needle), "exact", 1.0) for at in _occurrences(needle, self.text, self.text, None)]
        if exact:
            return tuple(exact)
        folded = fold(needle).text.strip()
        if not folded:
            return ()
        for hay, key in ((self.folded, folded), (self.folded.squeezed, folded.replace(" ", ""))):
            if hay is not self.folded and len(key) < 4:
                break
            places = [hay.original(at, at + len(key)) for at in _occurrences(key, hay.text, self.text, hay)]
            if places:
                return tuple(Span(start, end, "normalised", 1.0) for start, end in places)
        return self._nearly(folded, threshold)

    def _nearly(self, key: str, threshold: float) -> tuple[Span, ...]:
        if len(key) < FUZZY_MIN or threshold >= 1:
            return ()
        hay = self.folded
        best: Span | None = None
        for low, high in _windows(key, hay.text):
            window = hay.text[low:high]
            found = fuzz.partial_ratio_alignment(key, window, score_cutoff=100 * threshold)
            if found is None or found.dest_end <= found.dest_start:
                continue
            begin, finish = _trimmed(key, hay.text, low + found.dest_start, low + found.dest_end)
            score = fuzz.ratio(key, hay.text[begin:finish]) / 100
            if score < threshold or not _same_digits(key, hay.text[begin:finish]):
                continue
            if best is None or score > best.score:
                best = Span(*hay.original(begin, finish), "fuzzy", round(min(score, 0.999), 3))
        return (best,) if best else ()


def _occurrences(needle: str, hay: str, original: str, folded: Folded | None) -> Iterator[int]:
    """Places of a needle that do not cut a word or number in two."""
    at, count = hay.find(needle), 0
    while at >= 0 and count < MOST:
        start, end = folded.original(at, at + len(needle)) if folded else (at, at + len(needle))
        if _free(original, start, end):
            count += 1
            yield at
        at = hay.find(needle, at + 1)


def _free(text: str, start: int, end: int) -> bool:
    return not (
        (start > 0 and _joined(text[start - 1], text[start])) or (end < len(text) and _joined(text[end - 1], text[end]))
    )


def _joined(left: str, right: str) -> bool:
    """Whether two neighbours belong to one word or number. Scripts without blanks have no such thing."""
    if left.isdigit() and right.isdigit():
        return True
    # RM12.50 and 12kg are two words each.
    if left.isdigit() != right.isdigit():
        return False
    return left.isalpha() and right.isalpha() and ord(left) < 0x2E80 and ord(right) < 0x2E80


def _windows(key: str, hay: str) -> list[tuple[int, int]]:
    """Where a needle may be: stretches in which several of its short pieces stand at the right distance."""
    size = 5 if len(key) >= 20 else 3
    if len(hay) <= 4 * len(key) + 64:
        return [(0, len(hay))]
    step = max(1, (len(key) - size) // 100)
    bucket = max(8, len(key) // 4)
    votes: Counter[int] = Counter()
    for offset in range(0, len(key) - size + 1, step):
        piece = key[offset : offset + size]
        at = hay.find(piece)
        for _ in range(MOST):
            if at < 0:
                break
            votes[max(0, at - offset) // bucket] += 1
            at = hay.find(piece, at + 1)
    # Neighbouring buckets share the votes of one place.
    joined = Counter({index: votes[index] + votes[index + 1] for index in votes})
    places = [index * bucket for index, _ in joined.most_common(12)]
    margin = len(key) // 3 + bucket
    return [(max(0, place - margin), place + bucket + len(key) + margin) for place in places]


def _trimmed(key: str, hay: str, begin: int, finish: int) -> tuple[int, int]:
    """The span from the first to the last letter the needle shares with a stretch, grown to whole words."""
    shared = [op for op in Indel.opcodes(key, hay[begin:finish]) if op.tag == "equal"]
    if shared:
        begin, finish = begin + shared[0].dest_start, begin + shared[-1].dest_end
    return _whole_words(hay, begin, finish)


def _same_digits(key: str, found: str) -> bool:
    """Whether two texts have the same digits; one digit inside a word is a letter misread, as in 8ESAR."""
    wanted = re.findall(r"\d", key)
    if wanted == re.findall(r"\d", found):
        return True
    return not _MISREAD.search(key) and wanted == re.findall(r"\d", _MISREAD.sub("", found))


_MISREAD = re.compile(r"\b(?:[^\W\d_]{3,}\d[^\W\d_]*|[^\W\d_]*\d[^\W\d_]{3,})\b")


def _whole_words(text: str, begin: int, finish: int) -> tuple[int, int]:
    """Grow a span to the ends of the words it cuts, trim blanks round it."""
    while begin > 0 and _joined(text[begin - 1], text[begin]):
        begin -= 1
    while finish < len(text) and _joined(text[finish - 1], text[finish]):
        finish += 1
    while begin < finish - 1 and text[begin] == " ":
        begin += 1
    while finish > begin + 1 and text[finish - 1] == " ":
        finish -= 1
    return begin, finish
