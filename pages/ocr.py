"""Read words from pixels with RapidOCR, whose models travel in its wheel: nothing is downloaded."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from prefect_gemini.pages.errors import OcrUnavailable
from prefect_gemini.pages.rows import Piece, common_slope, rows, slope_of
from prefect_gemini.pages.spelling import tidy
from prefect_gemini.pages.words import Box

Line = list[tuple[str, Box, float]]

MIN_CONFIDENCE = 0.5
"""A piece read with less is noise more often than text (RapidOCR's own default)."""

UPRIGHT_CONFIDENCE = 0.80
"""Mean confidence below which a page is tried upside down: upright pages of print stay above it."""

_PARAMETERS: dict[str, Any] = {
    # Named one by one so that no other default of a later release makes RapidOCR fetch a model.
    "Global.text_score": 0.0,
    "Global.use_cls": False,
    "Global.log_level": "critical",
    "Global.max_side_len": 2000,
}

_lock = threading.Lock()
_engine: Any = None


def read_image(image: Image.Image) -> tuple[list[Line], int]:
    """Read an image of print.

    Args:
        image: RGB.

    Returns:
        The lines in reading order, their boxes in pixels of the upright image; and the quarter turns
        clockwise that made it upright (0 to 3).

    Raises:
        OcrUnavailable: RapidOCR is not installed or its models do not load.
    """
    pixels = np.asarray(image.convert("RGB"))[:, :, ::-1]  # RapidOCR expects BGR
    with _lock:
        turns, pieces = _read_upright(pixels)
    kept = [piece for piece in pieces if piece.confidence >= MIN_CONFIDENCE and piece.text]
    return [_words(row) for row in rows(kept, slope=common_slope(kept))], turns


def _read_upright(pixels: np.ndarray[Any, Any]) -> tuple[int, list[Piece]]:
    """Read as it lies; turn only a page whose text runs down the page or makes no sense."""
    pieces = _recognise(pixels)
    sideways = _sideways(pieces)
    if not pieces or (not sideways and _confidence(pieces) >= UPRIGHT_CONFIDENCE):
        return 0, pieces
    tried = {} if sideways else {0: pieces}
    for turns in (1, 3) if sideways else (2,):
        tried[turns] = _recognise(np.rot90(pixels, -turns))
        if _confidence(tried[turns]) >= UPRIGHT_CONFIDENCE:
            break
    best = max(tried, key=lambda turns: _confidence(tried[turns]))
    return best, tried[best]


def _sideways(pieces: Sequence[Piece]) -> bool:
    long = [
        piece for piece in pieces if max(piece.box.width, piece.box.height) > 2 * min(piece.box.width, piece.box.height)
    ]
    tall = sum(1 for piece in long if piece.box.height > piece.box.width)
    return tall > 0.6 * len(long) if long else False


def _confidence(pieces: Sequence[Piece]) -> float:
    letters = sum(len(piece.text) for piece in pieces)
    return sum(len(piece.text) * piece.confidence for piece in pieces) / letters if letters else 0.0


def _recognise(pixels: np.ndarray[Any, Any]) -> list[Piece]:
    result = _started()(np.ascontiguousarray(pixels))
    if getattr(result, "boxes", None) is None or result.txts is None:
        return []
    pieces = []
    for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        across, down = corners[:, 0], corners[:, 1]
        box = Box(float(across.min()), float(down.min()), float(across.max()), float(down.max()))
        slope = slope_of((float(across[0]), float(down[0])), (float(across[1]), float(down[1])))
        pieces.append(Piece(tidy(" ".join(str(text).split())), box, float(score), slope))
    return pieces


def _words(row: Sequence[Piece]) -> Line:
    """Split each piece at its blanks, giving every word its share of the box by letter widths."""
    line: Line = []
    for piece in row:
        widths = [_width(letter) for letter in piece.text]
        unit = piece.box.width / (sum(widths) or 1.0)
        start = 0
        for word in piece.text.split(" "):
            left = piece.box.left + unit * sum(widths[:start])
            right = left + unit * sum(widths[start : start + len(word)])
            line.append((word, Box(left, piece.box.top, right, piece.box.bottom), piece.confidence))
            start += len(word) + 1
    return line


def _width(letter: str) -> float:
    if letter in " .,:;'!|ijlI()[]":
        return 0.55
    if letter in "MWmw@%" or ord(letter) > 0x2E80:
        return 1.5
    return 1.0


def _started() -> Any:
    global _engine
    if _engine is None:
        try:
            from rapidocr import RapidOCR  # 2 s of import, and not needed for text or most PDFs
            from rapidocr.utils.typings import EngineType, LangDet, LangRec, ModelType, OCRVersion
        except ImportError as missing:
            raise OcrUnavailable(
                "The page has to be read from pixels and `rapidocr` is not installed.",
                hint="Run `pip install 'rapidocr>=3.9,<4' onnxruntime`.",
            ) from missing
        models = {
            "Det.engine_type": EngineType.ONNXRUNTIME,
            "Det.lang_type": LangDet.CH,
            "Det.model_type": ModelType.SMALL,
            "Det.ocr_version": OCRVersion.PPOCRV6,
            "Rec.engine_type": EngineType.ONNXRUNTIME,
            "Rec.lang_type": LangRec.CH,
            "Rec.model_type": ModelType.SMALL,
            "Rec.ocr_version": OCRVersion.PPOCRV6,
        }
        level = logging.getLogger().level
        try:
            _engine = RapidOCR(params={**_PARAMETERS, **models})
        except Exception as broken:
            raise OcrUnavailable(
                f"The OCR engine does not start: {broken!r}.", hint="Reinstall `rapidocr` and `onnxruntime`."
            ) from broken
        finally:
            logging.getLogger().setLevel(level)
    return _engine
