"""What there is to know about a model: limits, media, dates, and what it does not take."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

Family = Literal["flash-lite", "flash", "pro", "embedding", "tuned"]
Lifecycle = Literal["stable", "preview", "retiring", "retired"]

NOTICE = timedelta(days=180)
"""A model whose announced end is nearer than this is `retiring`: time to move, not yet broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRates:
    """What a unit of each medium costs in input tokens, for estimates before a call.

    Attributes:
        image: Tokens an image (default media resolution).
        pdf_page: Tokens a PDF page.
        audio_second: Tokens a second of sound.
        video_second: Tokens a second of video at one frame a second, without its sound.
        characters: Characters of plain text a token, as Google's tokenizer page gives it.
    """

    image: int
    pdf_page: int
    audio_second: int = 32
    video_second: int = 70
    characters: float = 4.0


CLASSIC = TokenRates(image=258, pdf_page=258, video_second=263)
"""Gemini 1.5 to 2.5: 258 tokens a tile or page, 263 a second of video (classic documentation values)."""

THIRD = TokenRates(image=1120, pdf_page=560)
"""Gemini 3 and later: 1,120 an image, 560 a PDF page, 70 a video frame (Gemini 3 Flash model page)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """One model: what goes in, what comes out, until when.

    Attributes:
        id: The name the API takes.
        family: Its line; `tuned` for your own endpoints and tuned models.
        window: Input tokens; with `shared_window`, input and output together.
        output_limit: Output tokens a request may ask for.
        modalities: What it reads.
        released: First day of general (or preview) availability, where known.
        preview: Whether it may change or go with little notice.
        retired_on: First day without it on Vertex AI, if announced.
        developer_retired_on: The same on the Developer API, where it differs.
        not_before: Google promises it until this day at least.
        successor: The model to move to.
        refuses: What a request must not contain: names of generation fields, and `explicit_cache`,
            `thinking_minimal`, `purpose` (of a vector).
        ignored: The part of `refuses` the service accepts and does not follow.
        rates: Input tokens a unit of each medium.
        cache_minimum: Tokens a beginning must have to be cached, as documented; the service was seen to
            take less.
        rpm: Requests a minute, for models that still had a quota.
        tpm: Tokens a minute, likewise.
        aliases: Other names of the same model.
    """

    id: str
    family: Family
    window: int = 1_048_576
    output_limit: int = 65_536
    shared_window: bool = False
    modalities: frozenset[str] = frozenset({"text", "image", "pdf", "audio", "video"})
    released: date | None = None
    preview: bool = False
    retired_on: date | None = None
    developer_retired_on: date | None = None
    not_before: date | None = None
    successor: str | None = None
    refuses: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    rates: TokenRates = field(default=THIRD)
    cache_minimum: int = 4_096
    rpm: int | None = None
    tpm: int | None = None
    aliases: tuple[str, ...] = ()

    def retirement(self, backend: str = "vertex") -> date | None:
        """Tell the announced first day without this model on one backend.

        Args:
            backend: "vertex", "developer" or "local" (which follows Vertex AI).
        """
        if backend == "developer" and self.developer_retired_on is not None:
            return self.developer_retired_on
        return self.retired_on

    def released_or(self, unknown: date) -> date:
        """Tell the day of release, or `unknown` where it is not known."""
        return unknown if self.released is None else self.released

    def lifecycle_on(self, day: date, *, backend: str = "vertex") -> Lifecycle:
        """Tell the model's stage on a day."""
        end = self.retirement(backend)
        if end is not None and day >= end:
            return "retired"
        if end is not None and day >= end - NOTICE:
            return "retiring"
        return "preview" if self.preview else "stable"

    @property
    def lifecycle(self) -> Lifecycle:
        """Today's stage on Vertex AI."""
        return self.lifecycle_on(date.today())  # noqa: DTZ011 - a retirement is a calendar day, not an instant
