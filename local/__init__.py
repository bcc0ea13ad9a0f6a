"""A Gemini server for your own machine: the REST wire in front, a reader or a script behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect_gemini.local.wire.server import LocalGemini

__all__ = ["LocalGemini", "shared_server"]


def shared_server() -> str:
    """The address of this process's own server; it is started once, on loopback, and ends with the process."""
    from prefect_gemini.local.wire.server import shared

    return shared().base_url


def __getattr__(name: str) -> Any:
    if name == "LocalGemini":
        from prefect_gemini.local.wire.server import LocalGemini

        return LocalGemini
    raise AttributeError(name)
