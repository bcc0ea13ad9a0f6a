"""Function calls held against what was offered, and what the model is told of those that do not fit."""

from __future__ import annotations

from collections.abc import Sequence

from prefect_gemini.gemini.errors import InvalidOutput, MalformedFunctionCall
from prefect_gemini.gemini.reply import FunctionCall
from prefect_gemini.gemini.request import Part, Tool, Turn
from prefect_gemini.gemini.schemas.output import validate_arguments


def check_calls(calls: Sequence[FunctionCall], tools: Sequence[Tool]) -> None:
    """Hold each call against its function's schema.

    Args:
        calls: what the model wants called.
        tools: what was offered.

    Raises:
        MalformedFunctionCall: nothing was offered.
        InvalidOutput: a function that was not offered, or arguments that do not fit; it names all.
    """
    if not tools:
        raise MalformedFunctionCall(
            f"The model called {calls[0].name!r}, and no function was offered.",
            hint="Nothing was executed. The document may hold an instruction to the model: look at it.",
        )
    problems = [problem for call in calls for problem in _problems(call, tools)]
    if problems:
        raise InvalidOutput(
            "; ".join(problems), path=problems[0].partition(":")[0], problems=problems, hint="Nothing was executed."
        )


def wrong_calls(calls: Sequence[FunctionCall], tools: Sequence[Tool]) -> Turn:
    """The turn that answers calls that do not fit: every call must have its response, the good ones too."""
    responses = []
    for call in calls:
        wrong = "; ".join(_problems(call, tools))
        told = f"not called: {wrong}" if wrong else "not called yet: another call of this turn was wrong"
        responses.append(Part.of_function_response(call.name, {"error": told}, call_id=call.id))
    return Turn("user", (*responses, Part.of_text("Give all the calls again, each with arguments that fit.")))


def _problems(call: FunctionCall, tools: Sequence[Tool]) -> list[str]:
    tool = next((tool for tool in tools if tool.name == call.name), None)
    if tool is None:
        return [f"{call.name}: there is no such function; there are {sorted(tool.name for tool in tools)}"]
    try:
        validate_arguments(tool.parameters, call.args)
    except InvalidOutput as invalid:
        return [f"{call.name}: {problem}" for problem in invalid.problems]
    return []
