"""Requests and tokens a minute, as a sliding window over the last sixty seconds."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Literal

from prefect_gemini.local.wire.control.clock import Clock
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, quota_failure, retry_info
from prefect_gemini.local.wire.protocol.proto import Surface

WINDOW_S = 60.0


@dataclass
class _Window:
    events: deque[tuple[float, int]] = field(default_factory=deque)
    tokens: int = 0

    def forget(self, before: float) -> None:
        while self.events and self.events[0][0] <= before:
            self.tokens -= self.events.popleft()[1]


class Quota:
    """Limits for each model; none until they are set. They can be changed while the server runs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: dict[str, _Window] = defaultdict(_Window)
        self.rpm: int | None = None
        self.tpm: int | None = None
        self.window_s = WINDOW_S

    def set(self, *, rpm: int | None = None, tpm: int | None = None, window_s: float = WINDOW_S) -> None:
        """Set both limits; None lifts one.

        Args:
            rpm: requests a window, for each model.
            tpm: prompt tokens a window, for each model.
            window_s: seconds; a minute as Google counts, less to keep a test short.
        """
        with self._lock:
            self.rpm, self.tpm, self.window_s = rpm, tpm, window_s

    def halve(self) -> None:
        """Halve both limits, as a shared quota does when others arrive; a limit of one stays."""
        with self._lock:
            self.rpm = None if self.rpm is None else max(1, self.rpm // 2)
            self.tpm = None if self.tpm is None else max(1, self.tpm // 2)

    def spend(self, model: str, tokens: int, *, surface: Surface, location: str) -> None:
        """Count one request.

        Raises:
            GoogleError: 429 RESOURCE_EXHAUSTED with the time after which there is room.
        """
        with self._lock:
            if self.rpm is None and self.tpm is None:
                return
            now = self._clock.seconds()
            window = self._windows[model]
            window.forget(now - self.window_s)
            if self.rpm is not None and len(window.events) + 1 > self.rpm:
                raise self._refusal("requests", self.rpm, window, now, model=model, surface=surface, location=location)
            if self.tpm is not None and window.events and window.tokens + tokens > self.tpm:
                raise self._refusal("tokens", self.tpm, window, now, model=model, surface=surface, location=location)
            window.events.append((now, tokens))
            window.tokens += tokens

    def _refusal(
        self,
        what: Literal["requests", "tokens"],
        limit: int,
        window: _Window,
        now: float,
        *,
        model: str,
        surface: Surface,
        location: str,
    ) -> GoogleError:
        oldest = window.events[0][0] if window.events else now
        wait = max(0.001, oldest + self.window_s - now)
        if surface == "vertex":
            # Vertex names no quota and no time in the body; the header is this server's courtesy.
            return GoogleError(429, retry_after=wait)
        metric = (
            "generativelanguage.googleapis.com/generate_content_paid_tier_requests"
            if what == "requests"
            else "generativelanguage.googleapis.com/generate_content_paid_tier_input_token_count"
        )
        quota_id = (
            "GenerateRequestsPerMinutePerProjectPerModel"
            if what == "requests"
            else "GenerateContentPaidTierInputTokensPerModelPerMinute"
        )
        return GoogleError(
            429,
            "You exceeded your current quota, please check your plan and billing details. For more information on this "
            "error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.\n"
            f"* Quota exceeded for metric: {metric}, limit: {limit}, model: {model}\nPlease retry in {wait:.9f}s.",
            retry_after=wait,
            details=[
                {
                    "@type": "type.googleapis.com/google.rpc.Help",
                    "links": [
                        {
                            "description": "Learn more about Gemini API quotas",
                            "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
                        }
                    ],
                },
                quota_failure(
                    metric=metric, quota_id=quota_id, value=limit, model=model, location=location or "global"
                ),
                retry_info(round(wait, 3)),
            ],
        )
