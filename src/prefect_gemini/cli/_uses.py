"""Where a Prefect server's blocks and deployments name a Gemini model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from prefect_gemini.gemini.catalog.resolve import FAMILIES, all_models, resolve
from prefect_gemini.gemini.errors import UnknownModel

PAGE = 200
FIELDS = ("model", "fallbacks", "escalate_to")
"""Fields that hold models: there a family's name is one, elsewhere it is a word."""


@dataclass(frozen=True, slots=True)
class Use:
    """One place that names a model.

    Attributes:
        where: The block or deployment, and the field.
        model: The name as written there.
    """

    where: str
    model: str

    def stage(self, backend: str, day: date) -> str:
        """Tell the model's stage: stable, preview, retiring, retired, or unknown."""
        try:
            return resolve(self.model, warn=False).lifecycle_on(day, backend=backend)
        except UnknownModel:
            return "unknown"

    def said(self, backend: str, day: date) -> str:
        """Say the stage with its date."""
        stage = self.stage(backend, day)
        if stage == "unknown":
            return "no model known here"
        end = resolve(self.model, warn=False).retirement(backend)
        return f"{stage}, {end}" if end else stage

    def successor(self) -> str:
        """Name the model to change to."""
        try:
            return resolve(self.model, warn=False).successor or ""
        except UnknownModel:
            near = get_close_matches(self.model, [model.id for model in all_models()], n=1)
            return near[0] if near else ""


async def find_uses() -> tuple[list[Use], str | None]:
    """Look through the blocks and deployments of the Prefect server that is configured.

    Returns:
        Every place that names a model, and why nothing could be looked through, if so.
    """
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "ERROR")
    from prefect.settings import get_current_settings

    if not get_current_settings().api.url:
        return [], "no Prefect server is configured (`PREFECT_API_URL`)."
    import httpx
    from prefect import get_client
    from prefect.exceptions import PrefectHTTPStatusError

    try:
        async with get_client() as client:
            return [use async for use in _blocks(client)] + [use async for use in _deployments(client)], None
    except (httpx.HTTPError, PrefectHTTPStatusError, OSError, RuntimeError) as error:
        return [], f"the Prefect server did not answer ({type(error).__name__})."


async def _blocks(client: Any) -> Any:
    """Read the model of every saved GeminiModel block; no secret is asked for."""
    offset = 0
    while page := await client.read_block_documents(limit=PAGE, offset=offset, include_secrets=False):
        offset += len(page)
        for block in page:
            if block.block_type is not None and block.block_type.slug == "gemini-model":
                name = f"block gemini-model/{block.name}"
                for use in _named(block.data, name):
                    yield use


async def _deployments(client: Any) -> Any:
    """Read the models in every deployment's parameters."""
    offset = 0
    while page := await client.read_deployments(limit=PAGE, offset=offset):
        offset += len(page)
        for deployment in page:
            for use in _named(deployment.parameters or {}, f"deployment {deployment.name}"):
                yield use


def _named(value: Any, where: str) -> Iterator[Use]:
    """Find model names in nested values: what stands under a field for models, and what reads like a name."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _named(item, f"{where}, {key}")
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, where)
    elif isinstance(value, str):
        for name in map(str.strip, value.split(",")):  # several are a cascade
            family = name in FAMILIES and where.endswith(FIELDS)
            if family or name.removeprefix("models/").startswith("gemini-"):
                yield Use(where, name)
