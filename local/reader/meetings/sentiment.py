"""How a stretch of a meeting sounds, as far as single words tell; mostly they do not, and then it says so."""

from __future__ import annotations

import re

from prefect_gemini.local.reader.meetings.sentences import Said

_GOOD = re.compile(
    r"\b(great|good|nice|excellent|awesome|perfect|happy|glad|love|excited|amazing|fantastic|thank(?:s| you)|well done|congrat\w*|progress|works? well|smooth\w*|success\w*|improv\w*|helpful|solved|agree\w*)\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"\b(bad|problem\w*|issue\w*|broken|fail\w*|worr\w*|concern\w*|unfortunate\w*|delay\w*|late|blocked|blockers?|bugs?|wrong|difficult|hard|confus\w*|frustrat\w*|annoy\w*|risk\w*|terrible|awful|stuck|missed|sorry|unhappy|expensive|disagree\w*|dangerous)\b",
    re.IGNORECASE,
)
_TURNED = re.compile(
    r"\b(no|not|n't|never|without|hardly|isn't|aren't|wasn't|don't|doesn't|didn't)\W+(?:\w+\W+){0,2}$", re.IGNORECASE
)

LEAST = 3
"""Fewer telling words than this tell nothing."""


def sentiment_of(sentences: tuple[Said, ...]) -> str | None:
    """positive, negative, mixed or neutral; None where too few words tell."""
    good = bad = 0
    for said in sentences:
        for pattern, sign in ((_GOOD, 1), (_BAD, -1)):
            for word in pattern.finditer(said.text):
                turned = bool(_TURNED.search(said.text[: word.start()]))
                good += (sign > 0) != turned
                bad += (sign < 0) != turned
    if good + bad < LEAST:
        return None
    if good >= 2 * bad:
        return "positive"
    return "negative" if bad >= 2 * good else "mixed"
