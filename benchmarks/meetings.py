"""Meetings: summaries, action items, decisions and times of real meetings against what people wrote down.

`rouge1`, `rouge2`, `rougeL` are mean F1 times 100 over the queries of QMSum (stemmed), those that ask for the
whole meeting included (`whole_rouge1` alone); `lead_` takes the first sentences of the meeting instead,
`random_` any, at the same length. `action_recall` is the share of listed action items that a found one is
about, `decision_recall` the same for decisions: a found item is about a listed one where its sentence and the
two beside it hold 40 % of the listed one's telling words, or two of them within 90 seconds of its time.
`action_precision` is the share of found items that are about a listed one; the lists are not exhaustive, so it is
a lower bound. `random_action_recall` draws as many sentences at random. `times_right` is the share of all
timestamps that lie on the cue their quote stands in. `wer` is the word error rate of speech to text on this
machine, where the extra `audio` is installed.
"""

from __future__ import annotations

import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.distance import Levenshtein
from rouge_score.rouge_scorer import RougeScorer

from benchmarks._fields import truths
from benchmarks._run import Arguments, Result, benchmark
from prefect_gemini.blocks import GeminiModel
from prefect_gemini.flows.meetings.read import Meeting, aread_meeting
from prefect_gemini.gemini.background import run as wait
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.errors import GeminiError
from prefect_gemini.local.reader.meetings.sentences import Said, said_in
from prefect_gemini.local.reader.speech.weights import installed
from prefect_gemini.local.reader.speech.whisper import hear
from prefect_gemini.local.reader.words import terms
from prefect_gemini.pages.transcripts import Transcript, parse_transcript
from prefect_gemini.pages.transcripts.clock import seconds
from prefect_gemini.tasks import asummarize

WORDS = 80
WHOLE_WORDS = 120
"""Words of an answer, and of a summary of the whole meeting: about as long as people wrote them."""

KINDS = ("rouge1", "rouge2", "rougeL")
SHARE, NEAR_S, NEAR_WORDS = 0.4, 90.0, 2
DRAWS = 20
"""Random draws of items, averaged."""

RECORDED = ("meetings_zoom_vtt", "meetings_ethpm_notes")


@dataclass
class Count:
    """Listed and found items of one kind in one data set."""

    listed: int = 0
    recalled: int = 0
    found: int = 0
    right: int = 0
    drawn: float = 0.0

    def share(self, part: float, whole: int) -> float:
        return part / whole if whole else 0.0


@dataclass
class Times:
    """Timestamps, and those that lie on the cue their quote stands in."""

    given: int = 0
    right: int = 0
    unproven: int = 0


@dataclass
class Score:
    counts: dict[tuple[str, str], Count] = field(default_factory=dict)
    times: Times = field(default_factory=Times)
    seconds: list[float] = field(default_factory=list)


def measure(arguments: Arguments) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        # A ledger of this run's own: an answer kept from an earlier reader would be measured instead of this one.
        os.environ["PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL"] = f"sqlite:///{folder}/ledger.db"
        return _measure(arguments)


def _measure(arguments: Arguments) -> Result:
    rouge, cases = summaries(arguments)
    figures: dict[str, float | int] = dict(rouge)
    score = Score()
    for source in RECORDED:
        if (arguments.data / source).is_dir():
            cases += items(arguments, source, score)
    figures |= item_figures(score)
    figures |= words_heard(arguments, cases)
    return Result(figures, cases)


