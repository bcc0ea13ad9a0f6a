"""Settings of this machine or work pool: `PREFECT_INTEGRATIONS_GEMINI_*`, prefect.toml or pyproject.toml."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from prefect.settings import get_current_settings
from prefect.settings.base import PrefectBaseSettings, build_settings_config
from pydantic import Field, SecretStr


class GeminiSettings(PrefectBaseSettings):
    """Where prefect-gemini keeps its ledger, and how long it waits."""

    model_config = build_settings_config(("integrations", "gemini"))

    ledger_url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy URL of the ledger. Empty: an SQLite file in PREFECT_HOME/gemini.",
    )
    account: str | None = Field(
        default=None,
        max_length=100,
        description="A name for whoever the API key of the environment belongs to: with it a new key finds in the "
        "ledger what the old one has paid for. Empty: each key is an account of its own.",
    )
    batch_storage: str | None = Field(
        default=None,
        description="gs://bucket/folder where batch jobs on Vertex AI read and write.",
    )
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=300.0,
        description="How long one call may take, retries included.",
    )
    max_attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        default=3,
        description="How often a call that failed for a passing reason is sent at most.",
    )

    @classmethod
    def current(cls) -> GeminiSettings:
        """The settings as they are now; read again only when the environment has changed, for that takes a while."""
        return _read(tuple(map(os.environ.get, _NAMES)))

    def ledger_location(self) -> str:
        """The ledger's URL. Asked for with every document, so it touches no disk; who opens it makes its folder."""
        return f"sqlite:///{home() / 'ledger.db'}" if self.ledger_url is None else self.ledger_url.get_secret_value()


_NAMES = tuple(f"PREFECT_INTEGRATIONS_GEMINI_{name.upper()}" for name in GeminiSettings.model_fields)


@lru_cache(maxsize=16)
def _read(environment: tuple[str | None, ...]) -> GeminiSettings:
    return GeminiSettings()


def home() -> Path:
    """The folder for this library's own files, inside PREFECT_HOME."""
    return get_current_settings().home / "gemini"
