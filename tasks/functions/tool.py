"""A tool: a function or Prefect task that a model may call, with what it takes and whether it changes anything."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias, get_type_hints, overload

from prefect import Task
from prefect.utilities.callables import parameter_docstrings
from pydantic import BaseModel, ConfigDict, Field, PydanticUserError, ValidationError, create_model
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticSchemaGenerationError
from pydantic.json_schema import GenerateJsonSchema

from prefect_gemini.gemini.errors import InvalidOption, InvalidOutput
from prefect_gemini.gemini.request import Tool
from prefect_gemini.gemini.schemas.output import validate_arguments
from prefect_gemini.tasks.node import Node


@dataclass(frozen=True)
class FunctionTool:
    """A tool that is executed when the model calls it. Make one with `tool`.

    Args:
        function: a plain function, a coroutine function, or a Prefect task.
        side_effects: it changes something outside; each call needs an approval.
        name: what the model calls it.
        description: when to call it.
    """

    function: Callable[..., Any] | Task[..., Any]
    side_effects: bool = False
    name: str = ""
    description: str = ""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    @property
    def plain(self) -> Callable[..., Any]:
        """The function itself, out of its task."""
        return self.function.fn if isinstance(self.function, Task) else self.function

    @cached_property
    def declaration(self) -> Tool:
        """What the model is told.

        Raises:
            InvalidOption: a parameter has no JSON schema.
        """
        schema = self._arguments.model_json_schema(by_alias=True, schema_generator=_Untitled)
        schema.pop("title", None)
        return Tool(self.name, self.description, schema)

    def read(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as the function wants them: dates, enums and models built, defaults left to it.

        Raises:
            InvalidOutput: they do not satisfy the schema; the problems are for the model.
        """
        checked = validate_arguments(self.declaration.parameters, dict(args))
        try:
            built = self._arguments.model_validate_json(json.dumps(checked))
        except ValidationError as error:
            said = [
                f"{'.'.join(map(str, one['loc'])) or 'arguments'}: {one['msg']}"
                for one in error.errors(include_url=False)
            ]
            raise InvalidOutput(f"arguments: {'; '.join(said)}", problems=said) from None
        return {self._names[key]: getattr(built, key) for key in built.model_fields_set}

    @cached_property
    def _names(self) -> dict[str, str]:
        # Fields of a model may not be called `schema` or `_id`; arguments may.
        return {f"argument_{place}": name for place, name in enumerate(inspect.signature(self.plain).parameters)}

    @cached_property
    def _arguments(self) -> type[BaseModel]:
        described = parameter_docstrings(inspect.getdoc(self.plain))
        try:
            hints = get_type_hints(self.plain, include_extras=True)
        except NameError as error:
            raise InvalidOption(f"The type hints of {self.name!r} cannot be read: {error}.") from None
        fields: dict[str, Any] = {}
        for key, parameter in zip(self._names, inspect.signature(self.plain).parameters.values(), strict=True):
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                raise InvalidOption(f"The model cannot fill `{parameter}` of {self.name!r}: arguments go by name.")
            if parameter.name not in hints:
                raise InvalidOption(f"`{parameter.name}` of {self.name!r} has no type hint.", hint="Annotate it.")
            default = ... if parameter.default is parameter.empty else parameter.default
            about = described.get(parameter.name) or None
            fields[key] = (hints[parameter.name], Field(default, alias=parameter.name, description=about))
        config = ConfigDict(extra="forbid", arbitrary_types_allowed=False, protected_namespaces=())
        try:
            model = create_model(self.name, __config__=config, **fields)
            model.model_json_schema()
        except (PydanticUserError, PydanticSchemaGenerationError, PydanticInvalidForJsonSchema) as error:
            raise InvalidOption(
                f"No schema can be made of the arguments of {self.name!r}: {str(error).splitlines()[0]}",
                hint="Wrap it in a function whose arguments are text, numbers, dates, enums or pydantic models.",
            ) from None
        return model


AnyTool: TypeAlias = Tool | FunctionTool | Task[..., Any] | Callable[..., Any]
"""What `call_functions` takes: a declaration, which is never executed, or something that can be."""


@overload
def tool(function: Callable[..., Any], *, side_effects: bool = ..., name: str = ..., description: str = ...) -> FunctionTool: ...  # fmt: skip
@overload
def tool(*, side_effects: bool = ..., name: str = ..., description: str = ...) -> Callable[[Callable[..., Any]], FunctionTool]: ...  # fmt: skip
def tool(
    function: Callable[..., Any] | None = None,
    *,
    side_effects: bool | None = None,
    name: str = "",
    description: str = "",
) -> Any:
    """Make a function or Prefect task a tool that a model may call; also a decorator.

    The schema of its arguments comes from its type hints, their descriptions from its docstring.

    Args:
        function: a plain function, a coroutine function, a Prefect task, or a node.
        side_effects: it changes something outside (files, mails, rows); each call then needs an
            approval. Taken from the descriptor, for a node; False otherwise.
        name: what the model calls it; the function's name when empty.
        description: when to call it; the docstring's first paragraph when empty.

    Raises:
        InvalidOption: it is nothing that can be called.
    """
    if function is None:
        return lambda decorated: tool(decorated, side_effects=side_effects, name=name, description=description)  # type: ignore[arg-type]
    if isinstance(function, FunctionTool):
        # What is said here counts: a tool that somebody calls harmful is asked about, whoever made it.
        risky = function.side_effects if side_effects is None else side_effects
        return replace(
            function,
            side_effects=risky,
            name=name or function.name,
            description=description or function.description,
        )
    if not callable(function):
        raise InvalidOption(f"{function!r} is not a tool.", hint="Give a function, a Prefect task, or a `Tool`.")
    inner = function.fn if isinstance(function, Task) else function
    verb = function.verb if isinstance(function, Node) else getattr(inner, "__name__", type(inner).__name__)
    if side_effects is None:
        side_effects = isinstance(function, Node) and function.descriptor.side_effects
    return FunctionTool(
        function,
        side_effects=side_effects,
        name=name or verb,
        description=description or (inspect.getdoc(inner) or "").split("\n\n")[0],
    )


class _Untitled(GenerateJsonSchema):
    """Without the titles that pydantic makes of names: the model is told each name once."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False
