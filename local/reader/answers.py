"""Answer a plain prompt as far as quoting goes: summaries of sentences, a word to repeat."""

from __future__ import annotations

import re
from typing import Any

from prefect_gemini.local.engine import EngineRefusal
from prefect_gemini.local.reader.intake import Intake
from prefect_gemini.local.reader.meetings.minutes import summary_of
from prefect_gemini.local.reader.meetings.ranking import choose
from prefect_gemini.local.reader.meetings.sentences import said_in
from prefect_gemini.local.reader.refusals import USE_GEMINI, refuse_writing
from prefect_gemini.local.reader.summary import sentences_of, summarize

_SUMMARY = re.compile(
    r"\b(summar(y|i[sz]e|i[sz]ing)|abstract|gist|key points|main points|highlights|tl;?dr|overview|quote|excerpt|"
    r"zusammenfass\w*|r[eé]sum[eé]\w*|resum\w*|riassum\w*|samenvat\w*)\b",
    re.IGNORECASE,
)
_REPEAT = re.compile(
    r"^\W*(?:please\s+)?(?:reply|respond|answer|say|repeat|return|echo|output)\b(?:\s+(?:with|just|only|back|exactly|the|single|one|word|words|phrase))*"
    r"\s*:?\s*(?P<quote>[\"'`“‘]?)(?P<words>[^\"'`“”‘’]{1,40}?)[\"'`”’]?\s*[.!]?\s*(?:and nothing else[.!]?)?$",
    re.IGNORECASE,
)
_GREETING = re.compile(r"^\W*(ping|hello|hi|test|ok)\W*$", re.IGNORECASE)


def answer_prompt(intake: Intake, config: dict[str, Any]) -> str:
    """The quoting answer to a prompt without a schema.

    Args:
        intake: the prompt and what came with it.
        config: generationConfig; `maxOutputTokens` bounds a summary.

    Raises:
        EngineRefusal: the prompt asks for writing, which the local reader does not do.
    """
    quoting = _SUMMARY.search(intake.prompt) is not None
    repeat = _REPEAT.match(intake.prompt.strip())
    refuse_writing(
        intake.prompt if intake.pages else _instruction(intake.prompt),
        quoting=quoting or repeat is not None or intake.transcript is not None,
    )
    if repeat and not intake.pages:
        return repeat["words"].strip()
    if _GREETING.match(intake.prompt) and not intake.pages:
        return intake.prompt.strip()
    if intake.transcript is not None and (_SUMMARY.search(intake.prompt) or _ASKED.search(intake.prompt)):
        said = choose(said_in(intake.transcript), _without_length(intake.prompt), words=_words_asked(intake, config))
        return summary_of(said)
    if quoting:
        return _summary(intake, config)
    raise EngineRefusal(
        "The local reader copies values and quotes sentences; it does not write text. Ask for a schema, a label, a "
        f"function call or a summary in the document's own sentences. {USE_GEMINI}"
    )


def _instruction(prompt: str) -> str:
    """The part of a lone prompt that says what to do: its first and last lines, where a text stands between."""
    lines = [line for line in prompt.splitlines() if line.strip()]
    return prompt if len(lines) < 3 else f"{lines[0]}\n{lines[-1]}"


_ASKED = re.compile(
    r"^\W*(?:what|why|how|who|when|where|which|describe|discuss)\b|\?\s*$|\?\s+Use at most", re.IGNORECASE
)
_LENGTH = re.compile(
    r"\b(?:use|in|with)?\s*(?:at most|about|around|under|no more than)?\s*(\d{1,4})\s+words\b\.?", re.IGNORECASE
)


def _without_length(prompt: str) -> str:
    return _LENGTH.sub(" ", prompt)


def _words_asked(intake: Intake, config: dict[str, Any]) -> int:
    """How long the answer may be; 120 words where nobody says."""
    limit = _LENGTH.search(intake.prompt)
    words = int(limit[1]) if limit else 120
    if isinstance(config.get("maxOutputTokens"), int):
        words = min(words, max(10, int(config["maxOutputTokens"] / 1.5)))
    return words


def _summary(intake: Intake, config: dict[str, Any]) -> str:
    material = intake.material or _without_instruction(intake.prompt)
    lines = re.search(r"\b(\d{1,2}|one|two|three|five)\s+(?:sentences?|bullet|points?)", intake.prompt, re.IGNORECASE)
    count = {"one": 1, "two": 2, "three": 3, "five": 5}.get(lines[1].lower(), 0) or int(lines[1]) if lines else None
    words = _words_asked(intake, config)
    quoted = summarize(material, words=words, sentences=count, topic=intake.prompt if intake.pages else "")
    if not quoted:
        raise EngineRefusal("There is no sentence to quote in what was sent.", status="INVALID_ARGUMENT")
    return quoted


def _without_instruction(prompt: str) -> str:
    """A prompt that carries its own text: what follows the first colon or line is the text."""
    head, mark, rest = prompt.partition("\n")
    if not mark or len(rest) < len(head):
        colon = re.search(r":\s", prompt)
        rest = prompt[colon.end() :] if colon and len(prompt) - colon.end() > colon.start() else rest
    return rest if sentences_of(rest) else ""
