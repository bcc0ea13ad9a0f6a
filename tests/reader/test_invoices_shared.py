"""Digital invoices of the measured set: the figures that must not fall."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prefect_gemini.local.reader import resolvers as resolvers
from prefect_gemini.local.reader.resolve import Reading, resolve
from prefect_gemini.local.reader.tables.tables import read_line_items
from prefect_gemini.pages import read_pages


@pytest.mark.shared
def test_invoices_are_read(shared_data: Path) -> None:
    """Most totals, dates and numbers are right, and what is given is hardly ever wrong."""
    (folder,) = (shared_data / "invoices_pdf").glob("*/")
    rows = [json.loads(line) for line in (folder / "truth.jsonl").read_text().splitlines()]
    right = wrong = items = itemised = 0
    for row in rows:
        truth = row["truth"] | (row.get("truth_printed") or {})
        reading = Reading(read_pages((folder / row["file"]).read_bytes(), "application/pdf"), "invoice")
        for role, name in (
            ("invoice_number", "invoice_number"),
            ("issue_date", "issue_date"),
            ("total", "grand_total"),
        ):
            found = resolve(reading, role, {})
            if found is None:
                continue
            same = float(found.value) == float(truth[name]) if role == "total" else str(found.value) == truth[name]
            right, wrong = right + same, wrong + (not same)
        itemised += bool(truth.get("lines"))
        items += bool(truth.get("lines")) and bool(read_line_items(reading))
    assert right >= 0.88 * 3 * len(rows)
    assert wrong <= 0.05 * 3 * len(rows)
    assert items >= 0.6 * itemised
