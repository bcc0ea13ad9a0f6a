"""An engine that reads nothing and never refuses: sample answers of the right shape, and marked as such.

For tests of wiring, where the reader's refusals would be in the way and a script for every call too much.
A schema is filled with sample values, a function called with sample arguments; numbers and names of the
prompt are used where they fit. `modelVersion` says `local-sample-1`, and every text says what it is.
"""

from __future__ import annotations

import io
import json
import re
from typing import Any

from prefect_gemini.local.engine import EngineAnswer, FunctionDeclaration, GenerateCall
from prefect_gemini.local.sample.filler import Filler, names_of, numbers_of

MODEL_VERSION = "local-sample-1"

_WORD = re.compile(r"[^\W\d_]{4,}")
_STOP_WORDS = frozenset(
    [
        "about",
        "could",
        "from",
        "give",
        "have",
        "help",
        "into",
        "please",
        "tell",
        "that",
        "them",
        "then",
        "this",
        "what",
        "when",
        "with",
        "your",
    ]
)
_CLAUSE = re.compile(r"\S.*?(?:[.?!;](?=\s|$)|\n|$)")
_LENGTH = re.compile(r"(\d[\d,]*)[ -]tokens?\b")
_SENTENCE = "A sentence of a sample, written to fill the length that was asked for. "


class SampleEngine:
    """Answers every call; safe to call from several threads."""

    def generate(self, call: GenerateCall) -> EngineAnswer:
        """Answer one call with a sample."""
        asked = _asked(call)
        parts: list[dict[str, Any]] = []
        if call.generation_config.get("thinkingConfig", {}).get("includeThoughts"):
            parts.append({"text": "A sample of a thought: look at what is asked, then answer.", "thought": True})
        responses = [part["functionResponse"] for part in _last_parts(call) if "functionResponse" in part]
        functions = [] if responses and call.function_mode != "ANY" else choose_functions(call, asked)
        if functions:
            parts += [_call_part(one, asked) for one in functions]
        elif call.response_schema is not None:
            value = Filler(asked, call.response_schema).fill()
            parts.append({"text": str(value if call.response_mime_type == "text/x.enum" else _json(value))})
        elif call.response_mime_type == "application/json":
            parts.append({"text": _json({"sample": asked[:200]})})
        else:
            parts.append({"text": _text(asked, responses)})
        return EngineAnswer(tuple(parts), model_version=MODEL_VERSION)

    def count_tokens(self, contents: tuple[dict[str, Any], ...]) -> dict[str, int]:
        """A token for about every four letters."""
        letters = sum(len(part.get("text", "")) for content in contents for part in content.get("parts", []))
        return {"TEXT": -(-letters // 4)}

    def draw(self, prompt: str, mime: str) -> bytes:
        """A grey picture, whatever was asked for."""
        from PIL import Image

        out = io.BytesIO()
        Image.new("RGB", (64, 64), (128, 128, 128)).save(out, format="JPEG" if mime == "image/jpeg" else "PNG")
        return out.getvalue()


def choose_functions(call: GenerateCall, asked: str) -> list[FunctionDeclaration]:
    """The functions to call: those the prompt shares words with; where none must be called, perhaps none."""
    allowed = [one for one in call.functions if not call.allowed_functions or one.name in call.allowed_functions]
    if call.function_mode == "NONE" or not allowed:
        return []
    chosen = sorted((one for one in allowed if _first_word(one, asked) >= 0), key=lambda one: _first_word(one, asked))
    if chosen:
        return chosen
    if call.function_mode == "ANY":
        return allowed
    return allowed[:1] if names_of(asked) or numbers_of(asked) else []


def _call_part(function: FunctionDeclaration, asked: str) -> dict[str, Any]:
    # What is said near the function's own words comes first.
    clauses = sorted(_CLAUSE.findall(asked), key=lambda clause: _first_word(function, clause) < 0)
    args = Filler(" ".join(clauses), function.parameters).fill()
    return {"functionCall": {"name": function.name, "args": args if isinstance(args, dict) else {}}}


def _first_word(function: FunctionDeclaration, text: str) -> int:
    """Where the first word stands that a text shares with a function; -1 without one."""
    mine = {word.lower() for word in _WORD.findall(f"{function.name} {function.description}".replace("_", " "))}
    mine -= _STOP_WORDS
    return next((match.start() for match in _WORD.finditer(text) if match[0].lower() in mine), -1)


def _text(asked: str, responses: list[dict[str, Any]]) -> str:
    said = [_only_value(one.get("response")) for one in responses]
    text = f"A sample answer, made without a model, to: {asked[:400]}"
    if said:
        text += f"\nThe functions said: {'; '.join(said)}."
    if length := _LENGTH.search(asked):
        letters = 4 * int(length[1].replace(",", ""))
        text = (text + "\n" + _SENTENCE * (letters // len(_SENTENCE) + 1))[:letters]
    return text


def _only_value(response: Any) -> str:
    if isinstance(response, dict) and len(response) == 1:
        response = next(iter(response.values()))
    return response if isinstance(response, str) else _json(response)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _last_parts(call: GenerateCall) -> list[dict[str, Any]]:
    """Parts of the user's last turn; what several turns in a row say counts as one."""
    parts: list[dict[str, Any]] = []
    for content in reversed(call.contents):
        if content.get("role") == "model":
            break
        parts = [*content.get("parts", []), *parts]
    return parts


def _asked(call: GenerateCall) -> str:
    """Text of the user's last turn that has any."""
    for content in reversed(call.contents):
        text = " ".join(part["text"] for part in content.get("parts", []) if "text" in part)
        if text and content.get("role") != "model":
            return text
    return call.system_instruction
