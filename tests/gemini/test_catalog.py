"""Names of models, and what becomes of models."""

from __future__ import annotations

import warnings
from datetime import date

import pytest

from prefect_gemini.gemini.catalog.resolve import (
    FAMILIES,
    GeminiDeprecationWarning,
    ModelInfo,
    all_models,
    register,
    resolve,
)
from prefect_gemini.gemini.errors import UnknownModel

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("flash-lite", "gemini-3.5-flash-lite"),
        ("flash", "gemini-3.8-flash"),
        ("pro", "gemini-4-argon"),
        ("Flash", "gemini-3.8-flash"),
        ("gemini-flash-latest", "gemini-3.8-flash"),
        ("models/gemini-3.8-flash", "gemini-3.8-flash"),
        ("publishers/google/models/gemini-4-argon", "gemini-4-argon"),
        ("projects/p/locations/global/publishers/google/models/gemini-4-argon", "gemini-4-argon"),
        ("gemini-4-carbon", "gemini-4-carbon"),
    ],
)
def test_a_name_resolves_to_its_model(name: str, model: str) -> None:
    """Families, aliases and resource names all lead to one id."""
    assert resolve(name, on=TODAY).id == model


@pytest.mark.parametrize(
    "name", ["projects/p/locations/us/endpoints/123", "projects/p/locations/us/models/7@2", "tunedModels/mine"]
)
def test_tuned_models_pass_through(name: str) -> None:
    """A tuned model or endpoint is whatever it is called."""
    model = resolve(name)
    assert (model.id, model.family) == (name, "tuned")


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("gemini-3.8-flsh", "gemini-3.8-flash"), ("gemini-4-argn", "gemini-4-argon"), ("flash-light", "flash-lite")],
)
def test_an_unknown_name_suggests_the_near_one(wrong: str, near: str) -> None:
    """A typing error names what was probably meant."""
    with pytest.raises(UnknownModel, match=wrong) as caught:
        resolve(wrong)
    assert near in caught.value.hint


@pytest.mark.parametrize(
    ("name", "successor"),
    [
        ("gemini-1.5-flash-002", "gemini-3.8-flash"),
        ("gemini-1.5-pro-002", "gemini-4-argon"),
        ("gemini-2.5-flash", "gemini-3.8-flash"),
        ("gemini-2.0-flash-001", "gemini-3.8-flash"),
    ],
)
def test_a_model_that_goes_away_warns_with_its_successor(name: str, successor: str) -> None:
    """Retired and soon-retired models say what to use."""
    with pytest.warns(GeminiDeprecationWarning, match=successor):
        resolve(name, on=TODAY)


def test_a_stable_model_does_not_warn() -> None:
    """The families of today are nobody's past."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for family in FAMILIES:
            resolve(family, on=TODAY)


@pytest.mark.parametrize(
    ("name", "backend", "day", "stage"),
    [
        ("gemini-2.5-pro", "vertex", date(2026, 11, 24), "retiring"),
        ("gemini-2.5-pro", "vertex", date(2026, 6, 1), "stable"),
        ("gemini-2.5-pro", "developer", date(2026, 12, 1), "retired"),
        ("gemini-2.5-pro", "vertex", date(2026, 12, 1), "retiring"),
        ("gemini-3.1-pro-preview", "vertex", date(2026, 11, 24), "preview"),
        ("gemini-1.5-flash-002", "vertex", date(2024, 9, 24), "stable"),
        ("gemini-1.5-flash-002", "vertex", date(2025, 9, 24), "retired"),
        ("gemini-3.5-flash", "developer", date(2026, 11, 24), "retired"),
    ],
)
def test_the_stage_follows_the_calendar_of_the_backend(name: str, backend: str, day: date, stage: str) -> None:
    """The Developer API and Vertex AI retire on different days."""
    assert resolve(name, warn=False).lifecycle_on(day, backend=backend) == stage


def test_every_successor_exists_and_is_not_retired() -> None:
    """Nobody is sent from one retired model to another."""
    for model in all_models():
        if model.successor:
            assert resolve(model.successor, warn=False).lifecycle_on(TODAY) in ("stable", "preview")


def test_what_a_model_ignores_is_part_of_what_it_refuses() -> None:
    """`ignored` narrows `refuses`, it never adds to it."""
    for model in all_models():
        assert model.ignored <= model.refuses
    argon = resolve("pro", warn=False)
    assert {"explicit_cache", "thinking_budget", "temperature"} <= argon.refuses
    assert "temperature" in argon.ignored


def test_the_models_of_2024_keep_their_quotas() -> None:
    """The rows of the September 2024 release carry its limits."""
    flash, pro = resolve("gemini-1.5-flash-002", warn=False), resolve("gemini-1.5-pro-002", warn=False)
    assert (flash.rpm, flash.tpm, flash.window) == (2_000, 4_000_000, 1_000_000)
    assert (pro.rpm, pro.tpm, pro.window) == (1_000, 4_000_000, 2_000_000)


def test_a_newer_model_can_be_registered() -> None:
    """A model this release does not know is one call away."""
    register(ModelInfo(id="gemini-test-row", family="flash", aliases=("gemini-test-alias",)))
    assert resolve("gemini-test-alias").id == "gemini-test-row"
