"""write_rows: rows into a table of a database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from pydantic import SecretStr

from prefect_gemini.tasks.bulk.rows import Rows, record_of
from prefect_gemini.tasks.node import node

AT_ONCE = 1000


@node(category="bulk", costs="nothing", side_effects=True)
async def awrite_rows(rows: Iterable[Any], database: str | SecretStr, *, table: str, key: Sequence[str] = ()) -> int:
    """Write rows to a table of a database; a row whose key is there already replaces the old one.

    Rows are written a thousand at a time, each thousand whole or not at all. The table is made from the
    first of them if it is not there.

    Args:
        rows: mappings, pydantic models, or outcomes of `each`.
        database: SQLAlchemy URL.
        table: name of the table.
        key: columns that tell rows apart. Empty: rows are appended, and running again appends them again.

    Returns:
        How many rows were written.

    Raises:
        InvalidOption: a row without its key, a column that the table does not have, or no such database.
        OutputFailed: the database refused.
    """
    url = database.get_secret_value() if isinstance(database, SecretStr) else database

    def write() -> int:
        left, written = iter(rows), 0
        with Rows(url, table, key) as target:
            while records := [record_of(row) for row in islice(left, AT_ONCE)]:
                written += target.write(records)
        return written

    return await asyncio.to_thread(write)


write_rows = awrite_rows.sync
