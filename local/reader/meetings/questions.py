"""What stayed open: questions that nobody answered, and matters somebody called unsettled."""

from __future__ import annotations

import re

from prefect_gemini.local.reader.meetings.commitments import most_items
from prefect_gemini.local.reader.meetings.sentences import Said

_ASKS = re.compile(
    r"\b(what|which|who|when|where|how|why|should|do we|does|is there|are there|can we|could we|would)\b", re.IGNORECASE
)
_OPEN = re.compile(
    r"\b(open questions?|unresolved|to be (?:decided|determined|discussed)|tbd|still (?:unclear|open|not sure|undecided|need to (?:decide|figure|discuss))"
    r"|(?:we|I) (?:don't|do not) know (?:yet|if|whether|what|how|when|who)|(?:need|have) to (?:figure out|think (?:about|a little)|decide|find out)|remains? (?:open|unclear)"
    r"|not (?:100% )?sure (?:yet|if|whether|what|how|about|that))\b",
    re.IGNORECASE,
)
_CHATTER = re.compile(
    r"\b(hear me|see my|my screen|how are you|any(?:one|body)? (?:else|other)|any (?:other )?(?:questions|comments|thoughts|updates?|objections?)"
    r"|is (?:he|she|\w+) (?:here|on the call)|right\?$|you know\?|make sense\?|ready\?|next\?|start\?)",
    re.IGNORECASE,
)
_UNKNOWING = re.compile(
    r"\b(don't know|not sure|no idea|good question|can't say|have to (?:check|think|ask)|look into|get back|depends|later|offline|next (?:call|meeting|time))\b",
    re.IGNORECASE,
)


def open_questions(sentences: list[Said]) -> list[Said]:
    """Questions without an answer in the turns behind them, and matters that were called open, in order."""
    found: list[tuple[float, Said]] = []
    for place, said in enumerate(sentences):
        if not 5 <= said.words <= 50 or len(said.terms) < 3 or _CHATTER.search(said.text):
            continue
        named = bool(_OPEN.search(said.text))
        asked = said.text.endswith("?") and bool(_ASKS.search(said.text))
        if named or (asked and _unanswered(said, sentences[place + 1 : place + 7])):
            found.append((len(said.terms) + 4.0 * named, said))
    most = most_items(sentences)
    kept = sorted(found, key=lambda item: -item[0])[:most]
    return [said for _, said in sorted(kept, key=lambda item: item[1].cue)]


def _unanswered(question: Said, following: list[Said]) -> bool:
    others = [said for said in following if said.speaker != question.speaker]
    if not others:
        return bool(following) or bool(question.speaker)
    return bool(_UNKNOWING.search(" ".join(said.text for said in others[:3])))
