"""How far a model with tools may go, and the count of how far it went."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field

from prefect_gemini.gemini.documents.locations import scheme_of
from prefect_gemini.gemini.errors import LeashExceeded, UnsafeLocation
from prefect_gemini.gemini.reply import Reply


class Leash(BaseModel):
    """How far a model with tools may go before it is stopped. Whatever comes first stops it.

    Args:
        steps: turns of the model.
        calls: functions called, all turns together; a turn that would go over runs none of its calls.
        seconds: from the start, without the time a person takes to approve.
        cost: US dollars at list prices, all turns together.
        repeats: how often the same calls may come back with the same results.
        within: folders and URL prefixes (`gs://bucket/`) that arguments may point into. A path or URL
            that points elsewhere is refused; empty refuses all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    steps: int = Field(8, ge=1, description="Turns of the model.")
    calls: int = Field(32, ge=0, description="Functions called, all turns together.")
    seconds: float = Field(300.0, gt=0, description="Seconds from the start, without waiting for approvals.")
    cost: Decimal = Field(Decimal(1), gt=0, description="US dollars at list prices, all turns together.")
    repeats: int = Field(2, ge=1, description="How often the same calls may give the same results.")
    within: tuple[str, ...] = Field((), description="Folders and URL prefixes that arguments may point into.")

    def guarded(self, value: Any) -> Any:
        """An argument whose paths and URLs all lie within the leash; relative paths come back whole.

        Raises:
            UnsafeLocation: one points elsewhere.
        """
        if isinstance(value, PurePath):
            whole = self._path(str(value))
            return whole if isinstance(value, Path) else type(value)(whole)
        if isinstance(value, Mapping):
            return {self.guarded(key): self.guarded(item) for key, item in value.items()}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(self.guarded, value))
        if isinstance(value, list | tuple | set | frozenset):
            return type(value)(self.guarded(item) for item in value)
        if is_dataclass(value) and not isinstance(value, type):
            return replace(
                value, **{one.name: self.guarded(getattr(value, one.name)) for one in fields(value) if one.init}
            )
        if isinstance(value, BaseModel):
            return value.model_copy(
                update={name: self.guarded(getattr(value, name)) for name in type(value).model_fields}
            )
        # Text, and whatever else reads as a location: pydantic's URLs are no text.
        if _is_location(str(value)):
            self._location(str(value))
        return value

    def _location(self, text: str) -> None:
        if scheme_of(text):
            allowed = [prefix for prefix in self.within if scheme_of(prefix)]
            inside = any(text == prefix or text.startswith(prefix.rstrip("/") + "/") for prefix in allowed)
            if not inside or ".." in re.split(r"[/\\]", _unquoted(text)):
                raise UnsafeLocation(f"{text!r} is not within {list(self.within)!r}.", hint=_WITHIN)
        else:
            self._path(text)

    def _path(self, text: str) -> Path:
        plain = _unquoted(text)
        roots = [Path(root).expanduser().resolve() for root in self.within if not scheme_of(root)]
        if not _ODD_PATH.search(plain) and ".." not in re.split(r"[/\\]", plain):
            candidates = [(root / text).resolve() for root in roots]
            found = [path for path, root in zip(candidates, roots, strict=True) if path.is_relative_to(root)]
            if found:
                return next((path for path in found if path.exists()), found[0])
        raise UnsafeLocation(f"{text!r} is not within {list(self.within)!r}.", hint=_WITHIN)


_WITHIN = "Name the folder or URL prefix in `Leash(within=…)` if the model may use it."
_ODD_PATH = re.compile(r"\0|\A~|\A[A-Za-z][A-Za-z0-9+.-]*:[/\\]")
_LOCATION = re.compile(r"file:\S|[A-Za-z][A-Za-z0-9+.-]*://\S|[/\\][\w.\\/]|~[\w-]*[/\\]|[A-Za-z]:[\\/]")


def _is_location(text: str) -> bool:
    plain = _unquoted(text.strip())
    return "\n" not in plain and bool(_LOCATION.match(plain) or ".." in re.split(r"[/\\]", plain))


def _unquoted(text: str) -> str:
    for _ in range(3):  # `%252e` is `%2e` is `.`
        text = unquote(text)
    return text


@dataclass
class Walk:
    """How far one model went, held against its leash.

    Args:
        leash: the limits.
        replies: what the model said, turn by turn.
        calls: functions called so far.
        waited_s: seconds a person took.
    """

    leash: Leash
    replies: list[Reply[Any]] = field(default_factory=list)
    calls: list[Any] = field(default_factory=list)
    waited_s: float = 0.0
    _begun: float = field(default_factory=time.monotonic)
    _states: Counter[str] = field(default_factory=Counter)

    @property
    def cost(self) -> Decimal:
        """US dollars at list prices, where prices are known."""
        return sum((reply.cost or Decimal(0) for reply in self.replies), Decimal(0))

    @property
    def remaining_s(self) -> float:
        return self.leash.seconds - (time.monotonic() - self._begun - self.waited_s)

    def before_step(self) -> None:
        """Check that one more turn may be asked for.

        Raises:
            LeashExceeded: it may not.
        """
        if len(self.replies) >= self.leash.steps:
            raise self.exceeded("steps", self.leash.steps, f"after {len(self.replies)} turns the model still calls")
        # A conversation only grows: the next turn costs what the last one did, or more.
        last = (self.replies[-1].cost or Decimal(0)) if self.replies else Decimal(0)
        if self.cost + last > self.leash.cost:
            raise self.exceeded("cost", self.leash.cost, f"one more turn would cost about ${last:.6f}")
        self.in_time()

    def in_time(self) -> None:
        """Check the clock.

        Raises:
            LeashExceeded: the time is over.
        """
        if self.remaining_s <= 0:
            raise self.exceeded("seconds", self.leash.seconds, "the time is over")

    def before_calls(self, count: int) -> None:
        """Check that a turn's calls may be executed, all of them or none.

        Raises:
            LeashExceeded: they may not.
        """
        if len(self.calls) + count > self.leash.calls:
            raise self.exceeded("calls", self.leash.calls, f"{count} more calls were asked for; none of them was made")

    def after_calls(self, calls: Sequence[Any]) -> None:
        """Write down a turn's calls and look whether the model goes in circles.

        Raises:
            LeashExceeded: it does.
        """
        self.calls.extend(calls)
        told = sorted(json.dumps([one.name, one.args, one.told], sort_keys=True, default=str) for one in calls)
        state = hashlib.sha256("\n".join(told).encode()).hexdigest()
        self._states[state] += 1
        if self._states[state] > self.leash.repeats:
            names = ", ".join(dict.fromkeys(one.name for one in calls))
            raise self.exceeded("repeats", self.leash.repeats, f"{names} gave the same results again and again")

    def exceeded(self, scope: str, limit: Any, why: str) -> LeashExceeded:
        """The error, with what was spent and done until then."""
        done = sum(one.status == "done" for one in self.calls)
        return LeashExceeded(
            f"The leash of {limit} {scope} is at its end: {why}. {done} functions had been called, "
            f"for ${self.cost:.6f} at list prices.",
            scope=scope,
            limit=limit,
            spent=self.cost,
            calls=tuple(self.calls),
        )
