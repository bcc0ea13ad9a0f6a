"""What can go wrong when a page is read."""

from __future__ import annotations


class PageError(ValueError):
    """The bytes cannot be turned into pages: broken, locked, too large, or of a kind that has none.

    Args:
        message: what is wrong with the file.
        hint: what the person who has the file can do about it.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.hint)


class OcrUnavailable(PageError):
    """Pixels would have to be read, and the OCR engine is not installed or does not start."""


def _rebuild(kind: type[PageError], message: str, hint: str) -> PageError:
    return kind(message, hint=hint)
