"""A prompt: words for a model, with a name, a version, and places for values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Self

from prefect_gemini.gemini.errors import InvalidOption

# Only a plain name in braces is a place; a JSON example in a prompt stays what it is.
_PLACE = re.compile(r"\{([A-Za-z_]\w*)\}")


@dataclass(frozen=True)
class Prompt:
    """Words for a model. What a node takes as `prompt`; its name and version go into fingerprint and cost report.

    Args:
        text: the words; `{vendor}` is a place for the value called vendor.
        name: what it is called in reports and in the store.
        version: the store's number; of a prompt that is in no store, the beginning of its words' SHA-256.
        system_instruction: who the model is to be; joined to what the node itself says.
        values: of its places, as text.

    Raises:
        InvalidOption: for empty words, a name with "@" in it, and values that have no place.
    """

    text: str
    name: str = "prompt"
    version: str = ""
    system_instruction: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise InvalidOption(f"The prompt {self.name!r} says nothing.")
        if not self.name or "@" in self.name:
            raise InvalidOption(f"{self.name!r} cannot name a prompt; a name is not empty and has no '@' in it.")
        if unknown := sorted(self.values.keys() - set(self.places)):
            raise InvalidOption(
                f"The prompt {self.name!r} has no place for {', '.join(map(repr, unknown))}.",
                hint=f"Its places are: {', '.join(self.places) or 'none'}.",
            )
        if not self.version:
            words = f"{self.system_instruction}\0{self.text}".encode()
            object.__setattr__(self, "version", sha256(words).hexdigest()[:12])

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """A prompt kept as a text file, beside the code it belongs to; named after the file.

        Raises:
            InvalidOption: when the file cannot be read as UTF-8.
        """
        path = Path(path)
        try:
            return cls(path.read_text(encoding="utf-8").strip(), name=path.stem)
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidOption(f"The prompt {str(path)!r} cannot be read: {error}") from error

    @property
    def places(self) -> tuple[str, ...]:
        """Names of the values it takes, in the order they appear."""
        return tuple(dict.fromkeys(_PLACE.findall(self.text)))

    @property
    def reference(self) -> str:
        """`NAME@VERSION`, as ledger and cost report know it."""
        return f"{self.name}@{self.version}"

    def fill(self, **values: object) -> Self:
        """The same prompt with values in its places.

        Raises:
            InvalidOption: for a value that has no place.
        """
        return replace(self, values={**self.values, **{name: str(value) for name, value in values.items()}})

    def render(self) -> str:
        """The words with the values in place. Braces inside a value are text, never places.

        Raises:
            InvalidOption: when a place has no value.
        """
        if missing := [name for name in self.places if name not in self.values]:
            raise InvalidOption(
                f"The prompt {self.reference} needs a value for {', '.join(map(repr, missing))}.",
                hint=f"Fill it: prompt.fill({', '.join(f'{name}=…' for name in missing)}).",
            )
        return _PLACE.sub(lambda place: self.values[place[1]], self.text)
