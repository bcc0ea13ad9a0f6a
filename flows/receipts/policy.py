"""The expense policy: limits by category and currency, what needs approval, what is never paid."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from prefect_gemini.flows.receipts.findings import Finding
from prefect_gemini.flows.receipts.models import Category, CurrencyCode, Receipt, exact

Amount = Annotated[Decimal, BeforeValidator(exact), Field(ge=0)]


class PolicyError(ValueError):
    """The policy file cannot be read or says something it cannot; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


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
        try:
            if path is None:
                source = resources.files(__package__).joinpath("policy.yaml")
                name, text = "policy.yaml", source.read_text(encoding="utf-8")
            else:
                name, text = str(path), Path(path).expanduser().read_text(encoding="utf-8")
            return cls.model_validate(yaml.load(text, _Loader) or {})
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or error
            raise PolicyError(f"The policy file {str(path)!r} cannot be read: {reason}.", "Check its path.") from error
        except yaml.YAMLError as error:
            raise PolicyError(f"The policy file {name!r} is not YAML: {error}", "Mend the line it names.") from error
        except ValidationError as error:
            raise PolicyError(
                f"The policy file {name!r}: {_told(error)}.",
                f"Categories are {', '.join(Category)}; a rule takes `approval_above`, `limit` and `forbidden`.",
            ) from error

    def rule(self, category: Category | None) -> Rule:
        """The rule that holds for a category."""
        return self.default if category is None else self.categories.get(category, self.default)


class _Loader(yaml.SafeLoader):
    """YAML whose numbers stay as written, so that 19.90 is not a binary float, and whose keys are not repeated."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    "while reading a mapping", node.start_mark, f"found {key!r} twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _as_written(loader: _Loader, node: yaml.Node) -> str:
    return str(node.value)


_Loader.add_constructor("tag:yaml.org,2002:float", _as_written)


def _told(error: ValidationError) -> str:
    """Every problem with its place, as a person finds it in the file."""
    problems = []
    for problem in error.errors(include_url=False):
        place = ".".join(str(step) for step in problem["loc"] if step != "[key]") or "the file"
        problems.append(f"`{place}` is {problem['input']!r}: {problem['msg'].removeprefix('Value error, ')}")
    return "; ".join(problems)


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