def summaries(arguments: Arguments) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """ROUGE of the reader's answers, of the beginning of each meeting, and of any sentences."""
    scorer = RougeScorer(list(KINDS), use_stemmer=True)
    rows = truths(arguments.data / "meetings_qmsum")
    meetings: dict[str, tuple[Document, list[Said]]] = {}
    scores: dict[str, list[dict[str, float]]] = {"": [], "whole_": [], "lead_": [], "random_": []}
    cases: list[dict[str, Any]] = []
    for row, folder in arguments.take(rows, label=lambda one: str(one[0]["id"])):
        if row["meeting"] not in meetings:
            text = (folder / "transcripts" / f"{row['meeting']}.txt").read_text()
            transcript = parse_transcript(text)
            meetings[row["meeting"]] = Document.text(transcript.written(), name=row["meeting"]), said_in(transcript)
        document, told = meetings[row["meeting"]]
        whole = row["kind"] == "general"
        words = WHOLE_WORDS if whole else WORDS
        answer = wait(asummarize.fn(document, prompt=row["query"], words=words, model=GeminiModel(model="flash"))).value
        drawn = random.Random(row["id"]).sample(told, len(told))
        rated = _rated(scorer, row["reference"], answer)
        scores[""].append(rated)
        if whole:
            scores["whole_"].append(rated)
        scores["lead_"].append(_rated(scorer, row["reference"], _first(told, words)))
        scores["random_"].append(_rated(scorer, row["reference"], _first(drawn, words)))
        cases.append({"id": row["id"], "query": row["query"], "answer": answer, "reference": row["reference"], **rated})
    figures = {
        f"{name}{kind}": 100 * statistics.mean(one[kind] for one in rated)
        for name, rated in scores.items()
        if rated
        for kind in KINDS
    }
    return figures, cases


def items(arguments: Arguments, source: str, score: Score) -> list[dict[str, Any]]:
    """Action items and decisions of one data set, and every timestamp in them."""
    cases: list[dict[str, Any]] = []
    for row, folder in arguments.take(truths(arguments.data / source), label=lambda one: str(one[0]["id"])):
        path = folder / (row.get("vtt_corrected") or row["transcript"])
        started = time.perf_counter()
        try:
            meeting = wait(aread_meeting.fn(path, model=GeminiModel(model="flash"))).value
        except GeminiError as error:
            cases.append({"id": row["id"], "error": f"{type(error).__name__}: {error.message}"})
            continue
        score.seconds.append(time.perf_counter() - started)
        transcript = parse_transcript(path.read_text(), name=path.name)
        told = said_in(transcript)
        _count_times(meeting, transcript, score.times)
        case: dict[str, Any] = {"id": row["id"], "notes": meeting.notes}
        for kind, name in (("action", "action_items"), ("decision", "decisions")):
            listed = row[name]
            places = [(item.cue or 0, f"{item.owner} {item.speaker}") for item in meeting.of(kind)]
            count = score.counts.setdefault((source, kind), Count())
            about = [[_is_about(transcript, place, one) for place in places] for one in listed]
            count.listed += len(listed)
            count.recalled += sum(map(any, about))
            count.found += len(places)
            count.right += sum(any(row[index] for row in about) for index in range(len(places)))
            count.drawn += _drawn(told, transcript, listed, len(places), seed=row["id"])
            case[name] = {
                "found": [f"{item.owner}: {item.text} ({item.quote})" for item in meeting.of(kind)],
                "missed": [one for one, hits in zip(listed, about, strict=True) if not any(hits)],
            }
        cases.append(case)
    return cases


def item_figures(score: Score) -> dict[str, float | int]:
    figures: dict[str, float | int] = {}
    for kind in ("action", "decision"):
        both = Count()
        for (_, own), count in score.counts.items():
            if own == kind:
                both.listed, both.recalled = both.listed + count.listed, both.recalled + count.recalled
                both.found, both.right = both.found + count.found, both.right + count.right
                both.drawn += count.drawn
        figures[f"{kind}_recall"] = both.share(both.recalled, both.listed)
        figures[f"{kind}_precision"] = both.share(both.right, both.found)
        figures[f"random_{kind}_recall"] = both.share(both.drawn, both.listed)
        figures[f"{kind}s_found"] = both.found
    times = score.times
    figures["times_right"] = times.right / times.given if times.given else 1.0
    figures["times_given"] = times.given
    figures["unproven"] = times.unproven
    figures["seconds_median"] = statistics.median(score.seconds) if score.seconds else 0.0
    return figures


