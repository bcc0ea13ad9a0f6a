"""What is refused before anything is sent: options that this model or this service does not take."""

from __future__ import annotations

import re

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.gemini.request import Request

_LABEL_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_LABEL_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_TOOL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")
MOST_LABELS = 64
"""Google Cloud's limit on the labels of a resource."""

# Generation fields whose refusal a catalogue row states by the same name.
_FIELDS = (
    "temperature",
    "top_p",
    "top_k",
    "candidate_count",
    "stop_sequences",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "thinking_level",
    "thinking_budget",
    "media_resolution",
    "response_logprobs",
    "logprobs",
)
_BUDGETS = {"pro": (128, 32_768), "flash": (0, 24_576), "flash-lite": (0, 24_576)}
"""Thinking budgets of Gemini 2.5, in tokens; -1 is dynamic. Pro cannot stop thinking."""


def check(request: Request, model: ModelInfo, backend: Backend) -> tuple[str, ...]:
    """Check a request against the model and the service.

    Args:
        request: what is asked; its ranges are checked already.
        model: the model that will be asked.
        backend: whom.

    Returns:
        Notes on options that the model takes and does not follow.

    Raises:
        InvalidOption: the service would refuse it, or would silently do something else.
    """
    notes = _check_generation(request, model)
    _check_thinking(request, model)
    if request.cached_content is not None:
        if "explicit_cache" in model.refuses:
            raise InvalidOption(f"{model.id!r} has no explicit caches: leave `cached_content` out.", model=model.id)
        if request.system_instruction is not None or request.tools:
            raise InvalidOption("`cached_content` already holds the system instruction and tools: leave them out here.")
    if backend.kind == "developer":
        if request.labels:
            notes = (*notes, "The Developer API takes no labels; they stand in the ledger only.")
        if request.model_armor is not None:
            raise InvalidOption("Only Vertex AI has Model Armor.", hint="Leave it out, or use Vertex AI.")
    if backend.kind == "local" and request.model_armor is not None:
        notes = (*notes, "The local server has no Model Armor: nothing was screened.")
    _check_labels(request)
    for tool in request.tools:
        if not _TOOL_NAME.fullmatch(tool.name):
            raise InvalidOption(
                f"A tool cannot be called {tool.name!r}.",
                hint="Use letters, digits, `_`, `.`, `:` and `-`, at most 128.",
            )
        if tool.parameters.get("type", "object") != "object":
            raise InvalidOption(f"The parameters of tool {tool.name!r} must be an object schema.")
    return notes


def _check_generation(request: Request, model: ModelInfo) -> tuple[str, ...]:
    generation = request.generation
    notes = []
    for name in _FIELDS:
        value = getattr(generation, name)
        if name not in model.refuses or value is None or value == ():
            continue
        if name in model.ignored:
            notes.append(f"{model.id} takes `{name}` and does not follow it.")
        else:
            raise InvalidOption(f"{model.id!r} does not take `{name}` (given: {value!r}).", model=model.id)
    most = generation.max_output_tokens
    if most is not None and most > model.output_limit:
        raise InvalidOption(
            f"`max_output_tokens` = {most!r} is over the limit of {model.id!r}, {model.output_limit}.", model=model.id
        )
    return tuple(notes)


def _check_thinking(request: Request, model: ModelInfo) -> None:
    budget = request.generation.thinking_budget
    if request.generation.thinking_level == "minimal" and "thinking_minimal" in model.refuses:
        raise InvalidOption(f"{model.id!r} cannot think at level 'minimal'; use 'low'.", model=model.id)
    if budget in (None, -1) or not model.id.startswith("gemini-2.5"):
        return
    least, most = _BUDGETS.get(model.family, (0, 32_768))
    if not least <= budget <= most:
        raise InvalidOption(
            f"`thinking_budget` = {budget!r} is outside what {model.id!r} takes: -1, or {least} to {most}.",
            model=model.id,
        )


def _check_labels(request: Request) -> None:
    if len(request.labels) > MOST_LABELS:
        raise InvalidOption(f"{len(request.labels)} labels; a request takes {MOST_LABELS} at most.")
    for key, value in request.labels.items():
        if not _LABEL_KEY.fullmatch(key) or not _LABEL_VALUE.fullmatch(value):
            raise InvalidOption(
                f"The label {key!r}: {value!r} is not one that Google takes.",
                hint="Lower-case letters, digits, `_` and `-`, at most 63; a key begins with a letter.",
            )
