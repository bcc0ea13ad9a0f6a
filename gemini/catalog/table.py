"""Every Gemini model this project knows, as one table.

Dates are the ones announced for Vertex AI; `developer_retired_on` is the Gemini Developer API's own
date where it differs. Read in November 2026 from Google's model-versions page
(https://docs.cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions), the Developer
API's deprecations page (https://ai.google.dev/gemini-api/docs/deprecations) and, for the 2.5
family, the retirement notice as quoted in https://github.com/dimagi/open-chat-studio/issues/4509.
"""

from __future__ import annotations

from datetime import date

from prefect_gemini.gemini.catalog.info import CLASSIC, Family, ModelInfo

__all__ = ["MODELS"]

_SAMPLING = frozenset({"temperature", "top_p", "top_k"})
_FOURTH = frozenset({"explicit_cache", "thinking_budget", "thinking_minimal"}) | _SAMPLING
_SECOND_FIVE = frozenset({"thinking_level", "thinking_minimal"})
_BEFORE_THINKING = _SECOND_FIVE | {"thinking_budget", "include_thoughts"}
_TEXT = frozenset({"text"})
_OFFICE = frozenset({"text", "image", "pdf", "audio", "video", "office"})


def _old(name: str, family: Family, retired: date, successor: str, **more: object) -> ModelInfo:
    """Describe a model of the 1.5 and 2.0 generations."""
    base = {"output_limit": 8_192, "rates": CLASSIC, "refuses": _BEFORE_THINKING, "cache_minimum": 2_048}
    return ModelInfo(id=name, family=family, retired_on=retired, successor=successor, **{**base, **more})  # type: ignore[arg-type]


