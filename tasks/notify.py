"""notify: tell people through a saved notification block."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
from prefect.blocks.abstract import NotificationBlock, NotificationError
from prefect.blocks.core import Block

from prefect_gemini.gemini.errors import InvalidOption, OutputFailed
from prefect_gemini.tasks.node import node

LONGEST = 3500
"""Characters of a body: Slack cuts at 4,000, Teams and others a little above."""

HINT = "Check the block's settings with its test button, and whether the service is up."


@node(category="acting", costs="nothing", side_effects=True)
async def anotify(body: str, block: str | NotificationBlock, *, subject: str | None = None) -> None:
    """Send a message to people: Slack, Teams, mail, or whatever the block stands for.

    Args:
        body: what to say; shortened to what chat services take.
        block: a notification block, or a saved one as `type/name`, such as `slack-webhook/invoices`.
        subject: a heading, where the service has one.

    Raises:
        InvalidOption: no such block, or one that does not notify.
        OutputFailed: the service did not take it.
    """
    target = block
    if isinstance(target, str):
        try:
            target = await Block.aload(target)
        except ValueError as error:
            raise InvalidOption(
                f"there is no block {block!r}: {str(error).splitlines()[0]}", hint="Name it as `type/name`."
            ) from None
    if not isinstance(target, NotificationBlock):
        raise InvalidOption(f"{type(target).__name__} does not notify.", hint="Choose a notification block.")
    text = body if len(body) <= LONGEST else body[: LONGEST - 1] + "…"
    try:
        with target.raise_on_failure():
            sending: Any = getattr(target, "anotify", None)
            if sending is None:  # a block of one's own, which only knows how to block
                await asyncio.to_thread(target.notify, text, subject)  # type: ignore[unused-coroutine]
            else:
                await sending(text, subject)
    except Exception as error:
        raise OutputFailed(f"{type(target).__name__}: {_said(error)}.", hint=HINT, retryable=True) from None


notify = anotify.sync


def _said(error: Exception) -> str:
    """What went wrong, without an address: that of a webhook is its password."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"the service answers {error.response.status_code} {error.response.reason_phrase}"
    said = error.log if isinstance(error, NotificationError) else f"{type(error).__name__}: {error}"
    return re.sub(r"\w[\w+.-]*://\S+|/services/\S+", "…", said.strip()) or "it was not taken"
