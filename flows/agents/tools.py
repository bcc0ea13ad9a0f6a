"""use_tools: a model with three tools over a folder: list it, read a file, reckon."""

from __future__ import annotations

import ast
import asyncio
import operator
from decimal import Decimal, DivisionByZero
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from prefect_gemini.blocks.model import GeminiModel
from prefect_gemini.flows.finished import Finished, finish
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.documents.document import Document
from prefect_gemini.gemini.documents.listing import documents_in
from prefect_gemini.gemini.errors import DocumentNotFound
from prefect_gemini.tasks import Leash, acall_functions, tool
from prefect_gemini.tasks.estimate import aestimate_call, dry_run_state
from prefect_gemini.tasks.parts.evidence import printed

LETTERS = 20_000
"""Letters of a file that the model is given; a longer one says that it was cut."""
_SUMS: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
}


@flow(name="use-tools")
async def use_tools(
    task: str,
    folder: str,
    model: str | GeminiModel = "flash",
    steps: int = 8,
    calls: int = 20,
    usd: float = 0.25,
    output: str = "",
    dry_run: bool = False,
) -> State[Finished] | State[Estimate]:
    """Let a model answer a question about a folder with three tools: list files, read one, calculate.

    Nothing outside the folder can be read, and nothing is written.

    Args:
        task: What to find out.
        folder: The folder whose files may be read.
        model: A family (flash-lite, flash, pro: today's stable model), a model id, or a saved Gemini Model block.
        steps: Turns of the model, at most.
        calls: Tools called, at most.
        usd: US dollars at list prices, at most.
        output: Folder for the answer as a file. Empty: none is written.
        dry_run: Count the tokens and show the bill; send and write nothing.
    """
    root = await asyncio.to_thread(_folder, folder)
    tools = [_listing(root), tool(read_file), tool(calculate)]
    leash = Leash(steps=steps, calls=calls, cost=Decimal(str(usd)), within=(str(root),))
    if dry_run:
        first = await aestimate_call(lambda: acall_functions.fn(task, tools, model=model, leash=leash))
        note = (
            f"Later turns depend on the first and are not in the bill; the leash ends them: {steps} turns, ${usd:.2f}."
        )
        return await dry_run_state(first + Estimate(notes=(note,)))
    reply = await acall_functions(task, tools, model=model, leash=leash)
    rows = [
        {"call": one.name, "arguments": str(one.args), "status": one.status, "seconds": f"{one.seconds:.2f}"}
        for one in reply.value
    ]
    return await finish(key="use-tools", text=reply.text, rows=rows, steps=reply.steps, output=output)


def _folder(path: str) -> Path:
    root = Path(path).expanduser().resolve()
    if not root.is_dir():
        raise DocumentNotFound(f"There is no folder {path!r}.", hint="Name the folder whose files may be read.")
    return root


def _listing(root: Path) -> Any:
    def list_files() -> list[str]:
        """List the files of the folder."""
        found = [Path(path).resolve() for path in documents_in(root)]
        return [str(path.relative_to(root)) for path in found if path.is_relative_to(root)]

    return tool(list_files)


async def read_file(name: Path) -> str:
    """Read the text of one file.

    Args:
        name: as list_files gives it.
    """
    source = await printed(Document.of(name))
    text = source if isinstance(source, str) else "\n\n".join(page.text for page in source)
    return text if len(text) <= LETTERS else f"{text[:LETTERS]}\n[cut: {len(text)} letters in all]"


def calculate(expression: str) -> str:
    """Reckon exactly with + - * / and brackets.

    Args:
        expression: for example (12.50 + 3) * 2
    """
    return str(_value(ast.parse(expression, mode="eval").body))


def _value(node: ast.expr) -> Decimal:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Decimal(str(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
        try:
            return Decimal(_SUMS[type(node.op)](_value(node.left), _value(node.right)))
        except DivisionByZero:
            raise ValueError("division by zero") from None
    if isinstance(node, ast.UnaryOp) and type(node.op) in _SUMS:
        return Decimal(_SUMS[type(node.op)](_value(node.operand)))
    raise ValueError("only numbers, + - * / and brackets")
