"""The models the server knows: what `models.list` says, what each one takes, and when it was retired."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from prefect_gemini.local.wire.control.clock import Clock
from prefect_gemini.local.wire.protocol.google_errors import GoogleError
from prefect_gemini.local.wire.protocol.proto import Surface

_CHAT = ("generateContent", "countTokens", "createCachedContent", "batchGenerateContent")
_PLAIN_CHAT = ("generateContent", "countTokens", "batchGenerateContent")
_IMAGES = ("predict",)
_EMBED = ("embedContent", "countTextTokens", "countTokens", "asyncBatchEmbedContent")


@dataclass(frozen=True)
class Model:
    """One model.

    Args:
        id: without prefixes.
        display: for people.
        generation: of Gemini, as a number; 0 for what is no Gemini.
        inputs: tokens it reads.
        outputs: tokens it writes.
        methods: as `supportedGenerationMethods` lists them.
        thinking: "" where it cannot, "budget" (2.5) or "level" (3 and later).
        retired: the day it was shut down, as YYYY-MM-DD; "" while it lives.
        cache_minimum: tokens an explicit cache must have; 0 where it takes none.
        tunable: whether Vertex tunes it.
        vertex: whether it is a Vertex model at all.
        developer: whether the Developer API has it.
    """

    id: str
    display: str
    generation: float
    inputs: int = 1_048_576
    outputs: int = 65_536
    methods: tuple[str, ...] = _CHAT
    thinking: str = "level"
    retired: str = ""
    cache_minimum: int = 1_024
    tunable: bool = False
    vertex: bool = True
    developer: bool = True

    def developer_row(self) -> dict[str, Any]:
        """As the Developer API lists it."""
        row: dict[str, Any] = {
            "name": f"models/{self.id}",
            "version": f"{self.generation:g}" if self.generation else "001",
            "displayName": self.display,
            "description": f"{self.display}, as this local server plays it.",
            "inputTokenLimit": self.inputs,
            "outputTokenLimit": self.outputs,
            "supportedGenerationMethods": list(self.methods),
        }
        if "generateContent" in self.methods:
            row |= {"temperature": 1, "topP": 0.95, "topK": 64, "maxTemperature": 2}
        if self.thinking:
            row["thinking"] = True
        return row

    def vertex_row(self) -> dict[str, Any]:
        """As Vertex lists it."""
        return {
            "name": f"publishers/google/models/{self.id}",
            "versionId": "default",
            "openSourceCategory": "PROPRIETARY",
            "launchStage": "PUBLIC_PREVIEW" if "preview" in self.id else "GA",
            "publisherModelTemplate": (
                "projects/{user-project}/locations/{location}/publishers/google/models/" + self.id + "@default"
            ),
            "supportedActions": {},
        }


# Limits, methods and names as the Developer API listed them in 2026; retirement days are those of the
# public notices. Gemini 4 takes no explicit cache.
MODELS = (
    Model("gemini-4-argon", "Gemini 4 Argon", 4, cache_minimum=0, methods=_PLAIN_CHAT),
    Model("gemini-4-carbon", "Gemini 4 Carbon", 4, cache_minimum=0, methods=_PLAIN_CHAT),
    Model("gemini-3.8-flash", "Gemini 3.8 Flash", 3.8, cache_minimum=4_096),
    Model("gemini-3.7-flash", "Gemini 3.7 Flash", 3.7, cache_minimum=4_096),
    Model("gemini-3.6-flash", "Gemini 3.6 Flash", 3.6, cache_minimum=4_096),
    Model("gemini-3.5-flash", "Gemini 3.5 Flash", 3.5),
    Model("gemini-3.5-flash-lite", "Gemini 3.5 Flash Lite", 3.5),
    Model("gemini-3.1-flash-lite", "Gemini 3.1 Flash Lite", 3.1, tunable=True),
    Model("gemini-3.1-pro-preview", "Gemini 3.1 Pro Preview", 3.1),
    Model("gemini-3-flash-preview", "Gemini 3 Flash Preview", 3),
    Model("gemini-3-pro-preview", "Gemini 3 Pro Preview", 3, retired="2026-03-09"),
    Model("gemini-3-pro-image", "Gemini 3 Pro Image", 3, 131_072, 32_768, _PLAIN_CHAT),
    Model("gemini-3.1-flash-image", "Gemini 3.1 Flash Image", 3.1, 65_536, 65_536, _PLAIN_CHAT),
    Model("gemini-2.5-pro", "Gemini 2.5 Pro", 2.5, thinking="budget", tunable=True),
    Model("gemini-2.5-flash", "Gemini 2.5 Flash", 2.5, thinking="budget", tunable=True),
    Model("gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", 2.5, thinking="budget", tunable=True),
    Model("gemini-2.5-flash-image", "Gemini 2.5 Flash Image", 2.5, 32_768, 32_768, _PLAIN_CHAT, ""),
    Model("gemini-2.5-flash-preview-tts", "Gemini 2.5 Flash Preview TTS", 2.5, 8_192, 16_384, _PLAIN_CHAT, ""),
    Model(
        "gemini-2.5-computer-use-preview-10-2025",
        "Gemini 2.5 Computer Use",
        2.5,
        131_072,
        methods=_PLAIN_CHAT,
        vertex=False,
    ),
    Model("gemini-2.0-flash", "Gemini 2.0 Flash", 2, outputs=8_192, thinking="", retired="2026-06-01", tunable=True),
    Model(
        "gemini-2.0-flash-001",
        "Gemini 2.0 Flash 001",
        2,
        outputs=8_192,
        thinking="",
        retired="2026-06-01",
        tunable=True,
    ),
    Model("gemini-2.0-flash-exp", "Gemini 2.0 Flash Experimental", 2, outputs=8_192, thinking="", retired="2026-06-01"),
    Model("gemini-2.0-flash-lite", "Gemini 2.0 Flash-Lite", 2, outputs=8_192, thinking="", retired="2026-06-01"),
    Model(
        "gemini-2.0-flash-lite-001", "Gemini 2.0 Flash-Lite 001", 2, outputs=8_192, thinking="", retired="2026-06-01"
    ),
    Model(
        "gemini-2.0-flash-preview-image-generation",
        "Gemini 2.0 Flash Preview Image Generation",
        2,
        outputs=8_192,
        methods=_PLAIN_CHAT,
        thinking="",
        retired="2026-06-01",
    ),
    Model("gemini-1.5-pro-001", "Gemini 1.5 Pro 001", 1.5, 2_097_152, 8_192, thinking="", retired="2025-05-24"),
    Model("gemini-1.5-flash-001", "Gemini 1.5 Flash 001", 1.5, outputs=8_192, thinking="", retired="2025-05-24"),
    Model("gemini-1.5-pro", "Gemini 1.5 Pro", 1.5, 2_097_152, 8_192, thinking="", retired="2025-09-24"),
    Model("gemini-1.5-pro-002", "Gemini 1.5 Pro 002", 1.5, 2_097_152, 8_192, thinking="", retired="2025-09-24"),
    Model("gemini-1.5-flash", "Gemini 1.5 Flash", 1.5, outputs=8_192, thinking="", retired="2025-09-24"),
    Model("gemini-1.5-flash-002", "Gemini 1.5 Flash 002", 1.5, outputs=8_192, thinking="", retired="2025-09-24"),
    Model(
        "gemini-1.5-flash-8b",
        "Gemini 1.5 Flash-8B",
        1.5,
        outputs=8_192,
        thinking="",
        retired="2025-09-24",
        vertex=False,
    ),
    *(
        Model(name, display, 0, 480, 8_192, _IMAGES, "", cache_minimum=0, developer=False)
        for name, display in (
            ("imagen-4.0-generate-001", "Imagen 4"),
            ("imagen-4.0-fast-generate-001", "Imagen 4 Fast"),
            ("imagen-4.0-ultra-generate-001", "Imagen 4 Ultra"),
            ("imagen-4.0-ingredients-preview", "Imagen 4 Ingredients"),
            ("imagen-3.0-capability-001", "Imagen 3 Capability"),
            ("virtual-try-on-001", "Virtual Try-On"),
            ("image-segmentation-001", "Image Segmentation"),
        )
    ),
    Model("gemini-embedding-001", "Gemini Embedding 001", 0, 2_048, 1, _EMBED, "", cache_minimum=0),
    Model("gemini-embedding-2", "Gemini Embedding 2", 0, 8_192, 1, _EMBED, "", cache_minimum=0),
    Model("gemini-embedding-2-preview", "Gemini Embedding 2 Preview", 0, 8_192, 1, _EMBED, "", cache_minimum=0),
    Model("text-embedding-004", "Text Embedding 004", 0, 2_048, 1, _EMBED, "", retired="2026-01-14", cache_minimum=0),
)

ALIASES = {
    "gemini-flash-latest": "gemini-3.8-flash",
    "gemini-flash-lite-latest": "gemini-3.5-flash-lite",
    "gemini-pro-latest": "gemini-4-argon",
}

_VERB_METHOD = {
    "generateContent": "generateContent",
    "streamGenerateContent": "generateContent",
    "countTokens": "countTokens",
    "computeTokens": "countTokens",
    "embedContent": "embedContent",
    "batchEmbedContents": "embedContent",
    "asyncBatchEmbedContent": "asyncBatchEmbedContent",
    "batchGenerateContent": "batchGenerateContent",
}


class Models:
    """The catalogue, read by the server's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known = {model.id: model for model in MODELS}
        self.retirement = True

    def add(self, ids: Iterable[str | dict[str, Any]]) -> None:
        """Make more names known.

        Args:
            ids: names, each of a plain Gemini model; or `{"id", "like"}` for one like another, with other fields of
                `Model` beside them.
        """
        for row in ids:
            given = {"id": row} if isinstance(row, str) else dict(row)
            like = self._known.get(given.pop("like", ""), Model("", "", 3))
            self._known.setdefault(given["id"], replace(like, **{"display": given["id"], **given}))

    def alive(self, surface: Surface) -> list[Model]:
        """The models of one surface that are not retired."""
        return [model for model in self._known.values() if getattr(model, surface) and not self._retired(model)]

    def find(self, name: str, *, surface: Surface) -> Model | None:
        """The living model of that name or alias; versions after "@" do not count."""
        name = name.partition("@")[0]
        model = self._known.get(ALIASES.get(name, name))
        if model is None or not getattr(model, surface) or self._retired(model):
            return None
        return model

    def methods(self, name: str) -> tuple[str, ...]:
        """What a model can do, retired or not; nothing for one that is unknown."""
        model = self._known.get(ALIASES.get(name, name))
        return model.methods if model else ()

    def require(self, name: str, *, surface: Surface, verb: str, version: str, parent: str = "") -> Model:
        """The model, able to do `verb`.

        Raises:
            GoogleError: 404 in the words of the surface.
        """
        model = self.find(name, surface=surface)
        if model is not None and _VERB_METHOD.get(verb, verb) in model.methods:
            return model
        raise unknown_model(name, surface=surface, verb=verb, version=version, parent=parent)

    def _retired(self, model: Model) -> bool:
        if not model.retired or not self.retirement:
            return False
        return self._clock.now() >= datetime.fromisoformat(model.retired).replace(tzinfo=UTC)


def unknown_model(name: str, *, surface: Surface, verb: str, version: str, parent: str = "") -> GoogleError:
    """404 for a model that is unknown, retired, or cannot do `verb`."""
    if surface == "developer":
        return GoogleError(
            404,
            f"models/{name} is not found for API version {version}, or is not supported for {verb}. Call "
            "ModelService.ListModels to see the list of available models and their supported methods.",
        )
    full = f"{parent}/publishers/google/models/{name}" if parent else f"publishers/google/models/{name}"
    return GoogleError(
        404,
        f"Publisher Model `{full}` was not found or your project does not have access to it. Please ensure you are "
        "using a valid model version. For more information, see: "
        "https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions",
    )
