"""What every call to a model passes: its limiter and its circuit, shared by all clients of a process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal, TypeAlias

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls.retries import Clock, SystemClock
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.errors import UnknownModel
from prefect_gemini.gemini.limits.circuit import Circuit, CircuitPolicy
from prefect_gemini.gemini.limits.limits import Limiter, Limits
from prefect_gemini.gemini.limits.stock import PermitSource

Sources: TypeAlias = Callable[[str, Literal["requests", "tokens"], float], PermitSource]
"""Finds the shared permits of a model: requests or tokens, and how many a second there are."""


class Gates:
    """One limiter and one circuit for each model of a backend. Safe across threads and event loops.

    Args:
        backend: whom the calls go to.
        limits: the ceilings of each model; where none are set, those of the model's own quota, if it has one.
        circuit: when to stop sending.
        clock: time.
        sources: where permits come from when processes share a ceiling.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        limits: Limits,
        circuit: CircuitPolicy | None = None,
        clock: Clock | None = None,
        sources: Sources | None = None,
    ) -> None:
        self._label = backend.label
        self._limits = limits
        self._circuit = circuit or CircuitPolicy()
        self._clock = clock or SystemClock()
        self._sources = sources
        self._lock = threading.Lock()
        self._gates: dict[str, tuple[Limiter, Circuit]] = {}

    def of(self, model: str) -> tuple[Limiter, Circuit]:
        """The limiter and the circuit of a model, made on first use."""
        with self._lock:
            if model not in self._gates:
                limits = _limits_of(model, self._limits)
                self._gates[model] = (
                    Limiter(
                        limits,
                        clock=self._clock,
                        requests=self._shared(model, "requests", limits.requests_per_minute),
                        tokens=self._shared(model, "tokens", limits.tokens_per_minute),
                    ),
                    Circuit(f"{model} at {self._label}", self._circuit, now=self._clock.monotonic),
                )
            return self._gates[model]

    def _shared(self, model: str, kind: Literal["requests", "tokens"], per_minute: float | None) -> PermitSource | None:
        return self._sources(model, kind, per_minute / 60.0) if self._sources and per_minute else None


def _limits_of(model: str, limits: Limits) -> Limits:
    try:
        return limits.of(resolve(model, warn=False))
    except UnknownModel:
        return limits


_SHARED: dict[tuple[str, str | None, Limits, Sources | None], Gates] = {}
_SHARING = threading.Lock()


def shared_gates(backend: Backend, limits: Limits, sources: Sources | None = None) -> Gates:
    """The gates of this process for a backend and its limits: the sync and the async side share one quota.

    Args:
        backend: whom the calls go to.
        limits: the ceilings; clients with other ceilings have other gates.
        sources: where permits come from when processes share a ceiling.
    """
    key = (backend.identity, backend.base_url, limits, sources)
    with _SHARING:
        if key not in _SHARED:
            _SHARED[key] = Gates(backend, limits=limits, sources=sources)
        return _SHARED[key]
