"""Several calls at once, of which none is left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def together(calls: Iterable[Awaitable[T]]) -> list[T]:
    """Make calls at the same time, and wait for all of them, also when one fails.

    What a sibling is paid for is then in the ledger, and a dry run or a batch has seen every request.

    Args:
        calls: the calls.

    Returns:
        What they gave, in order.

    Raises:
        BaseException: the first failure in the order of the calls, once all have ended.
    """
    ended = await asyncio.gather(*calls, return_exceptions=True)
    replies: list[T] = []
    for one in ended:
        if isinstance(one, BaseException):
            raise one
        replies.append(one)
    return replies
