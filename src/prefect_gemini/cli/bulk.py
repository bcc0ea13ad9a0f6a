"""`prefect-gemini bulk`: a folder, table or query of documents through one schema."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.text import Text

from prefect_gemini.cli._estimate import DryRun
from prefect_gemini.cli._reading import are_there, run_reading
from prefect_gemini.cli._run import console
from prefect_gemini.cli._show import in_the_ui

if TYPE_CHECKING:
    from prefect_gemini.flows.bulk import BulkResult

DEMO = 2000


def bulk(
    documents: str,
    *,
    fields: str = "",
    prompt: str = "Read the values the schema asks for from this document.",
    model: str = "flash",
    credentials: str = "",
    output: str = "out/bulk.jsonl",
    mode: Literal["interactive", "batch", "auto"] = "interactive",
    query: str = "",
    column: str = "",
    text: str = "",
    budget: Annotated[Decimal | None, Parameter(help="US dollars this run may cost; it stops before more.")] = None,
    concurrency: int = 32,
    dry_run: DryRun = False,
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
    credentials
        Name of a saved GeminiCredentials block; empty: the environment.
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
    dry_run
        Count the tokens and show the bill; send and write nothing.
    """
    are_there("bulk", [documents])
    options: dict[str, Any] = {"fields": _schema(fields)} if fields else {}
    result = process(
        documents,
        prompt=prompt,
        model=model,
        credentials=credentials,
        budget=budget,
        output=output,
        mode=mode,
        query=query,
        column=column,
        text=text,
        concurrency=concurrency,
        dry_run=dry_run,
        **options,
    )
    show(result)
    sys.exit(1 if result.written.failed else 0)


def process(documents: str, *, model: str = "flash", **options: Any) -> BulkResult:
    """Run the flow; see `run_reading`."""
    result: BulkResult = run_reading(
        "prefect_gemini.flows.bulk:process_documents", documents, model=model, title="reading documents", **options
    )
    return result


def _schema(path: str) -> dict[str, Any]:
    try:
        schema = json.loads(Path(path).expanduser().read_text())
    except (OSError, ValueError) as error:
        sys.exit(_not_a_schema(path, str(error)))
    return schema if isinstance(schema, dict) else sys.exit(_not_a_schema(path, "it is no JSON object"))


def _not_a_schema(path: str, why: str) -> int:
    print(f"prefect-gemini bulk: {path!r} holds no JSON schema: {why}", file=sys.stderr)
    return 2


def show(result: BulkResult) -> None:
    """Print what the run came to."""
    written = result.written
    console.print(f"[bold]Read by {result.backend}[/]")
    console.print(
        f"Documents {written.documents:,}, {written.failed:,} failed, {written.from_ledger:,} from the ledger"
    )
    for kind, count in written.errors.items():
        console.print(Text(f"          {count:,} {kind}, such as: {written.examples.get(kind, '')}"))
    for why, count in result.left_out.items():
        console.print("Left out ", Text(f"{count:,} {why}"))
    speed = written.documents / written.seconds if written.seconds else 0.0
    console.print(f"Speed     {speed:.0f} documents a second ({written.seconds:.0f} s)")
    paid = "; nothing was paid" if "local" in result.backend else ""
    console.print(f"Cost      ${written.cost:.4f} at Gemini's list prices{paid}")
    console.print(f"Outcomes  {written.output}", highlight=False)
    console.print("Prefect  ", Text(in_the_ui(result.flow_run_id)))


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
