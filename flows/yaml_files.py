"""YAML files a person writes: numbers as written, no key twice, and errors that name the place."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


class FileProblem(ValueError):
    """A file that cannot be read or says something it cannot; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


def read_yaml(
    path: str | Path,
    model: type[M],
    *,
    what: str,
    hint: str = "",
    package: str | None = None,
    error: type[FileProblem] = FileProblem,
) -> M:
    """Read a YAML file into a model.

    Args:
        path: the file, or its name inside `package`.
        model: what it must say.
        what: what to call the file in messages, such as "policy file".
        hint: what a valid file has, for the error.
        package: the installed package that ships the file; None for a file of the user's.
        error: the class to raise.

    Raises:
        FileProblem: no such file, not YAML, or against the model; the message names the line or the entry.
    """
    name = str(path)
    try:
        if package is None:
            text = Path(path).expanduser().read_text(encoding="utf-8")
        else:
            text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
        return model.model_validate(yaml.load(text, _Loader) or {})
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise error(f"The {what} {name!r} cannot be read: {reason}.", "Check its path.") from problem
    except yaml.YAMLError as problem:
        raise error(f"The {what} {name!r} is not YAML: {problem}", "Mend the line it names.") from problem
    except ValidationError as problem:
        raise error(f"The {what} {name!r}: {_told(problem)}.", hint) from problem


class _Loader(yaml.SafeLoader):
    """YAML whose numbers stay as written, so that 19.90 is not a binary float, and whose keys are not repeated."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = str(self.construct_object(key_node, deep=True))
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    "while reading a mapping", node.start_mark, f"found {key!r} twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def _as_written(loader: _Loader, node: yaml.Node) -> str:
    return str(node.value)


_Loader.add_constructor("tag:yaml.org,2002:float", _as_written)


def _told(error: ValidationError) -> str:
    """Every problem with its place, as a person finds it in the file."""
    problems = []
    for problem in error.errors(include_url=False):
        place = ".".join(str(step) for step in problem["loc"] if step != "[key]") or "the file"
        problems.append(f"`{place}` is {problem['input']!r}: {problem['msg'].removeprefix('Value error, ')}")
    return "; ".join(problems)
