"""`prefect-gemini doctor`: who would be called, and does it answer?"""

from __future__ import annotations

from prefect_gemini.cli._run import console, friendly_errors, prepare_prefect


def doctor(*, model: str = "flash-lite", credentials: str = "") -> None:
    """Say who would be called, and make the smallest real call.

    Parameters
    ----------
    model
        A family (flash-lite, flash, pro) or a model id.
    credentials
        Name of a saved GeminiCredentials block; empty: the environment.
    """
    prepare_prefect()
    from prefect_gemini.blocks import GeminiCredentials, GeminiModel

    with friendly_errors():
        block = GeminiCredentials.load(credentials) if credentials else None
        console.print(GeminiModel(model=model, credentials=block).test())
