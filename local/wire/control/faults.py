"""Faults by rule: which requests go wrong, how often, and how."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating.replies import Reply

Predicate = Callable[[Call], bool]
ON = ("generate", "stream")


@dataclass
class Fault:
    """A rule.

    Args:
        reply: what is done.
        on: kinds of request it touches; ("*",) for all.
        when: true for the requests it touches.
        skip: matching requests let through first.
        times: how often it strikes; None for ever.
        probability: of striking, 0 to 1.
        seed: of the draws, so that a run can be repeated.
    """

    reply: Reply
    on: tuple[str, ...] = ON
    when: Predicate | None = None
    skip: int = 0
    times: int | None = None
    probability: float = 1.0
    seed: int = 0
    _seen: int = 0
    _struck: int = 0
    _draws: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability {self.probability!r} is not between 0 and 1")
        self._draws.seed(self.seed)

    def strikes(self, call: Call) -> bool:
        """Count this request and say whether it goes wrong."""
        if "*" not in self.on and call.kind not in self.on:
            return False
        if self.when is not None and not self.when(call):
            return False
        self._seen += 1
        if self._seen <= self.skip or (self.times is not None and self._struck >= self.times):
            return False
        if self.probability < 1 and self._draws.random() >= self.probability:
            return False
        self._struck += 1
        return True

    def as_json(self) -> dict[str, Any]:
        """For the admin plane."""
        return {
            "reply": self.reply.as_json(),
            "on": list(self.on),
            "skip": self.skip,
            "times": self.times,
            "probability": self.probability,
            "seed": self.seed,
            "conditional": self.when is not None,
            "seen": self._seen,
            "struck": self._struck,
        }


class Faults:
    """The rules in force; the first that strikes wins."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(
        self,
        reply: Reply,
        *,
        on: Iterable[str] = ON,
        when: Predicate | None = None,
        skip: int = 0,
        times: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> Fault:
        """Add a rule; the arguments are those of Fault."""
        return self.put(
            Fault(reply, on=tuple(on), when=when, skip=skip, times=times, probability=probability, seed=seed)
        )

    def put(self, rule: Fault) -> Fault:
        """Add a rule that was made elsewhere."""
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Let everything go right again."""
        with self._lock:
            self._rules.clear()

    def draw(self, call: Call) -> Reply | None:
        """What goes wrong with this request, if anything."""
        if not self._rules:
            return None
        with self._lock:
            return next((rule.reply for rule in self._rules if rule.strikes(call)), None)

    @property
    def rules(self) -> tuple[Fault, ...]:
        """The rules in force."""
        with self._lock:
            return tuple(self._rules)


def matching(row: dict[str, Any]) -> Predicate:
    """A predicate from the admin plane's JSON: `model`, `path` and `contains`, all of which must hold.

    Raises:
        ValueError: for any other key.
    """
    if strange := sorted(row.keys() - {"model", "path", "contains"}):
        raise ValueError(f"unknown conditions {strange}; there are model, path and contains")

    def holds(call: Call) -> bool:
        if "model" in row and call.model != row["model"]:
            return False
        if "path" in row and row["path"] not in call.path:
            return False
        return "contains" not in row or row["contains"] in json.dumps(call.payload, ensure_ascii=False)

    return holds
