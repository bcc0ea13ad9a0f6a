"""A remark: one thing a check by code has to say about an agreement."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RemarkCode = Literal[
    "undefined_term",
    "dangling_reference",
    "wrong_reference",
    "missing_attachment",
    "suspected_injection",
    "facts_disagree",
    "unsupported_fact",
    "split_document",
    "date_unclear",
]


class Remark(BaseModel):
    """One thing a check has to say.

    Args:
        code: stable name of the check.
        message: what is wrong, for the person who reviews it.
        quote: the words it is about, as printed; empty where there are none.
        start: where they stand in the text; None where they stand nowhere.
        section: the section they are in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: RemarkCode
    message: str
    quote: str = ""
    start: int | None = Field(None, ge=0)
    section: str = ""
