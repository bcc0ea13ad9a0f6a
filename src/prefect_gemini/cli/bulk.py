"""`prefect-gemini bulk`: a folder, table or query of documents through one schema."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect_gemini.cli._run import console, friendly_errors, prepare_prefect, run_flow

if TYPE_CHECKING:
    from prefect_gemini.flows.bulk import BulkResult

DEMO = 2000


def bulk(
    documents: str,
    *,
    fields: str = "",
    prompt: str = "Read the values the schema asks for from this document.",
    model: str = "flash",
    output: str = "out/bulk.jsonl",
    mode: str = "interactive",
    query: str = "",
    column: str = "",
    text: str = "",
    concurrency: int = 32,
) -> None:
    """Read the values of a schema from every document of a folder, table or query.

    Exit status: 0 every document was read, 1 some could not be, 2 the run could not start.

    Parameters
    ----------
    documents
        A folder, a pattern, a gs:// prefix, a CSV, JSONL or Parquet file, or a database URL.
    fields
        A file with the JSON schema of what to read; empty: date and total.
    prompt
        What to read, where the schema does not say it.
    model
        A family (flash-lite, flash, pro: today's stable model) or a model id.
    output
        A .jsonl or .parquet file, or a database URL.
    mode
        interactive; batch, at half the price within a day; or auto.
    query
        The SELECT statement, for a database.
    column
        The column with paths or URLs, for a table.
    text
        The column with the documents' own text, instead.
    concurrency
        Calls in flight at once.
    """
    options: dict[str, Any] = {"fields": json.loads(Path(fields).read_text())} if fields else {}
    result = process(
        documents,
        prompt=prompt,
        model=model,
        output=output,
        mode=mode,
        query=query,
        column=column,
        text=text,
        concurrency=concurrency,
        **options,
    )
    show(result)
    sys.exit(1 if result.written.failed else 0)


def process(documents: str, **options: Any) -> BulkResult:
    """Run the flow with a progress bar; leaves with status 2 and one line when it cannot start."""
    prepare_prefect()
    from prefect_gemini.flows.bulk import process_documents

    with friendly_errors():
        result: BulkResult = run_flow(process_documents(documents, **options), title="reading documents")
        return result


def show(result: BulkResult) -> None:
    """Print what the run came to."""
    written = result.written
    console.print(f"[bold]Read by {result.backend}[/]")
    console.print(
        f"Documents {written.documents:,}, {written.failed:,} failed, {written.from_ledger:,} from the ledger"
    )
    for kind, count in written.errors.items():
        console.print(f"          {count:,} {kind}", highlight=False)
    speed = written.documents / written.seconds if written.seconds else 0.0
    console.print(f"Speed     {speed:.0f} documents a second ({written.seconds:.0f} s)")
    console.print(f"Cost      ${written.cost:.4f} at Gemini's list prices")
    console.print(f"Outcomes  {written.output}", highlight=False)


def write_samples(path: Path, count: int = DEMO) -> Path:
    """Write small receipts as a JSONL table, one a row, for the demonstration."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            day, cents = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}", 100 + 37 * number % 9000
            total = f"{cents // 100}.{cents % 100:02}"
            text = f"Cafe Nord\nReceipt {number}\nDate: {day}\nCoffee and cake {total}\nTotal: {total} EUR"
            file.write(json.dumps({"id": f"receipt-{number:04}", "text": text}) + "\n")
    return path
