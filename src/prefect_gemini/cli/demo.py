"""`prefect-gemini demo`: the main job on the samples that come with the project, without credentials."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

from prefect_gemini.cli._run import console
from prefect_gemini.cli.receipts import process, show


def demo(job: Literal["receipts"] = "receipts") -> None:
    """Read the sample receipts on the local server; calls nobody, whatever credentials there are.

    Parameters
    ----------
    job
        What to show.
    """
    samples = _samples(job)
    for name in ("GOOGLE_API_KEY", "GEMINI_API_KEY", "GOOGLE_CLOUD_PROJECT"):
        os.environ.pop(name, None)
    console.print(f"[bold]Reading the samples in {samples} on the local server. Nothing leaves this machine.[/]")
    show(process([str(samples)], model="flash", output=f"out/demo-{job}"))
    console.print(
        "\nSome samples are bad on purpose: one does not add up, one is there twice, one is unreadable.\n"
        "Next: [bold]prefect-gemini receipts PATH[/] on a folder of your own; GOOGLE_API_KEY makes Gemini read it.",
        highlight=False,
    )


def _samples(job: str) -> Path:
    for root in (Path.cwd(), *Path(__file__).resolve().parents):
        if (root / "examples" / job).is_dir():
            found = root / "examples" / job
            return found.relative_to(Path.cwd()) if found.is_relative_to(Path.cwd()) else found
    sys.exit(
        "The samples are part of the source checkout: run this there, or `prefect-gemini receipts PATH` on your own."
    )
