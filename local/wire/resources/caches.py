"""cachedContents: a prefix of a prompt, kept for a while and counted cheaper."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.control.clock import format_time, parse_time
from prefect_gemini.local.wire.generating import tokens
from prefect_gemini.local.wire.generating.media import inline_files, is_stored_file
from prefect_gemini.local.wire.generating.prompt_parts import system_text, tools_tokens
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.protocol.paging import page
from prefect_gemini.local.wire.protocol.validation import check_contents
from prefect_gemini.local.wire.resources.models import Model, unknown_model
from prefect_gemini.local.wire.resources.store import Record, new_number, new_word
from prefect_gemini.local.wire.wire import Wire

KIND = "cachedContents"
DEFAULT_TTL_S = 3600.0
_DURATION = re.compile(r"(\d+(?:\.\d{1,9})?)s$")
_CONTENT = ("contents", "systemInstruction", "tools", "toolConfig")
_KEY = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+$")


async def create_cache(wire: Wire, call: Call) -> HttpReply:
    """Keep contents for later prompts."""
    body = call.read("CachedContent")
    model = _model(wire, call, body.get("model", ""))
    if body.get("encryptionSpec") and not _KEY.match(body["encryptionSpec"].get("kmsKeyName", "")):
        raise invalid("The provided CMEK key name is invalid: encryption_spec.kms_key_name.")
    if "contents" in body:
        check_contents(body["contents"], surface=call.surface)
    if call.surface == "vertex" and any(is_stored_file(part) for part in _parts(body)):
        raise GoogleError(500)  # what Vertex AI answers to an address of the Files API
    body["contents"] = inline_files(wire, call, body.get("contents", []))
    counts = tokens.count_contents(body["contents"], generation=model.generation)
    system = system_text(body)
    counts["TEXT"] += (tokens.count_text(system) if system else 0) + tools_tokens(body)
    count = tokens.total(counts)
    if count < model.cache_minimum:
        raise invalid(_too_small(count, model.cache_minimum, surface=call.surface))
    expires = _expiry(wire, body, default_s=DEFAULT_TTL_S)
    name = f"{call.parent}/{KIND}/{new_number()}" if call.parent else f"{KIND}/{new_word(24)}"
    now = wire.clock.timestamp()
    usage: dict[str, Any] = {"totalTokenCount": count}
    if call.surface == "vertex":
        usage |= _vertex_usage(body["contents"])
    shown: dict[str, Any] = {
        "name": name,
        "model": body["model"],
        "displayName": body.get("displayName", ""),
        "createTime": now,
        "updateTime": now,
        "expireTime": format_time(datetime.fromtimestamp(expires, tz=UTC)),
        "usageMetadata": usage,
    }
    if "encryptionSpec" in body:
        shown["encryptionSpec"] = body["encryptionSpec"]
    hidden = {key: body[key] for key in _CONTENT if body.get(key)} | {"counts": dict(counts), "model": model.id}
    wire.store.add(Record(KIND, name, shown, hidden, expires=expires))
    return json_http(shown)


async def get_cache(wire: Wire, call: Call) -> HttpReply:
    """Show one cache, never its content."""
    return json_http(find_cache(wire, call, _name(call)).shown)


async def list_caches(wire: Wire, call: Call) -> HttpReply:
    """Show all caches of a project, newest first."""
    under = f"{call.parent}/" if call.parent else KIND
    rows = [record.shown for record in wire.store.all(KIND, at=wire.clock.seconds(), under=under)]
    return json_http(page(call, KIND, rows))


async def update_cache(wire: Wire, call: Call) -> HttpReply:
    """Move a cache's expiry; nothing else of it can change."""
    record = find_cache(wire, call, _name(call))
    body = call.read("CachedContent")
    fixed = sorted(body.keys() & {*_CONTENT, "model", "displayName"})
    if fixed and call.query.get("updateMask", "") not in ("ttl", "expireTime", "expire_time"):
        raise invalid(f"Only ttl and expire_time of a cached content can be updated, not {', '.join(fixed)}.")
    if "ttl" not in body and "expireTime" not in body:
        raise invalid("Update needs ttl or expire_time.")
    expires = _expiry(wire, body, default_s=DEFAULT_TTL_S)
    shown = record.shown | {
        "updateTime": wire.clock.timestamp(),
        "expireTime": format_time(datetime.fromtimestamp(expires, tz=UTC)),
    }
    wire.store.replace(replace(record, shown=shown, expires=expires))
    return json_http(shown)


async def delete_cache(wire: Wire, call: Call) -> HttpReply:
    """Delete one cache."""
    record = find_cache(wire, call, _name(call))
    wire.store.remove(KIND, record.name)
    return json_http({})