MODELS: tuple[ModelInfo, ...] = (
    # Gemini 4: input and output share one window; caching is implicit; sampling controls are not followed.
    ModelInfo(
        id="gemini-4-argon",
        family="pro",
        shared_window=True,
        released=date(2026, 10, 13),
        refuses=_FOURTH,
        ignored=_SAMPLING,
        cache_minimum=6_144,
    ),
    ModelInfo(
        id="gemini-4-carbon",
        family="pro",
        shared_window=True,
        modalities=_OFFICE,
        released=date(2026, 11, 10),
        refuses=_FOURTH,
        ignored=_SAMPLING,
    ),
    ModelInfo(
        id="gemini-3.8-flash",
        family="flash",
        released=date(2026, 9, 2),
        refuses=frozenset({"thinking_minimal"}),
        aliases=("gemini-flash-latest",),
    ),
    ModelInfo(
        id="gemini-3.7-flash",
        family="flash",
        released=date(2026, 8, 13),
        developer_retired_on=date(2026, 10, 8),
        successor="gemini-3.8-flash",
    ),
    ModelInfo(id="gemini-3.6-flash", family="flash", released=date(2026, 7, 21), successor="gemini-3.8-flash"),
    ModelInfo(
        id="gemini-3.5-flash",
        family="flash",
        released=date(2026, 5, 19),
        not_before=date(2027, 5, 19),
        developer_retired_on=date(2026, 10, 8),
        successor="gemini-3.8-flash",
    ),
    ModelInfo(
        id="gemini-3.5-flash-lite",
        family="flash-lite",
        released=date(2026, 7, 21),
        not_before=date(2027, 7, 21),
        aliases=("gemini-flash-lite-latest",),
    ),
    ModelInfo(
        id="gemini-3.1-flash-lite",
        family="flash-lite",
        released=date(2026, 5, 7),
        not_before=date(2027, 5, 7),
        developer_retired_on=date(2027, 5, 7),
        successor="gemini-3.5-flash-lite",
    ),
    ModelInfo(id="gemini-3.1-pro-preview", family="pro", released=date(2026, 2, 19), preview=True),
    ModelInfo(
        id="gemini-3-flash-preview",
        family="flash",
        released=date(2025, 12, 17),
        preview=True,
        successor="gemini-3.8-flash",
    ),
    ModelInfo(
        id="gemini-3-pro-preview",
        family="pro",
        released=date(2025, 11, 18),
        preview=True,
        retired_on=date(2026, 3, 9),
        successor="gemini-3.1-pro-preview",
    ),
    # 2.5: closed to new projects since 2026-10-20; the dates are the hard stops.
    ModelInfo(
        id="gemini-2.5-pro",
        family="pro",
        released=date(2025, 6, 17),
        output_limit=65_535,
        retired_on=date(2027, 3, 31),
        developer_retired_on=date(2026, 12, 1),
        successor="gemini-4-argon",
        refuses=_SECOND_FIVE,
        rates=CLASSIC,
        cache_minimum=2_048,
    ),
    ModelInfo(
        id="gemini-2.5-flash",
        family="flash",
        released=date(2025, 6, 17),
        output_limit=65_535,
        retired_on=date(2027, 3, 31),
        developer_retired_on=date(2026, 12, 1),
        successor="gemini-3.8-flash",
        refuses=_SECOND_FIVE,
        rates=CLASSIC,
        cache_minimum=2_048,
    ),
    ModelInfo(
        id="gemini-2.5-flash-lite",
        family="flash-lite",
        released=date(2025, 7, 22),
        output_limit=65_535,
        retired_on=date(2027, 1, 28),
        successor="gemini-3.5-flash-lite",
        refuses=_SECOND_FIVE,
        rates=CLASSIC,
        cache_minimum=2_048,
    ),
    _old(
        "gemini-2.0-flash",
        "flash",
        date(2026, 6, 1),
        "gemini-3.8-flash",
        released=date(2025, 2, 5),
        aliases=("gemini-2.0-flash-001",),
    ),
    _old(
        "gemini-2.0-flash-lite",
        "flash-lite",
        date(2026, 6, 1),
        "gemini-3.5-flash-lite",
        released=date(2025, 2, 25),
        aliases=("gemini-2.0-flash-lite-001",),
    ),
    # The September 2024 release: the limits are those of its announcement, per project and region.
    _old(
        "gemini-1.5-flash-002",
        "flash",
        date(2025, 9, 24),
        "gemini-3.8-flash",
        window=1_000_000,
        released=date(2024, 9, 24),
        rpm=2_000,
        tpm=4_000_000,
        aliases=("gemini-1.5-flash", "gemini-1.5-flash-latest"),
        cache_minimum=32_768,
    ),
    _old(
        "gemini-1.5-pro-002",
        "pro",
        date(2025, 9, 24),
        "gemini-4-argon",
        window=2_000_000,
        released=date(2024, 9, 24),
        rpm=1_000,
        tpm=4_000_000,
        aliases=("gemini-1.5-pro", "gemini-1.5-pro-latest"),
        cache_minimum=32_768,
    ),
    _old(
        "gemini-1.5-flash-8b",
        "flash-lite",
        date(2025, 9, 24),
        "gemini-3.5-flash-lite",
        window=1_000_000,
        released=date(2024, 9, 24),
        aliases=("gemini-1.5-flash-8b-001", "gemini-1.5-flash-8b-exp-0924", "gemini-1.5-flash-8b-latest"),
        cache_minimum=32_768,
    ),
    _old(
        "gemini-1.5-flash-001",
        "flash",
        date(2025, 5, 24),
        "gemini-3.8-flash",
        window=1_000_000,
        released=date(2024, 5, 24),
        cache_minimum=32_768,
    ),
    _old(
        "gemini-1.5-pro-001", "pro", date(2025, 5, 24), "gemini-4-argon", window=2_000_000, released=date(2024, 5, 24)
    ),
    ModelInfo(
        id="gemini-embedding-001",
        family="embedding",
        released=date(2025, 7, 14),
        window=2_048,
        output_limit=0,
        modalities=_TEXT,
    ),
    ModelInfo(
        id="gemini-embedding-2",
        family="embedding",
        released=date(2026, 3, 10),
        window=8_192,
        output_limit=0,
        refuses=frozenset({"purpose"}),
        ignored=frozenset({"purpose"}),
    ),
)
