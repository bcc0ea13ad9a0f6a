"""What an answer must look like, what of it Gemini is told, and how the answer becomes a value."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin

from jsonschema.protocols import Validator
from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema

from prefect_gemini.gemini.errors import InvalidOption, InvalidOutput
from prefect_gemini.gemini.schemas.dialect import Dialect
from prefect_gemini.gemini.schemas.strict_json import NotStrictJSON, loads
from prefect_gemini.gemini.schemas.validation import json_path, problems, validator

T = TypeVar("T")
Problems = tuple[tuple[str, str], ...]

INDEX = "index"
INDEXES = "indexes"
WRAPPED = "value"


@dataclass(frozen=True)
class Wire:
    """What is sent of a schema.

    Args:
        mime_type: "application/json", or "text/x.enum" where the answer is one of a few strings.
        json_schema: for `responseJsonSchema`; for "text/x.enum" a string type with its `enum`.
    """

    mime_type: Literal["application/json", "text/x.enum"]
    json_schema: dict[str, Any]

    def config(self) -> dict[str, Any]:
        """The fields of google-genai's `GenerateContentConfig` that carry it."""
        return {"response_mime_type": self.mime_type, "response_json_schema": self.json_schema}


@dataclass(frozen=True)
class Output(Generic[T]):
    """A kind of answer. Make one with `Output.of`.

    Args:
        name: what to call it in messages and reports.
        json_schema: the schema as its author means it; every answer is validated against this one.
        wire: what Gemini is told.
        loosened: what Gemini is not told, one sentence each.
    """

    name: str
    json_schema: dict[str, Any]
    wire: Wire
    loosened: tuple[str, ...] = ()
    _build: Callable[[Any], T] = field(repr=False, compare=False, default=lambda value: value)
    _unwrap: Callable[[str], Any] = field(repr=False, compare=False, default=loads)
    _formats: bool = True

    @classmethod
    def of(cls, spec: Any) -> Output[Any]:
        """Make an Output from whatever says what the answer must be.

        Args:
            spec: a pydantic model, an Enum, a Literal, any type pydantic can build, a JSON Schema (a dict),
                or a list of labels of which the answer is one.

        Raises:
            InvalidOption: it cannot be turned into a schema Gemini can follow; the message names the keyword.
        """
        if isinstance(spec, Output):
            return spec
        if isinstance(spec, Mapping):
            return _from_json_schema(dict(spec))
        if isinstance(spec, type):
            return _from_class(spec)
        if isinstance(spec, (list, tuple, set, frozenset)):
            return cls.labels(sorted(spec) if isinstance(spec, (set, frozenset)) else list(spec))
        if get_origin(spec) is Literal:
            return _from_choices("choice", list(get_args(spec)), list(get_args(spec)))
        return _from_type(spec)

    @classmethod
    def labels(cls, labels: Sequence[str], *, several: bool = False) -> Output[Any]:
        """Make an Output for classification: Gemini is asked for the label's number, so no label can drift.

        Args:
            labels: at least one, each different.
            several: whether the answer is a list of labels, possibly empty, instead of one.

        Raises:
            InvalidOption: no labels, a label twice, or a label that is not text.
        """
        texts = list(labels)
        if not texts or not all(isinstance(label, str) and label.strip() for label in texts):
            raise InvalidOption("labels must be a list of texts, none of them blank", hint="Give at least one label.")
        if len(set(texts)) != len(texts):
            raise InvalidOption("a label stands twice in the list", hint="Give each label once.")
        return _by_index(texts, texts, several=several)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the schema's content, both as meant and as sent; for fingerprints."""
        content = json.dumps(
            [self.json_schema, self.wire.mime_type, self.wire.json_schema], sort_keys=True, default=str
        )
        return sha256(content.encode()).hexdigest()

    @cached_property
    def _validator(self) -> Validator:
        return validator(self.json_schema, formats=self._formats)

    def parse(self, text: str) -> T:
        """Turn the text of an answer into its value.

        Raises:
            InvalidOutput: not strict JSON, against the schema, or refused by the type; `path` is the first
                place that is wrong, and the message lists all.
        """
        try:
            value = self._unwrap(text)
        except NotStrictJSON as error:
            raise _invalid(self.name, (("", f"not JSON: {error}"),)) from None
        return self.check(value)

    def check(self, value: Any) -> T:
        """Validate a value that is already JSON (a dict, a list, …) and build the result from it.

        Raises:
            InvalidOutput: as `parse`.
        """
        wrong = problems(self._validator, value)
        if wrong:
            raise _invalid(self.name, wrong)
        try:
            return self._build(value)
        except ValidationError as error:
            found = tuple((json_path(item["loc"]), item["msg"][:300]) for item in error.errors(include_url=False))
            raise _invalid(self.name, found) from None
        except RecursionError:
            raise _invalid(self.name, (("", "nested too deep for its type"),)) from None


def validate_arguments(schema: Mapping[str, Any], args: Any) -> dict[str, Any]:
    """Check the arguments of a function call against the schema the function was declared with.

    Args:
        schema: JSON Schema of the parameters object.
        args: what the model sent: a mapping, or JSON text.

    Raises:
        InvalidOutput: not an object, not strict JSON, or against the schema.
    """
    try:
        value = loads(args if isinstance(args, str) else json.dumps(args))
    except NotStrictJSON as error:
        raise _invalid("arguments", (("", f"not JSON: {error}"),)) from None
    except (TypeError, ValueError, RecursionError) as error:
        raise _invalid("arguments", (("", f"not JSON: {str(error)[:200]}"),)) from None
    if not isinstance(value, dict):
        raise _invalid("arguments", (("", "not an object"),))
    wrong = problems(validator(dict(schema)), value)
    if wrong:
        raise _invalid("arguments", wrong)
    return value


