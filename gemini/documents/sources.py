"""Where many documents come from: folders, prefixes, lists, tables and queries, read as they are needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sized
from pathlib import Path
from typing import TypeAlias

from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.listing import Left, Listing, documents_in
from prefect_gemini.gemini.documents.queries import count_of_query, is_database, rows_of_query
from prefect_gemini.gemini.documents.rows import Columns, Row
from prefect_gemini.gemini.documents.tables import count_of, rows_of, table_kind
from prefect_gemini.gemini.errors import InvalidOption

__all__ = ["Documents", "Item", "Source"]

Item: TypeAlias = str | Path | bytes | Document | Row
Source: TypeAlias = str | Path | Iterable[Item]


class Documents(Iterable[Item]):
    """Many documents, not yet opened. Every iteration reads the source anew, a little at a time.

    Args:
        source: a folder, glob or `gs://` prefix; a CSV, JSONL or Parquet file with a document a row; an
            SQLAlchemy URL together with `query`; or any iterable of paths, URLs, bytes and documents.
        query: SELECT statement, for a database.
        column: the column with paths or URLs; found by its usual name if left out.
        text: the column with the documents' own text, instead.
        name: the column that says what each document is called.
        patterns: only files whose name matches one, as in `*.pdf`.
        allow_http: fetch http(s) URLs in a table, from public addresses only.

    Attributes:
        left: files of a folder or prefix that were left out, each with the reason.

    Raises:
        InvalidOption: an option that does not fit the source.
    """

    def __init__(
        self,
        source: Source,
        *,
        query: str = "",
        column: str = "",
        text: str = "",
        name: str = "",
        patterns: Iterable[str] = (),
        allow_http: bool = False,
    ) -> None:
        _refuse_what_is_not_many(source)
        self._source, self._query = source, query
        self._columns = Columns(column or None, text or None, name or None, allow_http)
        self._listing: Listing | None = None
        place = source if isinstance(source, str | Path) else None
        database = isinstance(source, str) and is_database(source)
        if database != bool(query):
            raise InvalidOption(
                "a database needs a `query`." if database else "`query` is for a database.",
                hint="Give an SQLAlchemy URL and a SELECT statement together.",
            )
        # A table named alone is a list of documents; in a folder or a list it is a document.
        self._table = place if place is not None and not database and table_kind(place) else None
        if place is not None and not database and self._table is None:
            self._listing = documents_in(place, patterns=patterns)
        if not (database or self._table) and (column or text or name):
            raise InvalidOption("`column`, `text` and `name` are for tables and queries, not for files.")

    def keep_from(self, output: str | Path) -> None:
        """See to it that what a run writes is not what it reads.

        Raises:
            InvalidOption: the file is the table the documents are the rows of.
        """
        written = Path(output).expanduser().resolve()
        if self._table is not None and Path(self._table).expanduser().resolve() == written:
            raise InvalidOption("`output` is the file that the documents come from.", hint="Name another one.")
        if self._listing is not None:
            self._listing.without = written

    @property
    def left(self) -> list[Left]:
        return [] if self._listing is None else self._listing.left

    def __iter__(self) -> Iterator[Item]:
        if self._query:
            return rows_of_query(str(self._source), self._query, self._columns)
        if self._table:
            return rows_of(self._table, self._columns)
        return iter(self._source if self._listing is None else self._listing)  # type: ignore[arg-type]

    def kept(self) -> Documents:
        """The same documents, to be read as often as needed: what an iterator gives is kept."""
        return Documents(list(self)) if iter(self) is self._source else self

    def count(self) -> int | None:
        """How many there are; None for an iterator or iterable that can only be counted by using it up."""
        if self._query:
            return count_of_query(str(self._source), self._query)
        if self._table:
            return count_of(self._table, self._columns)
        if self._listing is not None:
            return sum(1 for _ in self)
        if isinstance(self._source, Documents):
            return self._source.count()
        return len(self._source) if isinstance(self._source, Sized) else None


def _refuse_what_is_not_many(source: object) -> None:
    """One document where many are expected, or something that gives none."""
    if hasattr(source, "__aiter__"):
        raise InvalidOption(
            "documents cannot come from an async iterator.", hint="Collect them: `[one async for one in …]`."
        )
    one = isinstance(source, bytes | bytearray | memoryview | Document | Row)
    if one or isinstance(source, Mapping) or not isinstance(source, str | Path | Iterable):
        raise InvalidOption(
            f"many documents are a folder, a table or an iterable, not {type(source).__name__!r}.",
            hint="Put a single document in a list." if one else "Give paths, URLs, bytes or open documents.",
        )
