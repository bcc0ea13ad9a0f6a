"""From an answer to the bodies that carry it: candidates, usage, feedback."""

from __future__ import annotations

import base64
import json
import os
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from prefect_gemini.local.wire.generating import tokens
from prefect_gemini.local.wire.protocol.proto import Surface

CHUNK_LETTERS = 64


@dataclass(frozen=True)
class Answer:
    """What will be said.

    Args:
        parts: as the API has them.
        finish_reason: of every candidate; "" leaves it out.
        provenance: where values stand, sent as `localProvenance`.
        model_version: who answered.
        usage: counts that replace the estimate.
        blocked_category: harm category that cut the answer off, without its prefix.
        finish_message: sent beside the finish reason.
        continuation: token for what did not fit.
    """

    parts: tuple[dict[str, Any], ...]
    finish_reason: str = "STOP"
    provenance: tuple[dict[str, Any], ...] = ()
    model_version: str = ""
    usage: dict[str, int] = field(default_factory=dict)
    blocked_category: str = ""
    finish_message: str = ""
    continuation: str = ""

    @property
    def output_tokens(self) -> int:
        """Tokens of the parts that are no thoughts."""
        spoken = [part for part in self.parts if not part.get("thought")]
        return tokens.total(tokens.count_contents([{"parts": spoken}], generation=3))

    @property
    def thought_tokens(self) -> int:
        """Tokens of the thoughts."""
        return sum(tokens.count_text(part.get("text", "")) for part in self.parts if part.get("thought"))


