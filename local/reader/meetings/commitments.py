"""Who promised what: sentences in which somebody takes a task on, is asked to, or is given one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from prefect_gemini.local.reader.meetings.people import People
from prefect_gemini.local.reader.meetings.sentences import Said
from prefect_gemini.pages.transcripts.due import due_phrase

FLOOR = 2.5
"""A sentence with less weight than this is talk."""

A_WORK = (
    r"send|write|draft|updat\w*|fix|merge|releas\w*|publish|prepar\w*|schedul\w*|review|check|recheck|test|benchmark|talk to|talk with|reach out"
    r"|ping|post|creat\w*|open|file|finish|complet\w*|share|implement|push|add|follow up|coordinat\w*|contact|research|present|look (?:into|at|up)"
    r"|set up|get back|make sure|put (?:together|up|out|in)|work on|work with|document|deploy|provide|propos\w*|submit|collect|gather|organi[sz]e"
    r"|investigat\w*|report|rewrite|redo|remove|rename|build|ship|announce|invite|call|email|e-mail|ask|find out|figure out|clean up|clarify"
    r"|take (?:a look|care|that|this|it|on)|make (?:a|an|the|some|that|this)|do (?:that|this|it|the|some|a)|start (?:a|the|work\w*|on)|drop (?:a|the)|leave (?:a |your |some )?(?:comments?|feedback)|finali[sz]e|rebase"
    r"|run|measure|drive|own|handle|confirm|decide on|discuss|summari[sz]e|circulate|book|order|buy|pay|design|bring (?:\w+ )?(?:back|up|to)|chart\w*|touch"
)
_WORK = re.compile(rf"\b(?:{A_WORK})\b", re.IGNORECASE)
_TALK = re.compile(
    r"\bI(?:'ll| will|'m going to|'m gonna| can| could|'d like to| want to)(?: \w+ly| just| maybe| also| probably| then| first)* "
    r"(?:say|be (?:quick|brief|quiet|honest|back)|stop|start|go(?: ahead| first| over| through)?|let|pass|give (?:it|you|a|another|an|everyone)|hand|show|repeat"
    r"|mention|note|move|continue|explain|answer|read|see|hear|wait|try to (?:be|explain|summari)|speak|jump|leave|keep|tell|share my|share (?:the|a) screen|"
    r"share screen|understand|imagine|think|guess|assume|agree|take (?:that|it) as|ask (?:you|one|a)|call (?:it|this|that)|put (?:it|this) (?:this|in a) way)\b",
    re.IGNORECASE,
)
# Each cue with its weight; weights of one sentence add up, each group once.
_CUES: tuple[tuple[str, float], ...] = (
    (r"\b(action items?|next steps?|to-?dos?|homework|follow-?ups?|takeaways?)\b", 1.5),
    (r"\bI(?:'ll| will| shall|'m going to|'m gonna| am going to| promise to|'m aiming to|'m planning to| plan to)\b", 2.0),
    (r"\b(I can|I could|let me|happy to|I should|I need to|I have to|I want to|on my list|I'd like to)\b", 1.0),
    (r"\b(we(?:'ll| will|'re going to|'re gonna| need to| have to| should| must)|let's|let us|somebody should|someone should|needs? to be)\b", 1.0),
    (r"\b(?:he|she|they)(?:'s| is|'re| are|'ll)? (?:will |going to |gonna )", 1.0),
    (r"\b(?:you (?:might|may) want to|it would be (?:great|nice|good|useful|helpful) (?:to|if)|we(?:'d| would)? (?:also )?need|hopefully)\b", 1.0),
    (r"\b(can|could|would|will) you\b|\bplease\b|\b(you|folks|everyone|everybody|teams?|clients?) (?:should|need to|have to|could|can)\b|\bmake sure\b|\bfeel free to\b", 1.5),
)  # fmt: skip
_CUES_RE = tuple((re.compile(pattern, re.IGNORECASE), weight) for pattern, weight in _CUES)
_AGAINST: tuple[tuple[str, float], ...] = (
    (r"\b(won't|will not|don't (?:need|have|plan|think|want)|doesn't|not going to|didn't|can't|cannot|wouldn't|shouldn't)\b", 1.0),
    (r"\b(?:would (?:be|have|need)|might|maybe|perhaps|if (?:we|you|they|it|there|someone|I)|in theory|for example|hypothetically)\b", 0.7),
    (r"^(?:why|what|how|who|when|where|is|are|do|does|did|should|have|has|was|any|anyone)\b.*\?$", 2.0),
    (r"\b(last (?:week|time|month|call)|already|yesterday|was|were|had)\b", 0.6),
    (r"\b(can you (?:hear|see)|hear me|my screen|next slide|next topic|agenda|move on|moving on|thank you|mute)\b", 2.5),
)  # fmt: skip
_AGAINST_RE = tuple((re.compile(pattern, re.IGNORECASE), weight) for pattern, weight in _AGAINST)
_LEAD_IN = re.compile(
    r"^(?:(?:okay|ok|so|yeah|yes|yep|and|but|well|then|right|alright|all right|cool|great|sure|perfect|awesome|no|because|also|now|like)\b[ ,.…-]*)+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Commitment:
    """A task somebody took on or was given.

    Args:
        said: the sentence it rests on.
        task: that sentence from where the task begins.
        owner: the speaker or the person named; "" where it is everybody's.
        due: the words that say when.
        weight: how plainly it was said.
    """

    said: Said
    task: str
    owner: str
    due: str
    weight: float


def commitments(sentences: list[Said], people: People) -> list[Commitment]:
    """The tasks of a meeting in order, the plainest where there are many."""
    found: list[Commitment] = []
    for place, said in enumerate(sentences):
        weight, owner = _weigh(said, people, sentences[place + 1 : place + 4])
        if weight >= FLOOR:
            found.append(Commitment(said, task_of(said), owner, due_phrase(said.text), weight))
    return plainest(found, most=most_items(sentences))


PLAIN = 3.0
"""A sentence of this weight is taken however many there are."""


def most_items(sentences: list[Said], *, words: int = 600) -> int:
    """How many items a meeting of this length gives: four, and one more in so many words."""
    return 4 + sum(said.words for said in sentences) // words


def plainest(found: list[Commitment], *, most: int) -> list[Commitment]:
    """The plain ones, and of the others the heaviest up to so many; none of which says what another does."""
    kept: list[Commitment] = []
    for one in sorted(found, key=lambda item: -item.weight):
        if (len(kept) < most or one.weight >= PLAIN) and not any(_alike(one, other) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda item: item.said.cue)


def task_of(said: Said) -> str:
    """The sentence without what leads into it."""
    bare = _LEAD_IN.sub("", said.text).strip() or said.text
    return bare[:1].upper() + bare[1:]


def _weigh(said: Said, people: People, following: list[Said]) -> tuple[float, str]:
    text = _LEAD_IN.sub("", said.text)
    if not 4 <= said.words <= 80 or _TALK.search(text):
        return 0.0, ""
    weight = sum(value for pattern, value in _CUES_RE if pattern.search(text))
    addressed = people.addressed(text) if said.speaker else ""
    assigned = people.assigned(text)
    if addressed or assigned:
        weight += 2.0
    if not weight:
        return 0.0, ""
    if _WORK.search(text):
        weight += 1.0
    if (due := due_phrase(text)) and not re.fullmatch(r"(for |until )?(today|now)", due, re.IGNORECASE):
        weight += 1.0
    weight += 0.5 * names_a_thing(text)
    weight -= sum(value for pattern, value in _AGAINST_RE if pattern.search(_without_asides(text)))
    weight -= 0.5 * (said.words > 45) + 0.8 * (len(said.terms) < 4)
    if any(other.speaker != said.speaker and agrees(other) for other in following):
        weight += 0.5
    return weight, assigned or addressed or (said.speaker if _FIRST.search(text) else "")


_FIRST = re.compile(
    r"\b(I(?:'ll| will| shall|'m| am| can| could| should| need| have| plan| promise| want|'d)|let me|happy to|on my list)\b",
    re.IGNORECASE,
)
_AGREES = re.compile(
    r"^\W*(?:(?:okay|ok|yeah|yep|yes|sure|right|cool|great|perfect|awesome|alright)\b[ ,.]*)*"
    r"(sounds? good|that works|works for|agree\w*|makes sense|will do|\+1|no objections?|let's do|good idea|thank|i'm fine|i am fine|fine (?:by|with)"
    r"|okay|ok|yeah|yep|yes|sure|perfect|exactly|correct|go ahead|done)\b",
    re.IGNORECASE,
)


def _without_asides(text: str) -> str:
    """A promise up to its first comma: "I'll redo them, I don't want to do it now" is one; any other sentence whole."""
    return text.split(",")[0] if _PROMISE.match(text) else text


_PROMISE = re.compile(r"\bI(?:'ll| will) \w+(?: \w+){1,}", re.IGNORECASE)


def names_a_thing(text: str) -> bool:
    """Whether a sentence has a number, a code or an abbreviation in it, as sentences about work have."""
    return bool(re.search(r"\d|\b[A-Z]{2,}\b|\b[a-z]+[A-Z]\w*|\b[A-Z][a-z]+[A-Z]\w*", text))


def agrees(said: Said) -> bool:
    """Whether a sentence says yes to the one before."""
    return said.words <= 14 and bool(_AGREES.match(said.text))


def _alike(one: Commitment, other: Commitment) -> bool:
    mine, theirs = set(one.said.terms), set(other.said.terms)
    return len(mine & theirs) > 0.6 * max(1, min(len(mine), len(theirs)))