def find_cache(wire: Wire, call: Call, name: str) -> Record:
    """A cache that has not expired.

    Args:
        name: in full, or the id alone on the Developer API.

    Raises:
        GoogleError: 404 on Vertex and 403 on the Developer API, which tells nobody what exists.
    """
    record = wire.store.find(KIND, name, at=wire.clock.seconds())
    if record is not None:
        return record
    if call.surface == "vertex":
        raise GoogleError(404, f"Not found: cached content metadata for {name.rpartition('/')[2]}.")
    raise GoogleError(403, "CachedContent not found (or permission denied)")


def cache_of_prompt(wire: Wire, call: Call, body: dict[str, Any], model: Model) -> Record | None:
    """The cache a generate request refers to; None where it refers to none.

    Raises:
        GoogleError: when the cache is gone, is another model's, or the request repeats what it holds.
    """
    name = body.get("cachedContent", "")
    if not name:
        return None
    pattern = (
        r"projects/[^/]+/locations/[^/]+/cachedContents/[^/]+$"
        if call.surface == "vertex"
        else r"cachedContents/[^/]+$"
    )
    if not re.match(pattern, name):
        raise invalid(f"Invalid CachedContent name: {name}")
    repeated = [key for key in ("systemInstruction", "tools", "toolConfig") if body.get(key)]
    record = find_cache(wire, call, name)
    if repeated:
        raise invalid(
            "CachedContent can not be used with GenerateContent request setting system_instruction, tools or "
            "tool_config.\n\nProposed fix: move those values to CachedContent from GenerateContent request."
        )
    if record.hidden["model"] != model.id:
        raise invalid(
            f"Model used by GenerateContent request (models/{model.id}) and CachedContent "
            f"(models/{record.hidden['model']}) has to be the same."
        )
    return record


def cached_counts(record: Record) -> Counter[str]:
    """Tokens of a cache, by modality."""
    return Counter(record.hidden["counts"])


def _name(call: Call) -> str:
    return f"{call.parent}/{KIND}/{call.params['id']}" if call.parent else f"{KIND}/{call.params['id']}"


def _model(wire: Wire, call: Call, name: str) -> Model:
    if not name:
        raise invalid("* CreateCachedContentRequest.model: model is required\n")
    short = name.rpartition("models/")[2]
    right = name == f"models/{short}" if call.surface == "developer" else "/publishers/google/models/" in f"/{name}"
    if not right:
        raise unknown_model(
            name, surface=call.surface, verb="createCachedContent", version=call.version, parent=call.parent
        )
    return wire.models.require(
        short, surface=call.surface, verb="createCachedContent", version=call.version, parent=call.parent
    )


def _expiry(wire: Wire, body: dict[str, Any], *, default_s: float) -> float:
    """When a cache ends, in seconds since the epoch."""
    now = wire.clock.seconds()
    if "expireTime" in body:
        try:
            expires = parse_time(body["expireTime"]).timestamp()
        except ValueError:
            text = "Illegal timestamp format; timestamps must end with 'Z' or have a valid timezone offset"
            raise invalid(
                f"Invalid value at 'expire_time' (type.googleapis.com/google.protobuf.Timestamp), {text}."
            ) from None
        if expires <= now:
            raise invalid("expire_time must be in the future.")
        return expires
    if "ttl" not in body:
        return now + default_s
    match = _DURATION.match(body["ttl"])
    if match is None:
        raise invalid(
            f"Invalid value at 'ttl' (type.googleapis.com/google.protobuf.Duration), Illegal duration format; "
            f"duration must end with 's': {body['ttl']!r}"
        )
    seconds = float(match[1])
    if seconds <= 0:
        raise invalid("ttl must be positive.")
    return now + timedelta(seconds=seconds).total_seconds()


def _too_small(count: int, minimum: int, *, surface: str) -> str:
    if surface == "vertex":
        return f"The cached content is of {count} tokens. The minimum token count to start caching is {minimum}."
    return f"Cached content is too small. total_token_count={count}, min_total_token_count={minimum}"


def _parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for content in body.get("contents", []) for part in content.get("parts", [])]


def _vertex_usage(contents: list[dict[str, Any]]) -> dict[str, int]:
    parts = _parts({"contents": contents})
    letters = sum(len(part["text"]) for part in parts if "text" in part)
    images = sum(1 for part in parts if part.get("inlineData", {}).get("mimeType", "").startswith("image/"))
    return {key: value for key, value in (("textCount", letters), ("imageCount", images)) if value}
