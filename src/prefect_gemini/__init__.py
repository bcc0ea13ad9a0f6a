"""Prefect tasks, blocks and flows for Gemini on Vertex AI.

Importing this package is cheap: Prefect imports it at start-up to find the blocks, so every
public name is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect_gemini.blocks.credentials import GeminiCredentials
    from prefect_gemini.blocks.model import GeminiModel

__version__ = version("prefect-gemini")

_HOME = {
    "GeminiCredentials": "prefect_gemini.blocks.credentials",
    "GeminiModel": "prefect_gemini.blocks.model",
}

__all__ = ["GeminiCredentials", "GeminiModel", "__version__"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