def words_heard(arguments: Arguments, cases: list[dict[str, Any]]) -> dict[str, float | int]:
    """Word error rate of speech to text on this machine; nothing where it is not installed or there is no data."""
    if not installed() or not (arguments.data / "audio_speech").is_dir():
        return {}
    wrong = said = 0
    for row, folder in arguments.take(truths(arguments.data / "audio_speech"), label=lambda one: str(one[0]["id"])):
        heard = " ".join(cue.text for cue in hear((folder / row["file"]).read_bytes()).cues)
        errors = Levenshtein.distance(_spoken(row["transcript"]), _spoken(heard))
        wrong, said = wrong + errors, said + len(_spoken(row["transcript"]))
        cases.append({"id": row["id"], "heard": heard, "said": row["transcript"], "errors": errors})
    return {"wer": wrong / said if said else 0.0}


def _spoken(text: str) -> list[str]:
    """Words as they sound: case and punctuation apart, titles written out."""
    written = {"mr": "mister", "mrs": "missus", "dr": "doctor"}
    words = re.sub(r"[^\w' ]|_", " ", text.lower().replace("-", " ")).split()
    return [written.get(word, word) for word in words]


def _rated(scorer: RougeScorer, reference: str, answer: str) -> dict[str, float]:
    return {kind: score.fmeasure for kind, score in scorer.score(reference, answer).items()}


def _first(told: Sequence[Said], words: int) -> str:
    taken: list[str] = []
    for said in told:
        if sum(len(text.split()) for text in taken) >= words:
            break
        taken.append(said.text)
    return "\n".join(taken)


def _is_about(transcript: Transcript, place: tuple[int, str], listed: Any) -> bool:
    """Whether a found item, by its cue and people, is about a listed one."""
    cue, people = place
    told = _passage(transcript, cue)
    text = listed if isinstance(listed, str) else listed.get("action") or listed.get("decision") or ""
    wanted, have = set(terms(text)), set(terms(f"{told} {people}"))
    shared = len(wanted & have)
    if shared >= SHARE * max(1, len(wanted)):
        return True
    if isinstance(listed, str) or not listed.get("timestamp"):
        return False
    start = transcript.cues[cue].start or 0.0
    return abs(start - seconds(listed["timestamp"])) <= NEAR_S and shared >= NEAR_WORDS


def _passage(transcript: Transcript, cue: int) -> str:
    """The sentence that begins in a cue, and the two beside it."""
    told = _told(transcript)
    first = next((index for index, said in enumerate(told) if said.cue >= cue), len(told) - 1)
    return " ".join(said.text for said in told[max(0, first - 1) : first + 2])


_sentences: dict[int, tuple[Transcript, list[Said]]] = {}


def _told(transcript: Transcript) -> list[Said]:
    if id(transcript) not in _sentences:
        _sentences[id(transcript)] = (transcript, said_in(transcript))
    return _sentences[id(transcript)][1]


def _drawn(told: list[Said], transcript: Transcript, listed: Iterable[Any], count: int, *, seed: str) -> float:
    """How many listed items as many sentences at random are about, on average."""
    pool, draw, wanted = [said for said in told if said.words >= 5], random.Random(seed), list(listed)
    hits = 0
    for _ in range(DRAWS):
        places = [(said.cue, said.speaker) for said in draw.sample(pool, min(count, len(pool)))]
        hits += sum(any(_is_about(transcript, place, one) for place in places) for one in wanted)
    return hits / DRAWS


def _count_times(meeting: Meeting, transcript: Transcript, times: Times) -> None:
    """A time is right where the words of its quote begin in the cue that is spoken then."""
    times.unproven += len(meeting.unproven)
    for item in meeting.items:
        if item.start is None:
            continue
        times.given += 1
        began = [n for n, cue in enumerate(transcript.cues) if cue.start == item.start]
        inside = item.start <= transcript.duration
        times.right += inside and any(_begins_in(item.quote, transcript, n) for n in began)
    last = -1.0
    for topic in meeting.topics:
        if topic.start is not None:
            times.given += 1
            times.right += last <= topic.start <= transcript.duration
            last = topic.start


def _begins_in(quote: str, transcript: Transcript, place: int) -> bool:
    """Whether the first three words of a quote stand together, the first of them in a cue."""
    own = len(transcript.cues[place].text.split())
    words = " ".join(cue.text for cue in transcript.cues[place : place + 3]).split()
    head = quote.split()[:3]
    return any(words[at : at + len(head)] == head for at in range(own))


if __name__ == "__main__":
    benchmark(measure)
