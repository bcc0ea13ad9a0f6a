"""The engine behind the local server: it copies from documents what a schema asks for, and says where it stood.

It is no language model. It reads print (text layers and OCR), finds values by layout, labels and arithmetic,
chooses labels by the words a text shares with them, and quotes sentences. What would need writing or reasoning
it refuses, so that nobody mistakes its answers for Gemini's.
"""

from __future__ import annotations

import json
from typing import Any

from prefect_gemini.local.engine import EngineAnswer, EngineRefusal, FunctionDeclaration, GenerateCall
from prefect_gemini.local.reader import resolvers as resolvers
from prefect_gemini.local.reader.answers import answer_prompt
from prefect_gemini.local.reader.functions import calls_in, choose_function
from prefect_gemini.local.reader.intake import Intake, take_in
from prefect_gemini.local.reader.labels import choose_label, labels_of
from prefect_gemini.local.reader.meetings.labelled_item import LabelledItem, is_labelled_item
from prefect_gemini.local.reader.meetings.minutes import Minutes, asks_for_minutes
from prefect_gemini.local.reader.questions import answer_question, is_judgement, judgement
from prefect_gemini.local.reader.refusals import USE_GEMINI, refuse_writing
from prefect_gemini.local.reader.resolve import Reading, Schema
from prefect_gemini.local.reader.schema_walk import Unreadable, Walk
from prefect_gemini.local.reader.tokens import tokens_by_modality

MODEL_VERSION = "local-extractive-1"
"""What `modelVersion` says instead of a Gemini version."""


class ReaderEngine:
    """Answers calls by reading; safe to call from several threads."""

    def generate(self, call: GenerateCall) -> EngineAnswer:
        """Answer one call.

        Raises:
            EngineRefusal: nothing was sent to read, a required value is not surely printed, or the call asks
                for what only a language model can do.
        """
        intake = take_in(call)
        functions = _callable(call)
        if intake.responded:
            return _answer(_after_response(intake))
        if functions and (call.function_mode in ("ANY", "VALIDATED") or call.response_schema is None):
            answer = self._call_function(call, intake, functions)
            if answer is not None:
                return answer
        if call.response_schema is not None:
            return self._fill_schema(call, intake, call.response_schema)
        if call.response_mime_type == "application/json":
            raise EngineRefusal(
                "The local reader fills a schema and this call has none. Give `responseJsonSchema`. " + USE_GEMINI
            )
        refuse_writing(intake.prompt, quoting=True)
        quoted = answer_question(intake)
        if quoted is not None:
            text, places = quoted
            return EngineAnswer(({"text": text},), provenance=tuple(places), model_version=MODEL_VERSION)
        return _answer(answer_prompt(intake, call.generation_config))

    def count_tokens(self, contents: tuple[dict[str, Any], ...]) -> dict[str, int]:
        """Estimate tokens by modality; see `tokens.py`."""
        return tokens_by_modality(contents)

    def _fill_schema(self, call: GenerateCall, intake: Intake, schema: Schema) -> EngineAnswer:
        labels = labels_of(schema)
        if labels is not None:
            if not any(labels.examples) and is_judgement(labels.names):
                raise judgement()
            text = labels.answer(choose_label(intake, labels))
            return _answer(text if call.response_mime_type == "text/x.enum" else json.dumps(text, ensure_ascii=False))
        meeting = intake.transcript if asks_for_minutes(schema) else None
        if meeting is not None:
            walk: Walk = Minutes(intake.reading(), schema, transcript=meeting)
        else:
            walk = Walk(intake.reading(), schema)
        value = _filled(walk)
        return EngineAnswer(
            ({"text": json.dumps(value, ensure_ascii=False)},),
            provenance=tuple(walk.provenance),
            model_version=MODEL_VERSION if intake.heard is None else f"{MODEL_VERSION}+speech",
        )

    def _call_function(
        self, call: GenerateCall, intake: Intake, functions: list[FunctionDeclaration]
    ) -> EngineAnswer | None:
        """The call of the fitting function; None where none fits and the mode leaves the choice."""
        forced = call.function_mode == "ANY"
        if not intake.pages:
            return self._calls_of_prompt(intake.prompt, functions, forced=forced)
        function = choose_function(intake, functions, forced=forced)
        if function is None:
            if forced:
                raise EngineRefusal(
                    "None of the functions has anything to do with what was sent, as far as words tell. " + USE_GEMINI
                )
            return None
        schema = function.parameters or {"type": "object", "properties": {}}
        item = next((text for text in intake.texts if is_labelled_item(text)), None)
        walk: Walk = Walk(_reading_for(intake), schema)
        if item is not None:
            walk = LabelledItem(_reading_for(intake), schema, text=item)
        arguments = _filled(walk)
        return EngineAnswer(
            ({"functionCall": {"name": function.name, "args": arguments}},),
            provenance=tuple(walk.provenance),
            model_version=MODEL_VERSION,
        )

    def _calls_of_prompt(
        self, prompt: str, functions: list[FunctionDeclaration], *, forced: bool
    ) -> EngineAnswer | None:
        """The calls that a prompt without documents asks for; None where it asks for none."""
        calls = calls_in(prompt, functions, forced=forced)
        if calls:
            parts = tuple({"functionCall": {"name": name, "args": args}} for name, args in calls)
            return EngineAnswer(parts, model_version=MODEL_VERSION)
        if forced:
            raise EngineRefusal(
                f"No function can be called with what the prompt says, as far as words tell. {USE_GEMINI}"
            )
        return None


def _filled(walk: Walk) -> Any:
    try:
        return walk.fill()
    except Unreadable as missing:
        where = f"`{missing.path}`" if missing.path else "the value"
        raise EngineRefusal(
            f"The schema requires {where} and the local reader does not find it printed, or is not sure of it. "
            f"Let it be null or optional. {USE_GEMINI}"
        ) from missing


def _reading_for(intake: Intake) -> Reading:
    return intake.reading()


def _callable(call: GenerateCall) -> list[FunctionDeclaration]:
    if call.function_mode == "NONE":
        return []
    allowed = set(call.allowed_functions)
    return [function for function in call.functions if not allowed or function.name in allowed]


def _after_response(intake: Intake) -> str:
    """What to say when the caller has run a function: its result, as it came."""
    last = intake.responded[-1].get("response")
    if isinstance(last, dict) and len(last) == 1:
        last = next(iter(last.values()))
    return last if isinstance(last, str) else json.dumps(last, ensure_ascii=False, default=str)


def _answer(text: str) -> EngineAnswer:
    return EngineAnswer(({"text": text},), model_version=MODEL_VERSION)
