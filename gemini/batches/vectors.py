"""Batches of texts to be embedded: which models and places take them, how a row is written, and how it is read.

Formats and places: "Gemini Embedding batch prediction" of the Agent Platform documentation (Vertex AI) and
"Batch API", section embeddings, of ai.google.dev, read in November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls.embeddings import Embedding, Vector, vector_of
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.errors import InvalidOption, MalformedResponse, UnknownModel
from prefect_gemini.gemini.reply import Reply

PLACES: Mapping[str, tuple[str, ...]] = {
    "gemini-embedding-001": (
        "us-central1",
        "us-east1",
        "us-east4",
        "us-west1",
        "us-west4",
        "europe-west1",
        "europe-west4",
    ),
    "gemini-embedding-2": ("global", "us", "eu"),
}
"""Where Vertex AI embeds in batches."""


def embeds(model: str) -> bool:
    """Whether a model's batches are of texts to be embedded; such a model does nothing else."""
    try:
        return resolve(model, warn=False).family == "embedding"
    except UnknownModel:
        return False


def check_batch(asked: Embedding, backend: Backend) -> None:
    """Refuse what the service does not embed in a batch.

    Raises:
        InvalidOption: a tuned model, or on Vertex AI another place than the model's batches are served in.
    """
    if not embeds(asked.model):
        raise InvalidOption(
            f"{asked.model!r} embeds in no batch: only Google's own embedding models do.",
            hint='Leave out `mode="batch"`.',
            model=asked.model,
        )
    places = PLACES.get(asked.model)
    if backend.kind == "vertex" and places is not None and backend.location not in places:
        raise InvalidOption(
            f"Vertex AI does not embed with {asked.model} in a batch in {backend.location!r}.",
            hint=f'Use one of the locations {", ".join(places)}, or leave out `mode="batch"`.',
            model=asked.model,
        )


def body_of(asked: Embedding, backend: Backend) -> dict[str, Any]:
    """The request of a row."""
    content = {"content": {"parts": [{"text": asked.text}]}}
    config = {"task_type": asked.task_type, "output_dimensionality": asked.dimensions}
    return {**content, "embed_content_config": config} if backend.kind == "vertex" else {**content, **config}


def read_vector(payload: Any, *, estimate: int, model: str, backend: str) -> Reply[Vector]:
    """The reply in a row of output.

    Args:
        payload: its `response`.
        estimate: tokens of the text, for a service that does not count them.
        model, backend: who answered.

    Raises:
        MalformedResponse: it holds no vector.
    """
    said = payload if isinstance(payload, Mapping) else {}
    usage, embedding = said.get("usageMetadata"), said.get("embedding")
    counted = said.get("tokenCount") or (usage.get("promptTokenCount") if isinstance(usage, Mapping) else None)
    values = embedding.get("values") if isinstance(embedding, Mapping) else None
    try:
        return vector_of(
            [float(value) for value in values or ()],
            counted=int(counted or 0),  # an int64 of Google's JSON is a string
            estimate=estimate,
            model=model,
            backend=backend,
        )
    except (TypeError, ValueError) as error:
        raise MalformedResponse(f"The row holds no vector ({type(error).__name__}: {error}).", model=model) from None
