"""Cut the text of a contract into passages that can be quoted: sentences, headings, items of a list.

The passages cover the text: nothing but white space lies between two of them, so that every word of a contract
belongs to exactly one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator

LONG = 900
"""Characters above which a passage is cut at its semicolons too."""

_STOP = re.compile(r"[.!?][\"')\]”’]*(?=\s+(?:[\"'“‘(\[]?[A-Z0-9_\[]|\([a-z]{1,4}\)))")
_SEMICOLON = re.compile(r";(?:\s+(?:and|or))?(?=\s)")
_ABBREVIATED = re.compile(
    r"(?:(?<![A-Za-z])(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nos|Nr|Inc|Ltd|Co|Corp|LLC|L\.L\.C|L\.P|N\.V|B\.V|S\.A|A\.G|vs|v|etc|e\.g|i\.e|viz|"
    r"approx|Sec|Sect|Art|Para|Fig|Ex|Attn|Tel|Ave|Blvd|Rd|Ste|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|"
    r"U\.S|U\.K|D\.C|a\.m|p\.m|cf|al)|(?<![\w-])[A-Z])\.[\"')\]”’]*$"
)
_COMPANY = re.compile(r"\b(?:Inc|Ltd|Co|Corp|LLC|L\.L\.C|L\.P|N\.V|B\.V|S\.A)\.[\"')\]”’]*$")
_NEW_SENTENCE = re.compile(r"\s+(?:The|This|Each|Either|Neither|Any|In|If|All|No|Such|It|Upon|For)\s")

MARK = r"(?:\((?:[a-zA-Z]{1,2}|[ivxIVX]{1,5}|\d{1,2})\)|[A-Za-z]\)|[A-Z]\.|[ivxIVX]{1,5}\.|\d{1,2}(?:\.\d{1,2}){0,3}[.)]?|[-•*▪·])"
_ITEM = re.compile(rf"\n(?=[ ]*{MARK}\s+\S|(?i:section|article|clause|exhibit|schedule)\s+[\dA-Z])")
_CAPITALS = re.compile(
    rf"(?:^|(?<=\n))[ ]*(?:(?:SECTION|ARTICLE)\s+)?(?:{MARK}\s+)?[A-Z][A-Z0-9 &/,.'’()-]{{3,69}}(?=\n)"
)
_ONLY_MARK = re.compile(rf"^(?:(?:(?i:section|article|clause)\s+)?(?:{MARK}|[\dIVX]+\.?)[\s.]*){{1,2}}$")


def passages(text: str, breaks: Collection[int] = ()) -> list[tuple[int, int]]:
    """Start and end of every passage, in order.

    Args:
        text: lines joined by newlines.
        breaks: offsets of the newlines that part paragraphs; a sentence may run on over one, at a page's end.
    """
    edges = sorted(
        {*_stops(text), *_paragraphs(text, breaks), *_items(text, set(breaks)), *_titles(text)} | {len(text)}
    )
    pieces: list[tuple[int, int]] = []
    start = 0
    for edge in edges:
        pieces.extend(_trimmed(text, start, edge))
        start = max(start, edge)
    return list(_with_marks(text, [part for piece in pieces for part in _shortened(text, *piece)]))


def is_heading(text: str) -> bool:
    """Whether a passage is a title over others: few words, most of them capitalised, nothing promised in it."""
    words = re.findall(r"[A-Za-z][A-Za-z'’&/-]*", re.sub(rf"^(?:{MARK}\s*)+", "", text))
    if (
        not words
        or len(words) > 10
        or len(text) > 100
        or re.search(r"(?i)\b(shall|will|may|must|agrees?|is|are|was|not|be|has|have|grants?)\b", text)
    ):
        return False
    telling = [word for word in words if len(word) > 3] or words
    return bool(sum(word[0].isupper() for word in telling) >= 0.7 * len(telling))


def is_item(text: str) -> bool:
    """Whether a passage is one of a list: it begins with its mark, "(a)" or "C."."""
    return re.match(rf"{MARK}\s", text) is not None


def _stops(text: str) -> Iterator[int]:
    for stop in _STOP.finditer(text):
        before = text[max(0, stop.start() - 12) : stop.end()]
        if _ABBREVIATED.search(before) and not (
            _COMPANY.search(before) and _NEW_SENTENCE.match(text, stop.end(), stop.end() + 12)
        ):
            continue
        yield stop.end()


def _paragraphs(text: str, breaks: Collection[int]) -> Iterator[int]:
    for place in breaks:
        before, after = text[:place].rstrip()[-1:], text[place:].lstrip()[:1] if place < len(text) else ""
        if after.islower() and before not in ".!?:;":
            continue  # the sentence runs on, over a page's end
        yield place


def _items(text: str, breaks: set[int]) -> Iterator[int]:
    for match in _ITEM.finditer(text):
        before = text[max(0, match.start() - 5) : match.start()].rstrip()
        if match.start() in breaks or before.endswith((".", ";", ":", ",", "and", "or")):
            yield match.start()


def _titles(text: str) -> Iterator[int]:
    """Both ends of a line in capitals between lines that are not."""
    for match in _CAPITALS.finditer(text):
        before = text[max(0, match.start() - 80) : match.start()].rstrip()[-1:]
        line_after = text[match.end() + 1 : match.end() + 81].partition("\n")[0]
        if before in ".;:!?" and any(letter.islower() for letter in line_after):
            yield match.start()
            yield match.end()


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    inner = piece.strip()
    if inner:
        begin = start + len(piece) - len(piece.lstrip())
        yield begin, begin + len(inner)


def _shortened(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start <= LONG:
        yield start, end
        return
    cuts = [match.end() for match in _SEMICOLON.finditer(text, start, end)]
    while end - start > LONG:
        place = bisect_left(cuts, start + 200)
        if place == len(cuts):
            break
        yield from _trimmed(text, start, cuts[place])
        start = cuts[place]
    yield from _trimmed(text, start, end)


def _with_marks(text: str, pieces: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Put the number of a section before what it numbers."""
    waiting: int | None = None
    for start, end in pieces:
        if waiting is None and end - start < 20 and _ONLY_MARK.match(text[start:end]):
            waiting = start
            continue
        yield (start if waiting is None else waiting), end
        waiting = None
    if waiting is not None:
        yield waiting, pieces[-1][1]
