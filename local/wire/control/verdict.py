"""What the journal says about the client: did it wait, stop, go on and pay as it should have?"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prefect_gemini.local.wire.control.journal import Entry

TRANSIENT = frozenset({0, 408, 429, 500, 502, 503, 504})
RULES = {
    "retry_after_ignored": "came back before the time the server had named",
    "retried_non_retryable": "sent the same request again after an error that cannot heal",
    "gave_up": "left a request unanswered although every failure could heal",
    "paid_twice": "sent the same request again after it had been answered in full",
    "ran_past_quota": "kept sending new work to a model that had just said 429",
    "no_backoff": "came back within 50 ms of a failure that named no time",
}
BACKOFF_S = 0.05
CLOCK_SLACK_S = 0.02


@dataclass(frozen=True)
class Finding:
    """One thing the client did wrong.

    Args:
        rule: a key of RULES.
        entries: numbers of the journal entries that show it.
    """

    rule: str
    entries: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.rule}: {RULES[self.rule]} (requests {', '.join(map(str, self.entries))})"


@dataclass(frozen=True)
class Verdict:
    """All findings; true when there are none."""

    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """True when nothing was found."""
        return not self.findings

    def of(self, rule: str) -> tuple[Finding, ...]:
        """The findings of one rule."""
        if rule not in RULES:
            raise KeyError(rule)
        return tuple(finding for finding in self.findings if finding.rule == rule)

    def assert_good(self, *, ignore: Iterable[str] = ()) -> None:
        """Fail with every finding.

        Args:
            ignore: rules that do not count here.
        """
        left = [str(finding) for finding in self.findings if finding.rule not in set(ignore)]
        if left:
            raise AssertionError("the client misbehaved:\n  " + "\n  ".join(left))

    def as_json(self) -> dict[str, Any]:
        """For the admin plane."""
        return {
            "good": self.good,
            "findings": [{"rule": one.rule, "means": RULES[one.rule], "entries": one.entries} for one in self.findings],
        }


def judge(entries: Iterable[Entry]) -> Verdict:
    """Judge the generate calls of a journal: each distinct body to a model is one piece of work."""
    calls = [entry for entry in entries if entry.kind in ("generate", "stream")]
    works: dict[str, list[Entry]] = defaultdict(list)
    for entry in calls:
        works[_work(entry)].append(entry)
    findings = [finding for attempts in works.values() for finding in _of_one_work(attempts)]
    findings += _past_quota(calls)
    return Verdict(tuple(sorted(findings, key=lambda one: one.entries)))


def _work(entry: Entry) -> str:
    body = json.dumps(entry.body, sort_keys=True, ensure_ascii=False)
    return sha256(f"{entry.surface} {entry.model} {body}".encode()).hexdigest()


def _of_one_work(attempts: list[Entry]) -> list[Finding]:
    findings = []
    for before, after in pairwise(attempts):
        pair = (before.number, after.number)
        if before.ended is None:
            continue
        waited = after.started - before.ended
        if before.whole:
            findings.append(Finding("paid_twice", pair))
        elif before.status not in TRANSIENT and before.status != 200:
            findings.append(Finding("retried_non_retryable", pair))
        elif before.retry_after_s is not None:
            if waited < before.retry_after_s - CLOCK_SLACK_S:
                findings.append(Finding("retry_after_ignored", pair))
        elif before.status in TRANSIENT and waited < BACKOFF_S:
            findings.append(Finding("no_backoff", pair))
    last = attempts[-1]
    if last.ended is not None and last.status in TRANSIENT and len(attempts) == 1:
        findings.append(Finding("gave_up", (last.number,)))
    return findings


def _past_quota(calls: list[Entry]) -> list[Finding]:
    """New work sent to a model inside the time a 429 had asked everybody to wait."""
    findings = []
    for refused in calls:
        if refused.status != 429 or refused.retry_after_s is None or refused.ended is None:
            continue
        until = refused.ended + refused.retry_after_s - CLOCK_SLACK_S
        # Calls already on their way when the refusal arrived are no fault of the client.
        late = tuple(
            entry.number
            for entry in calls
            if entry.model == refused.model
            and _work(entry) != _work(refused)
            and refused.ended + CLOCK_SLACK_S < entry.started < until
        )
        if late:
            findings.append(Finding("ran_past_quota", (refused.number, *late)))
    return findings
