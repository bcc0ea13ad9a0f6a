"""What was decided: sentences that settle something, the more surely when others say yes."""

from __future__ import annotations

import re

from prefect_gemini.local.reader.meetings.commitments import (
    Commitment,
    agrees,
    most_items,
    names_a_thing,
    plainest,
    task_of,
)
from prefect_gemini.local.reader.meetings.sentences import Said

FLOOR = 2.2
"""A sentence with less weight than this settles nothing."""

_CUES: tuple[tuple[str, float], ...] = (
    (r"\b(?:it(?:'s| is) (?:decided|agreed|settled)|we(?:'ve| have)? (?:agreed|decided)|(?:the|our) decision is|decided:|then let's)", 1.0),
    (r"\b(decision|decided?|we(?:'ve| have)? agreed|agreement|agreed (?:to|that|on|upon)|consensus|resolved (?:to|that)|settled|concluded?|conclusion)\b", 2.3),
    (r"\b(approved|accepted|rejected|adopted|postponed|deferred|moved? (?:\w+ )?to (?:final|last call|next)|last call|out of (?:the )?scope|final(?:i[sz]ed?)?)\b", 1.3),
    (r"\b(let's (?:go|keep|push|move|do|use|not|target|stick|drop|leave|say|take|make|postpone|put|include|have|stay|try|add|remove|start|call)|let's)\b", 1.8),
    (r"\b(we(?:'ll| will| are going to|'re going to|'re gonna|'re going with|'re not going| are not going| won't))\b", 1.2),
    (r"\b(go(?:ing)? with|stick(?:ing)? (?:to|with)|instead of|rather than|the (?:plan|idea|goal|proposal) is|my (?:current )?proposal|target(?:s|ing)?)\b", 1.0),
    (r"\b(will (?:not |be |stay |remain |go )|(?:should|will) (?:not )?be (?:included|part|added|removed|moved|in)|not (?:be )?includ\w+|(?:is|are) (?:in|out)\b)", 1.0),
    (r"\b(sounds like (?:we|everyone|the)|seems like (?:we|everyone)|everyone (?:is|agrees|seems)|no (?:one )?(?:objections?|opposes?|opposition)|nobody (?:is )?(?:against|objects?))\b", 1.5),
    (r"\b(I think we should|we should (?:just |probably |definitely )?(?:\w+)|I would say|I'd say|prefer|makes? sense to|in favou?r of|it's better to|the right (?:one|list|way)|the one (?:that )?we|should (?:try|do) first)\b", 1.0),
    (r"\b(?:I(?:'m| am)? (?:move|moving|motion)(?: to| for| that)|(?:just )?needs? (?:to|more)\b|take (?:this|that|it) (?:to|offline|up)|leave (?:it|this|that) (?:as|for|to))", 1.0),
    (r"\b(no longer|not needed|don't need|doesn't depend|does not depend|no change|as it is|unchanged|for now)\b", 0.8),
)  # fmt: skip
_AGAINST: tuple[tuple[str, float], ...] = (
    (r"\?$", 1.0),
    (r"\b(if (?:we|you|they|it|there|someone|I)|might|maybe|perhaps|not sure|I don't know|wonder\w*|whether|would be|could be|either)\b", 0.8),
    (r"\b(I(?:'ll| will)|last (?:week|time)|yesterday|next slide|my screen|thank|move on|moving on|get started|next (?:item|topic|up)|let's (?:see|talk|hear|start|begin|wait))\b", 1.2),
)  # fmt: skip
_CUES_RE = tuple((re.compile(pattern, re.IGNORECASE), weight) for pattern, weight in _CUES)
_AGAINST_RE = tuple((re.compile(pattern, re.IGNORECASE), weight) for pattern, weight in _AGAINST)
_WRAPS_UP = re.compile(
    r"^(?:(?:okay|ok|alright|all right|right|so|yeah|cool|great)\b[ ,.]*)+(?:so|then|let's|we|the|in that case|it sounds)\b",
    re.IGNORECASE,
)


def decisions(sentences: list[Said]) -> list[Commitment]:
    """The decisions of a meeting in order, the plainest where there are many; nobody owns a decision."""
    found: list[Commitment] = []
    for place, said in enumerate(sentences):
        weight = _weigh(said, sentences[place + 1 : place + 5])
        if weight >= FLOOR:
            found.append(Commitment(said, task_of(said), "", "", weight))
    return plainest(found, most=most_items(sentences, words=1000))


def _weigh(said: Said, following: list[Said]) -> float:
    if not 5 <= said.words <= 70:
        return 0.0
    weight = sum(value for pattern, value in _CUES_RE if pattern.search(said.text))
    if not weight:
        return 0.0
    weight -= sum(value for pattern, value in _AGAINST_RE if pattern.search(said.text))
    weight += 0.5 * bool(_WRAPS_UP.match(said.text)) - 0.8 * (len(said.terms) < 4) - 0.4 * (said.words > 45)
    weight += 0.4 * names_a_thing(said.text)
    others = [other for other in following if other.speaker != said.speaker]
    return weight + 0.8 * any(agrees(other) for other in others)
