"""The expense policy: limits by category and currency, what needs approval, what is never paid."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from prefect_gemini.flows.receipts.findings import Finding
from prefect_gemini.flows.receipts.models import Category, CurrencyCode, Receipt, exact
from prefect_gemini.flows.yaml_files import FileProblem, read_yaml

Amount = Annotated[Decimal, BeforeValidator(exact), Field(ge=0)]


class PolicyError(FileProblem):
    """The policy file cannot be read or says something it cannot; `hint` says what to do."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Strict):
    """What holds for one category.

    Args:
        approval_above: by currency; above it a person approves.
        limit: by currency; above it the receipt is over the limit.
        forbidden: why the category is never paid; empty where it is.
    """

    approval_above: dict[CurrencyCode, Amount] = Field(default_factory=dict)
    limit: dict[CurrencyCode, Amount] = Field(default_factory=dict)
    forbidden: str = ""

    @model_validator(mode="after")
    def _approval_below_limit(self) -> Rule:
        for currency, amount in self.approval_above.items():
            if currency in self.limit and amount > self.limit[currency]:
                raise ValueError(f"approval_above {amount} is above the limit {self.limit[currency]} {currency}")
        return self


class Policy(_Strict):
    """An expense policy.

    Args:
        categories: the rule of each category; what is not named has the default.
        default: the rule of every other category, and of receipts without one.
        late_after_days: receipts older than this go to a person; None for never.
        forbidden_items: words that no line may contain.
    """

    categories: dict[Category, Rule] = Field(default_factory=dict)
    default: Rule = Rule()
    late_after_days: int | None = Field(None, ge=1)
    forbidden_items: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: str | Path | None = None) -> Policy:
        """Read a policy from a YAML file, or the one that comes with the library.

        Raises:
            PolicyError: no such file, not YAML, or not a policy; the message names the line or the entry.
        """
        return read_yaml(
            "policy.yaml" if path is None else path,
            cls,
            what="policy file",
            hint=f"Categories are {', '.join(Category)}; a rule takes `approval_above`, `limit` and `forbidden`.",
            package=__package__ if path is None else None,
            error=PolicyError,
        )

    def rule(self, category: Category | None) -> Rule:
        """The rule that holds for a category."""
        return self.default if category is None else self.categories.get(category, self.default)


def check_policy(receipt: Receipt, policy: Policy, today: datetime.date) -> tuple[Finding, ...]:
    """Say what the policy has against a receipt.

    Args:
        receipt: what was read.
        policy: what holds.
        today: the day of the run, which lateness counts from.
    """
    return (*_category(receipt, policy), *_items(receipt, policy), *_late(receipt, policy, today))


def _category(receipt: Receipt, policy: Policy) -> Iterator[Finding]:
    rule = policy.rule(receipt.category)
    kind = receipt.category.value if receipt.category else "expenses without a category"
    if rule.forbidden:
        yield Finding(code="policy_forbidden", severity="error", fields=("category",), message=rule.forbidden)
        return
    total, currency = receipt.total, receipt.currency
    if total is None or currency is None:
        return
    limit, approval = rule.limit.get(currency), rule.approval_above.get(currency)
    if limit is None and approval is None and (rule.limit or rule.approval_above):
        yield Finding(
            code="policy_no_limit",
            severity="error",
            fields=("total", "currency"),
            message=f"The policy has limits for {kind}, but none in {currency}.",
        )
    elif limit is not None and total > limit:
        yield Finding(
            code="policy_over_limit",
            severity="error",
            fields=("total",),
            message=f"{total} {currency} is over the limit of {limit} {currency} for {kind}.",
        )
    elif approval is not None and total > approval:
        yield Finding(
            code="policy_needs_approval",
            severity="error",
            fields=("total",),
            message=f"{total} {currency} for {kind} needs approval: above {approval} {currency}.",
        )


def _items(receipt: Receipt, policy: Policy) -> Iterator[Finding]:
    for index, item in enumerate(receipt.line_items):
        for word in policy.forbidden_items:
            if re.search(rf"(?<!\w){re.escape(word.casefold())}", item.description.casefold()):
                yield Finding(
                    code="policy_forbidden_item",
                    severity="error",
                    fields=(f"line_items[{index}].description",),
                    message=f"Line {index + 1}, {item.description!r}, is not paid under the policy ({word}).",
                )
                break


def _late(receipt: Receipt, policy: Policy, today: datetime.date) -> Iterator[Finding]:
    if receipt.date is None or policy.late_after_days is None:
        return
    age = (today - receipt.date).days
    if age > policy.late_after_days:
        yield Finding(
            code="policy_too_old",
            severity="error",
            fields=("date",),
            message=f"The receipt is {age} days old; the policy takes {policy.late_after_days}.",
        )
