"""Nodes talk to a local server with scripted answers."""

from __future__ import annotations

import pytest

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.testing import LocalGemini


@pytest.fixture
def model(gemini: LocalGemini) -> GeminiModel:
    """A model whose calls go to the test's own server."""
    return GeminiModel(model="flash", credentials=GeminiCredentials(service="local", base_url=gemini.base_url))
