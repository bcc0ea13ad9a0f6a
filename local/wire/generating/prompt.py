"""A generateContent request, checked and made ready for whoever answers it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from prefect_gemini.local.engine import GenerateCall
from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating import tokens
from prefect_gemini.local.wire.generating.media import inline_files
from prefect_gemini.local.wire.generating.prompt_parts import (
    declared_functions,
    response_schema,
    schema_tokens,
    system_text,
    tools_tokens,
)
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.protocol.proto import decode_bytes
from prefect_gemini.local.wire.protocol.validation import check_generate
from prefect_gemini.local.wire.resources.caches import cache_of_prompt, cached_counts
from prefect_gemini.local.wire.resources.models import Model
from prefect_gemini.local.wire.wire import Wire


@dataclass(frozen=True)
class Prompt:
    """What is asked.

    Args:
        model: as found in the catalogue.
        model_id: as the path names it.
        body: the request, every field in camelCase.
        contents: turns of the cache, then those of the request.
        system: text of the system instruction.
        counts: prompt tokens by modality.
        cached: those among them that came from a cache.
    """

    model: Model
    model_id: str
    body: dict[str, Any]
    contents: list[dict[str, Any]]
    system: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    cached: Counter[str] = field(default_factory=Counter)

    @property
    def config(self) -> dict[str, Any]:
        """generationConfig."""
        config: dict[str, Any] = self.body.get("generationConfig", {})
        return config

    def engine_call(self) -> GenerateCall:
        """The request as an engine reads it."""
        calling = self.body.get("toolConfig", {}).get("functionCallingConfig", {})
        mode = calling.get("mode", "AUTO")
        rest = {
            key: value
            for key, value in self.config.items()
            if key not in ("responseSchema", "responseJsonSchema", "responseMimeType")
        }
        return GenerateCall(
            model=self.model_id,
            contents=tuple(_with_bytes(content) for content in self.contents),
            system_instruction=self.system,
            functions=tuple(declared_functions(self.body)),
            function_mode="AUTO" if mode == "MODE_UNSPECIFIED" else mode,
            allowed_functions=tuple(calling.get("allowedFunctionNames", ())),
            response_schema=response_schema(self.config),
            response_mime_type=self.config.get("responseMimeType", "text/plain"),
            generation_config=rest,
        )


def make_prompt(wire: Wire, call: Call, body: dict[str, Any], *, verb: str) -> Prompt:
    """Check a request and gather what it refers to.

    Args:
        body: the message, every field in camelCase.
        verb: of the path, for the words of a refusal.

    Raises:
        GoogleError: for everything Google would refuse.
    """
    model = wire.models.require(call.model, surface=call.surface, verb=verb, version=call.version, parent=call.parent)
    check_generate(body, surface=call.surface, model=model)
    _check_stores(wire, body)
    contents = inline_files(wire, call, body.get("contents", []))
    counts = tokens.count_contents(contents, generation=model.generation)
    cache = cache_of_prompt(wire, call, body, model)
    cached: Counter[str] = Counter()
    if cache is not None:
        cached = cached_counts(cache)
        contents = [*cache.hidden.get("contents", []), *contents]
        body = body | {
            key: cache.hidden[key] for key in ("systemInstruction", "tools", "toolConfig") if key in cache.hidden
        }
    else:
        counts["TEXT"] += tools_tokens(body)
        if "systemInstruction" in body:
            counts["TEXT"] += tokens.count_text(system_text(body))
    counts["TEXT"] += schema_tokens(body.get("generationConfig", {}))
    return Prompt(model, call.model, body, contents, system_text(body), +(counts + cached), cached)


def _check_stores(wire: Wire, body: dict[str, Any]) -> None:
    """File search needs a store, and this server makes none: only what the admin plane put in is there."""
    for tool in body.get("tools", []):
        names = tool.get("fileSearch", {})
        for name in names.get("fileSearchStoreNames") or names.get("file_search_store_names") or []:
            if wire.store.find("fileSearchStores", name, at=wire.clock.seconds()) is None:
                raise GoogleError(404, f"FileSearchStore {name} does not exist.")


def _with_bytes(content: dict[str, Any]) -> dict[str, Any]:
    parts = []
    for part in content.get("parts", []):
        blob = part.get("inlineData")
        if blob is not None and isinstance(blob.get("data"), str):
            part = part | {"inlineData": blob | {"data": decode_bytes(blob["data"])}}
        parts.append(part)
    return content | {"parts": parts}