def _invalid(name: str, wrong: Problems) -> InvalidOutput:
    sentences = [f"{path or 'the answer'}: {message}" for path, message in wrong]
    return InvalidOutput(f"{name}: {'; '.join(sentences)}", path=wrong[0][0], problems=sentences)


@lru_cache(maxsize=256)  # a run asks for one class ten thousand times
def _from_class(spec: type) -> Output[Any]:
    if issubclass(spec, Enum):
        return _from_choices(spec.__name__, list(spec), [member.value for member in spec])
    return _from_type(spec)


def _from_json_schema(schema: dict[str, Any]) -> Output[Any]:
    try:
        return _from_text(json.dumps(schema))
    except (TypeError, ValueError, RecursionError):
        return _from_mapping(schema)  # not JSON: the check says what of it is wrong


@lru_cache(maxsize=256)
def _from_text(schema: str) -> Output[Any]:
    return _from_mapping(json.loads(schema))


def _from_mapping(schema: dict[str, Any]) -> Output[Any]:
    validator(schema)  # refuses what is no schema, before anything is sent
    wire, wrapped, notes = _wire(schema)
    return Output(str(schema.get("title") or "answer"), schema, wire, notes, _unwrap=_unwrapped if wrapped else loads)


def _from_type(spec: Any) -> Output[Any]:
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(spec)
        schema = adapter.json_schema(mode="validation", by_alias=True)
    except (PydanticSchemaGenerationError, PydanticInvalidForJsonSchema, PydanticUserError, TypeError) as error:
        raise InvalidOption(
            f"no schema can be made of {spec!r}: {str(error).splitlines()[0]}",
            hint="Give a pydantic model, an Enum, a Literal, a JSON Schema as a dict, or a list of labels.",
        ) from None
    wire, wrapped, notes = _wire(schema)

    def build(value: Any) -> Any:
        # From text, because only then are dates, decimals and enums read from their JSON forms in strict models too.
        return adapter.validate_json(json.dumps(value))

    name = getattr(spec, "__name__", "answer")
    # Pydantic checks formats itself, by rules of its own: a `datetime` need not carry a time zone.
    return Output(name, schema, wire, notes, build, _unwrapped if wrapped else loads, _formats=False)


def _wire(schema: dict[str, Any]) -> tuple[Wire, bool, tuple[str, ...]]:
    dialect = Dialect(schema)
    wire = dialect.wire
    # A choice at the root has been answered with 400 by gemini-3.8-flash: it goes inside an object.
    wrapped = "anyOf" in wire
    if wrapped:
        inner = {key: value for key, value in wire.items() if key != "$defs"}
        wire = {
            **{key: value for key, value in wire.items() if key == "$defs"},
            "type": "object",
            "properties": {WRAPPED: inner},
            "required": [WRAPPED],
        }
    return Wire("application/json", wire), wrapped, dialect.notes


def _unwrapped(text: str) -> Any:
    value = loads(text)
    if not isinstance(value, dict) or set(value) != {WRAPPED}:
        raise NotStrictJSON(f"expected an object with the one key {WRAPPED!r}")
    return value[WRAPPED]


def _from_choices(name: str, choices: list[Any], values: list[Any]) -> Output[Any]:
    if not values:
        raise InvalidOption(f"{name} has no members", hint="Give it at least one.")
    if not all(isinstance(value, str) and value.strip() for value in values):
        return _by_index(choices, [str(value) for value in values], name=name)
    by_text = dict(zip(values, choices, strict=True))

    def read(text: str) -> Any:
        answer = text.strip()
        if answer not in by_text and answer.startswith('"'):
            answer = loads(answer)
        return answer

    schema = {"type": "string", "enum": values}
    return Output(name, schema, Wire("text/x.enum", schema), (), by_text.__getitem__, read)


def _by_index(choices: list[Any], labels: list[str], *, several: bool = False, name: str = "label") -> Output[Any]:
    listed = "\n".join(f"{number}: {label}" for number, label in enumerate(labels))
    number = {"type": "integer", "minimum": 0, "maximum": len(labels) - 1}
    if several:
        schema = {
            "type": "object",
            "properties": {
                INDEXES: {
                    "type": "array",
                    "items": number,
                    "maxItems": len(labels),
                    "uniqueItems": True,
                    "description": f"The numbers of all labels that fit, possibly none:\n{listed}",
                }
            },
            "required": [INDEXES],
            "additionalProperties": False,
        }
    else:
        schema = {
            "type": "object",
            "properties": {INDEX: {**number, "description": f"The number of the label that fits best:\n{listed}"}},
            "required": [INDEX],
            "additionalProperties": False,
        }

    def build(value: dict[str, Any]) -> Any:
        if several:
            return tuple(choices[int(index)] for index in value[INDEXES])
        return choices[int(value[INDEX])]

    dialect = Dialect(schema)
    return Output(name, schema, Wire("application/json", dialect.wire), (), build)
