"""`prefect-gemini run`: the small flows from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.markdown import Markdown
from rich.text import Text

from prefect_gemini.cli._estimate import DryRun, show_estimate
from prefect_gemini.cli._reading import are_there, model_of
from prefect_gemini.cli._run import console, friendly_errors, prepare_prefect, run_flow
from prefect_gemini.cli._show import in_the_ui, show_table

if TYPE_CHECKING:
    from prefect_gemini.flows.finished import Finished

Flow = Literal["ask", "feedback", "moderation", "reason", "repository", "research", "tools", "triage"]

# What each flow calls the source, and what it calls `--about`.
PARAMETERS: Mapping[str, tuple[str, str]] = {
    "ask": ("folder", "question"),
    "feedback": ("feedback", ""),
    "moderation": ("content", ""),
    "reason": ("documents", "task"),
    "repository": ("root", ""),
    "research": ("papers", "about"),
    "tools": ("folder", "task"),
    "triage": ("requests", ""),
}


def run(
    flow: Flow,
    source: str = "",
    /,
    *,
    about: str = "",
    text: str = "",
    model: str = "",
    prose: bool = True,
    credentials: str = "",
    budget: Annotated[Decimal | None, Parameter(help="US dollars this run may cost; it stops before more.")] = None,
    output: str = "",
    dry_run: DryRun = False,
) -> None:
    """Run one of the small flows.

    ask: answer a question from a folder. research: what papers say about a subject. reason: a question in five
    steps. tools: a question about a folder, with tools. repository: document source code. feedback: sentiment and
    key points. moderation: hold content against a policy. triage: sort support requests.

    Exit status: 0 every document was read, 1 some could not be, 2 the run could not start or end.

    Parameters
    ----------
    flow
        Which flow.
    source
        A folder, a pattern, or a table (CSV, JSONL, Parquet); for reason it may be left out.
    about
        The question, task or subject: for ask, research, reason and tools.
    text
        The column of a table that holds the text: for feedback, moderation and triage.
    model
        A family (flash-lite, flash, pro: today's stable model) or a model id; empty: the flow's own.
    prose
        Have the model write an overview: for repository. --no-prose makes the outline alone, without a model.
    credentials
        Name of a saved GeminiCredentials block; empty: the environment.
    output
        Folder for files; empty: the flow's own, or none.
    dry_run
        Count the tokens and print the bill; send and write nothing.
    """
    source_name, about_name = PARAMETERS[flow]
    if not source and flow != "reason":
        _stop(f"prefect-gemini run {flow}: name a folder, a pattern or a table")
    if about_name and not about:
        _stop(f'prefect-gemini run {flow}: say what it is about, as in --about "…"')
    if source:
        are_there(f"run {flow}", [source])
    options: dict[str, Any] = {source_name: source}
    if about_name:
        options[about_name] = about
    if text:
        options["text"] = text
    if flow == "repository":
        options["prose"] = prose
    if output:
        options["output"] = output
    if dry_run:
        options["dry_run"] = True
    prepare_prefect()
    from prefect_gemini.gemini.costs.estimate import Estimate

    with friendly_errors():
        if model or credentials or budget is not None:
            options["model"] = model_of(model or "flash", credentials=credentials, budget=budget)
        finished: Finished | Estimate = run_flow(_flow(flow)(**options), title="counting tokens" if dry_run else flow)
    if isinstance(finished, Estimate):
        show_estimate(finished)
    show(flow, finished)
    sys.exit(1 if finished.failures else 0)


def show(name: str, finished: Finished) -> None:
    """Print what was found, what was not read, what it cost, and where everything is."""
    if finished.text:
        console.print(Markdown(finished.text))
    show_table(name, [{key: str(value) for key, value in row.items()} for row in finished.rows[:50]])
    show_table("Steps", [{key: str(value) for key, value in step.as_row().items()} for step in finished.steps])
    show_table("Not read", [{key: str(value) for key, value in row.items()} for row in finished.failures])
    cost = "no price is known for this model" if finished.cost is None else f"${finished.cost:.6f} at list prices"
    console.print("Cost     ", Text(cost))
    for path in finished.files:
        console.print("File     ", Text(str(path)))
    console.print("Prefect  ", Text(in_the_ui(finished.flow_run_id)))


def _flow(name: str) -> Callable[..., Any]:
    from prefect_gemini import flows

    known: Mapping[str, Callable[..., Any]] = {
        "ask": flows.ask_folder,
        "feedback": flows.read_feedback,
        "moderation": flows.moderate_content,
        "reason": flows.reason_in_steps,
        "repository": flows.document_repository,
        "research": flows.research_papers,
        "tools": flows.use_tools,
        "triage": flows.triage_requests,
    }
    return known[name]


def _stop(why: str) -> None:
    print(why, file=sys.stderr)
    sys.exit(2)
