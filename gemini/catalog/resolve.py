"""Names of models, resolved: a family or an id becomes a `ModelInfo`, with a warning when it is going away."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches

from prefect_gemini.gemini.catalog.info import ModelInfo
from prefect_gemini.gemini.catalog.table import MODELS
from prefect_gemini.gemini.errors import UnknownModel

__all__ = ["FAMILIES", "GeminiDeprecationWarning", "ModelInfo", "all_models", "register", "resolve"]

FAMILIES: Mapping[str, str] = {
    "flash-lite": "gemini-3.5-flash-lite",
    "flash": "gemini-3.8-flash",
    "pro": "gemini-4-argon",
}
"""What a family name means today: the newest stable model of the line."""

_OWN = re.compile(r"^(projects/[^/]+/locations/[^/]+/(endpoints|models)/[^/]+|(tunedModels|endpoints)/[^/]+)$")
_PREFIX = re.compile(r"^(?:projects/[^/]+/locations/[^/]+/)?(?:publishers/google/)?models/")

_BY_NAME: dict[str, ModelInfo] = {}


class GeminiDeprecationWarning(FutureWarning):
    """The model asked for is retired, or will be soon; the message names its successor."""


def register(model: ModelInfo) -> None:
    """Add a model this version does not know yet, or replace a row.

    Args:
        model: The row; its `id` and `aliases` become names `resolve` takes.
    """
    for name in (model.id, *model.aliases):
        _BY_NAME[name] = model


for _row in MODELS:
    register(_row)


def all_models() -> tuple[ModelInfo, ...]:
    """List every known model once, newest family rows first."""
    return tuple({model.id: model for model in _BY_NAME.values()}.values())


def resolve(name: str, *, backend: str = "vertex", on: date | None = None, warn: bool = True) -> ModelInfo:
    """Resolve a family, id, alias or resource name to its model.

    Args:
        name: "flash-lite", "flash", "pro", a model id, "models/…", "publishers/google/models/…", or your
            own tuned model or endpoint ("projects/…/endpoints/…"), which passes through.
        backend: Whose calendar decides about retirement: "vertex" or "developer".
        on: The day to judge by; today if left out.
        warn: Whether to warn about a model that is going away.

    Raises:
        UnknownModel: There is no such model; the message suggests a near one.
    """
    if _OWN.match(name):
        return ModelInfo(id=name, family="tuned")
    plain = _PREFIX.sub("", name.strip()).split("@", 1)[0]
    model = _BY_NAME.get(FAMILIES.get(plain.lower(), plain.lower()))
    if model is None:
        raise _unknown(name, plain)
    if warn:
        _warn(model, backend, on or date.today())  # noqa: DTZ011 - a retirement is a calendar day
    return model


def _unknown(name: str, plain: str) -> UnknownModel:
    """Build the error for a name nobody knows."""
    near = get_close_matches(plain.lower(), [*FAMILIES, *_BY_NAME], n=1, cutoff=0.5)
    suggestion = f"Did you mean {near[0]!r}? " if near else ""
    return UnknownModel(
        f"No Gemini model is called {name!r}.",
        hint=f"{suggestion}`prefect-gemini models` lists them; a model newer than this release is added with "
        "`prefect_gemini.gemini.catalog.resolve.register(ModelInfo(…))`.",
    )


def _warn(model: ModelInfo, backend: str, day: date) -> None:
    """Say that a model is gone or going, and what to use."""
    stage = model.lifecycle_on(day, backend=backend)
    if stage not in ("retiring", "retired"):
        return
    verb = "was retired" if stage == "retired" else "will be retired"
    successor = f"; use {model.successor!r}" if model.successor else ""
    warnings.warn(
        f"{model.id!r} {verb} on {model.retirement(backend)}{successor}",
        GeminiDeprecationWarning,
        stacklevel=3,
    )
