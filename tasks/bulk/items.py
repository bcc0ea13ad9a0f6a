"""One item through a node: an outcome, whatever happens."""

from __future__ import annotations

import asyncio
import os
from pathlib import PurePath
from typing import Any

from prefect.logging import get_logger

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.rows import Row
from prefect_gemini.gemini.documents.sources import Item
from prefect_gemini.gemini.errors import UnsupportedMedia
from prefect_gemini.tasks.node import Node
from prefect_gemini.tasks.parts.outcome import Failure, Outcome

QUICK = 50_000
"""Characters of a text that is read within a millisecond or so."""
_Bytes = bytes | bytearray | memoryview


async def outcome_of(node: Node[Any, Any], index: int, item: Item, arguments: dict[str, Any]) -> Outcome[Any]:
    """Open an item and run the node on it.

    Args:
        node: which node.
        index: the item's place in the list.
        item: what to open.
        arguments: the node's other arguments.
    """
    told = {"index": index, "name": name_of(item), "source": _source(item)}
    try:
        document = opened(item) if _at_hand(item) else await asyncio.to_thread(opened, item)
        told |= {"name": document.name, "digest": document.digest}
        return Outcome(**told, reply=await node.fn(document, **arguments))
    except Exception as error:
        failure = Failure.of(error)
        if not failure.expected:
            get_logger("gemini").exception("%s failed in a way that has no type", told["name"])
        return Outcome(**told, failure=failure)


def _at_hand(item: Item) -> bool:
    """Whether opening it touches no disk and takes no time: that costs less than a thread."""
    if isinstance(item, Row):
        return item.broken != "" or (isinstance(item.text, str) and len(item.text) <= QUICK)
    return isinstance(item, Document)


def opened(item: Item) -> Document:
    """The document of an item: a path, URL, bytes, or a row of a table.

    Raises:
        DocumentError: it is none of these, or as `Document.of`.
    """
    if isinstance(item, Row):
        return item.open()
    if not isinstance(item, str | os.PathLike | Document | _Bytes):
        raise UnsupportedMedia(
            f"{type(item).__name__!r} is not a document.", hint="Give a path, a URL, bytes, or an open document."
        )
    return Document.of(item)


def name_of(item: Item) -> str:
    """What a document that did not open is called: what it would be called if it had."""
    if isinstance(item, _Bytes):
        return f"{len(item)} bytes"
    if isinstance(item, str | os.PathLike):
        return PurePath(item).name
    return item.name if isinstance(item, Document | Row) else type(item).__name__


def _source(item: Item) -> str:
    if isinstance(item, Document):
        return item.uri or ""
    if isinstance(item, Row):
        return item.location or ""  # two rows may have one name: a text is known by what it says
    return str(item) if isinstance(item, str | os.PathLike) else ""
