"""The `prefect-gemini` command. Each sub-command lives in a module of its own, which imports Prefect only when it runs."""

from __future__ import annotations

from importlib.metadata import version

from cyclopts import App

app = App(
    name="prefect-gemini",
    help="Typed values from documents with Gemini, as Prefect flows.",
    version=lambda: version("prefect-gemini"),
)
app.command("prefect_gemini.cli.receipts:receipts", name="receipts")
app.command("prefect_gemini.cli.contract:contract", name="contract")
app.command("prefect_gemini.cli.meeting:meeting", name="meeting")
app.command("prefect_gemini.cli.run:run", name="run")
app.command("prefect_gemini.cli.bulk:bulk", name="bulk")
app.command("prefect_gemini.cli.demo:demo", name="demo")
app.command("prefect_gemini.cli.doctor:doctor", name="doctor")
app.command("prefect_gemini.cli.costs:costs", name="costs")
app.command("prefect_gemini.cli.prices:prices", name="prices")
app.command("prefect_gemini.cli.models:models", name="models")
app.command("prefect_gemini.cli.local:local", name="local")
app.command("prefect_gemini.cli.record:record", name="record")


def main() -> None:
    """Entry point of the console script."""
    app.resolved_commands()  # so that the list of commands can say what each does
    app()
