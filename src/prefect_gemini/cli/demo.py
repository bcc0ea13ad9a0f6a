"""`prefect-gemini demo`: the main job on the samples that come with the project, without credentials."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

from prefect_gemini.cli._run import console

WORDS = {
    "receipts": (
        "Some samples are bad on purpose: one does not add up, one is there twice, one is unreadable.\n"
        "Next: [bold]prefect-gemini receipts PATH[/] on a folder of your own; GOOGLE_API_KEY makes Gemini read it."
    ),
    "contracts": (
        "The second agreement is bad on purpose: clauses are missing, references lead nowhere, and it speaks to the "
        "program that reads it, which changes nothing but a warning. Each report shows the passages highlighted.\n"
        "Next: [bold]prefect-gemini contract FILE --playbook saas[/] on your own; GOOGLE_API_KEY makes Gemini read it."
    ),
    "meetings": (
        "The second meeting belongs to the first, so its table says what is still open. Without Gemini a recording is "
        "heard by `prefect-gemini\\[audio]` on this machine, if that is installed.\n"
        "Next: [bold]prefect-gemini meeting FILE[/] on a transcript of your own; GOOGLE_API_KEY makes Gemini read it."
    ),
    "bulk": (
        "Run it again: every answer comes from the ledger, and costs nothing.\n"
        "Next: [bold]prefect-gemini bulk FOLDER --fields schema.json[/]; `--mode batch` takes Gemini's Batch API, at half "
        "the price. docs/how-to/batch.md and docs/how-to/more-machines.md say more."
    ),
}
"""What is said after each demonstration."""


def demo(job: Literal["receipts", "contracts", "meetings", "bulk"] = "receipts") -> None:
    """Read samples on the local server; calls nobody, whatever credentials there are.

    Parameters
    ----------
    job
        What to show: receipts, contracts, meetings or bulk (2,000 small documents).
    """
    samples = Path("out/demo-bulk/receipts.jsonl") if job == "bulk" else _samples(job)
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT"):
        os.environ.pop(name, None)
    console.print(f"[bold]Reading the samples in {samples} on the local server. Nothing leaves this machine.[/]")
    if job == "meetings":
        from prefect_gemini.cli import meeting

        meeting.show(meeting.process([str(samples)], model="flash", output=f"out/demo-{job}"))
    elif job == "contracts":
        from prefect_gemini.cli import contract, contract_show

        contract_show.show_portfolio(contract.run_portfolio([str(samples)], output=f"out/demo-{job}"))
    elif job == "bulk":
        from prefect_gemini.cli import bulk

        result = bulk.process(str(bulk.write_samples(samples)), output="out/demo-bulk/outcomes.jsonl")
        bulk.show(result)
    else:
        from prefect_gemini.cli import receipts

        receipts.show(receipts.process([str(samples)], model="flash", output=f"out/demo-{job}"))
    console.print("\n" + WORDS[job], highlight=False)


def _samples(job: str) -> Path:
    for root in (Path.cwd(), *Path(__file__).resolve().parents):
        if (root / "examples" / job).is_dir():
            found = root / "examples" / job
            return found.relative_to(Path.cwd()) if found.is_relative_to(Path.cwd()) else found
    sys.exit(
        "The samples are part of the source checkout: run this there, or `prefect-gemini receipts PATH` on your own."
    )
