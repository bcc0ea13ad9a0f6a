"""load_documents: the documents of a folder, prefix, table or query."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from prefect_gemini.gemini.documents.locations import scheme_of
from prefect_gemini.gemini.documents.sources import Documents, Item
from prefect_gemini.gemini.errors import DocumentNotFound
from prefect_gemini.tasks.node import node


@node(category="bulk", costs="nothing")
async def aload_documents(
    source: str | Path | Iterable[Item],
    *,
    query: str = "",
    column: str = "",
    text: str = "",
    name: str = "",
    patterns: Sequence[str] = (),
    allow_http: bool = False,
    empty_is_ok: bool = False,
) -> Documents:
    """Find documents, for `each` to read a little at a time.

    Args:
        source: a folder, glob, or `gs://` prefix; a CSV, JSONL or Parquet file with a document a row; an
            SQLAlchemy URL together with `query`; or any iterable of paths, URLs, bytes and documents.
        query: SELECT statement, for a database.
        column: the column with paths or URLs; `document`, `path`, `file`, `uri` or `url` if left out.
        text: the column with the documents' own text, instead.
        name: the column that says what each document is called; `id`, `key` or `name` if left out.
        patterns: only files whose name matches one, as in `*.pdf`.
        allow_http: fetch http(s) URLs in a table, from public addresses only.
        empty_is_ok: give an empty source instead of raising.

    Returns:
        The documents, unopened. Iterating reads the source; `left` names files left out, with the reason.

    Raises:
        DocumentNotFound: nothing is there, or it cannot be read.
        InvalidOption: options that do not fit the source, or a table without a column of documents.
    """
    documents = Documents(
        source, query=query, column=column, text=text, name=name, patterns=patterns, allow_http=allow_http
    )
    # An iterator can be read only once, so it is not looked into.
    if iter(documents) is source or empty_is_ok:
        return documents
    first = await asyncio.to_thread(lambda: next(iter(documents), None))
    # A path named outright is listed whether it is there or not.
    misspelt = isinstance(source, str | Path) and first == str(source) and scheme_of(str(source)) is None
    if first is None or (misspelt and not await asyncio.to_thread(_exists, str(source))):
        left = Counter(one.why for one in documents.left)
        told = "".join(f"; {count:,} left out: {why}" for why, count in left.items())
        raise DocumentNotFound(
            f"there is no document in {str(source)!r}{told}.",
            hint="Name a folder, a pattern such as 'inbox/*.pdf', or a table.",
        )
    return documents


load_documents = aload_documents.sync


def _exists(path: str) -> bool:
    return Path(path).expanduser().exists()
