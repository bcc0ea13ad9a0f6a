"""Choose the function a request speaks of, by the words it shares with names and descriptions."""

from __future__ import annotations

from prefect_gemini.local.engine import FunctionDeclaration
from prefect_gemini.local.reader.intake import Intake
from prefect_gemini.local.reader.words import Index, terms


def choose_function(
    intake: Intake, functions: list[FunctionDeclaration], *, forced: bool
) -> FunctionDeclaration | None:
    """The function to call; None where none shares a word with the request.

    Args:
        intake: the request.
        functions: those that may be called, at least one.
        forced: the caller demands a call: a single function is then called whatever the words.
    """
    if len(functions) == 1 and (forced or intake.pages):
        return functions[0]
    texts = [_text(function) for function in functions]
    scores = Index(texts).scores(f"{intake.prompt}\n{intake.material[:4000]}")
    best = max(range(len(functions)), key=lambda place: (scores[place], -place))
    if scores[best] > 0 and (forced or len(functions) > 1 or _speaks_of(intake.prompt, texts[best])):
        return functions[best]
    return None


def _text(function: FunctionDeclaration) -> str:
    properties = function.parameters.get("properties", {})
    about = " ".join(f"{name} {part.get('description', '')}" for name, part in properties.items())
    return f"{function.name} {function.name} {function.description} {function.description} {about}"


def _speaks_of(prompt: str, text: str) -> bool:
    return len(set(terms(prompt)) & set(terms(text))) >= 2
