"""A finding: one thing a check has to say about one receipt."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Severity = Literal["error", "warning", "info"]


class Finding(BaseModel):
    """One thing a check has to say about one receipt.

    Args:
        code: stable name of the check, such as "does_not_add_up"; the how-to explains each.
        severity: "error" keeps the expense from being recorded without a person; "warning" is shown
            beside a recorded expense; "info" explains a figure.
        message: what is wrong, with the figures, for the person who reviews it.
        fields: paths in the receipt that the finding is about, such as "line_items[2].amount".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    severity: Severity
    message: str
    fields: tuple[str, ...] = ()


def worst(findings: tuple[Finding, ...]) -> Severity | None:
    """The gravest severity among findings; None where there are none."""
    order: tuple[Severity, ...] = ("error", "warning", "info")
    present = {finding.severity for finding in findings}
    return next((severity for severity in order if severity in present), None)