@dataclass(frozen=True)
class Frame:
    """What all bodies of one reply share.

    Args:
        surface: whose dialect.
        response_id: the reply's own.
        created: Vertex prints it.
        prompt: tokens of the prompt by modality, the cache's included.
        cached: tokens that came from a cache, by modality.
        candidates: how many.
        traffic: Vertex's traffic type.
        tier: the Developer API's service tier.
    """

    surface: Surface
    response_id: str
    created: str
    prompt: Counter[str]
    cached: Counter[str] = field(default_factory=Counter)
    candidates: int = 1
    traffic: str = "ON_DEMAND"
    tier: str = "standard"

    def usage(self, answer: Answer, *, spoken: int | None = None) -> dict[str, Any]:
        """`usageMetadata`.

        Args:
            spoken: tokens sent so far, in a stream; all of them when None.
        """
        output = (answer.output_tokens if spoken is None else spoken) * self.candidates
        thoughts = answer.thought_tokens
        prompt = tokens.total(self.prompt)
        usage: dict[str, Any] = {"promptTokenCount": prompt}
        if output:
            usage["candidatesTokenCount"] = output
        usage["totalTokenCount"] = prompt + output + thoughts
        if self.cached:
            usage["cachedContentTokenCount"] = tokens.total(self.cached)
        usage["promptTokensDetails"] = tokens.details(self.prompt)
        if self.cached:
            usage["cacheTokensDetails"] = tokens.details(self.cached)
        if output:
            usage["candidatesTokensDetails"] = [{"modality": "TEXT", "tokenCount": output}]
        if thoughts:
            usage["thoughtsTokenCount"] = thoughts
        if self.surface == "vertex":
            usage["trafficType"] = self.traffic
        else:
            usage["serviceTier"] = self.tier
        usage.update(answer.usage)
        return usage

    def body(self, answer: Answer, *, logprobs: int | None = None) -> dict[str, Any]:
        """A whole GenerateContentResponse."""
        rows = [self._candidate(answer, number, answer.parts) for number in range(self.candidates)]
        if logprobs is not None:
            for row in rows:
                row |= _logprobs(answer, logprobs)
        if answer.provenance:
            rows[0]["localProvenance"] = list(answer.provenance)
        return self._close({"candidates": rows}, answer, self.usage(answer))

    def chunks(self, answer: Answer) -> list[dict[str, Any]]:
        """The bodies of a stream; only the last has a finish reason."""
        pieces = _pieces(answer.parts)
        bodies, spoken = [], 0
        for number, piece in enumerate(pieces):
            last = number == len(pieces) - 1
            spoken += (
                0 if piece.get("thought") else tokens.total(tokens.count_contents([{"parts": [piece]}], generation=3))
            )
            rows = []
            for index in range(self.candidates):
                whole = answer if last else replace(answer, finish_reason="", finish_message="")
                rows.append(self._candidate(whole, index, (piece,)))
            if last and answer.provenance:
                rows[0]["localProvenance"] = list(answer.provenance)
            bodies.append(
                self._close({"candidates": rows}, answer, self.usage(answer, spoken=None if last else spoken))
            )
        return bodies or [self.body(answer)]

    def blocked(self, *, reason: str, category: str, message: str, model_version: str) -> dict[str, Any]:
        """A body that refuses the prompt."""
        feedback: dict[str, Any] = {"blockReason": reason}
        if message:
            feedback["blockReasonMessage"] = message
        if reason == "SAFETY":
            feedback["safetyRatings"] = _ratings(category, surface=self.surface)
        answer = Answer((), finish_reason="", model_version=model_version)
        return self._close({"promptFeedback": feedback}, answer, self.usage(answer))

    def _candidate(self, answer: Answer, index: int, parts: tuple[dict[str, Any], ...]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        if parts or not answer.blocked_category:
            row["content"] = {"role": "model"} | ({"parts": list(parts)} if parts else {})
        if answer.finish_reason:
            row["finishReason"] = answer.finish_reason
        if answer.finish_message:
            row["finishMessage"] = answer.finish_message
        if answer.continuation and answer.finish_reason:
            row["continuationToken"] = answer.continuation
        if answer.blocked_category:
            row["safetyRatings"] = _ratings(answer.blocked_category, surface=self.surface)
        if self.surface == "developer" or index:
            row["index"] = index
        return row

    def _close(self, body: dict[str, Any], answer: Answer, usage: dict[str, Any]) -> dict[str, Any]:
        body["usageMetadata"] = usage
        body["modelVersion"] = answer.model_version
        if self.surface == "vertex":
            body["createTime"] = self.created
        body["responseId"] = self.response_id
        return body


def new_response_id() -> str:
    """22 letters, as Google's."""
    return base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")


def sign(parts: tuple[dict[str, Any], ...], *, surface: Surface, model: str) -> tuple[dict[str, Any], ...]:
    """Put ids and thought signatures on function calls, as Gemini 3 does: only the first of a turn is signed."""
    signed, first = [], True
    for number, part in enumerate(parts):
        if "functionCall" in part:
            part = dict(part)
            seed = json.dumps([number, part["functionCall"], model], sort_keys=True, default=str)
            digest = sha256(seed.encode()).digest()
            if surface == "developer" and "id" not in part["functionCall"]:
                part["functionCall"] = {"id": base64.b32encode(digest[:5]).decode().lower(), **part["functionCall"]}
            if first and "thoughtSignature" not in part:
                part["thoughtSignature"] = base64.b64encode(b"local:" + digest).decode()
            first = False
        signed.append(part)
    return tuple(signed)


def limit(answer: Answer, *, max_tokens: int | None, stop: list[str]) -> Answer:
    """Cut an answer where generationConfig says it must end."""
    said: list[dict[str, Any]] = []
    left = max_tokens
    for part in answer.parts:
        if "text" not in part or part.get("thought"):
            said.append(part)
            continue
        content = part["text"]
        cut = min((at for word in stop if word and (at := content.find(word)) >= 0), default=None)
        if cut is not None:
            content = content[:cut]
        if left is not None and tokens.count_text(content) > left:
            said.append(part | {"text": _first_tokens(content, left)})
            return replace(answer, parts=tuple(said), finish_reason="MAX_TOKENS")
        if left is not None:
            left -= tokens.count_text(content)
        said.append(part | {"text": content})
        if cut is not None:
            break
    return replace(answer, parts=tuple(said))


def _first_tokens(content: str, count: int) -> str:
    low, high = 0, len(content)
    while low < high:
        middle = (low + high + 1) // 2
        if tokens.count_text(content[:middle]) <= count:
            low = middle
        else:
            high = middle - 1
    return content[:low]


def _pieces(parts: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Parts cut into what one chunk of a stream carries."""
    pieces: list[dict[str, Any]] = []
    for part in parts:
        content = part.get("text")
        if content is None or len(content) < 8:
            pieces.append(part)
            continue
        size = max(4, min(CHUNK_LETTERS, -(-len(content) // 3)))
        pieces.extend(part | {"text": content[at : at + size]} for at in range(0, len(content), size))
    return pieces


def _ratings(category: str, *, surface: Surface) -> list[dict[str, Any]]:
    rows = []
    for name in ("HATE_SPEECH", "DANGEROUS_CONTENT", "HARASSMENT", "SEXUALLY_EXPLICIT"):
        high = name == category
        row: dict[str, Any] = {
            "category": f"HARM_CATEGORY_{name}",
            "probability": "HIGH" if high else "NEGLIGIBLE",
        }
        if surface == "vertex":
            row |= {
                "probabilityScore": 0.9 if high else 0.01,
                "severity": "HARM_SEVERITY_HIGH" if high else "HARM_SEVERITY_NEGLIGIBLE",
                "severityScore": 0.9 if high else 0.01,
            }
        if high:
            row["blocked"] = True
        rows.append(row)
    return rows


def _logprobs(answer: Answer, count: int) -> dict[str, Any]:
    """Log probabilities of an answer that had no alternatives: all are 0."""
    words = [word for part in answer.parts for word in re.findall(r"\s*\S+", part.get("text", ""))]
    chosen = [{"token": word, "tokenId": number, "logProbability": 0.0} for number, word in enumerate(words)]
    result: dict[str, Any] = {"chosenCandidates": chosen}
    if count:
        result["topCandidates"] = [{"candidates": [one]} for one in chosen]
    return {"avgLogprobs": 0.0, "logprobsResult": result}
