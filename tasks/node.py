"""What makes a coroutine a node: a pair of Prefect tasks and a descriptor, from one function.

Write the coroutine once, named with the `a` of Prefect's convention, and keep its sync twin:

    @node(category="reading")
    async def aextract(document, schema, *, model="flash"):
        '''Read typed values from a document.'''

    extract = aextract.sync
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, TypeVar, get_type_hints

from prefect import Task
from prefect.cache_policies import NO_CACHE
from pydantic import PydanticSchemaGenerationError, TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema

from prefect_gemini.gemini import background
from prefect_gemini.gemini.errors import AnswerError, BudgetExceeded, ServiceError, SetupError

P = ParamSpec("P")
R = TypeVar("R")

Category = Literal["reading", "writing", "acting", "bulk"]


@dataclass(frozen=True)
class Descriptor:
    """What a node is, for catalogues and forms.

    Args:
        name: the verb.
        category: reading (documents in), writing (text out), acting (functions called), bulk.
        version: raised when the meaning of the output changes.
        summary: the first line of the docstring.
        input_schema: JSON schema of the arguments.
        output_schema: JSON schema of the result.
        costs: what one call costs, in words.
        side_effects: whether it changes anything outside the ledger.
    """

    name: str
    category: Category
    version: int
    summary: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any]
    costs: str
    side_effects: bool


class Node(Task[P, Coroutine[Any, Any, R]], Generic[P, R]):
    """An async Prefect task that knows its sync twin and describes itself.

    The ledger, not Prefect's result cache, keeps a document from being paid for twice: Prefect's
    key cannot see which credentials a block holds, the ledger's fingerprint can.
    """

    def __init__(self, fn: Callable[P, Coroutine[Any, Any, R]], **options: Any) -> None:
        category: Category = options.pop("category")
        version: int = options.pop("node_version")
        costs: str = options.pop("costs")
        side_effects: bool = options.pop("side_effects")
        verb = fn.__name__.removeprefix("a")
        shared = {
            "name": verb,
            "cache_policy": NO_CACHE,
            "persist_result": False,
            "tags": ["gemini"],
            "retry_condition_fn": not_tried_yet,
            **options,
        }
        super().__init__(fn, **shared)
        self.verb, self.side_effects = verb, side_effects
        self.sync: Task[P, R] = Task(_sync_twin(fn, verb), **shared)
        self._described = (category, version, costs, side_effects)

    @functools.cached_property
    def descriptor(self) -> Descriptor:
        """What this node is; computed on first use, because JSON schemas take time to build."""
        category, version, costs, side_effects = self._described
        return Descriptor(
            name=self.verb,
            category=category,
            version=version,
            summary=(inspect.getdoc(self.fn) or "").splitlines()[0],
            input_schema=_input_schema(self.fn),
            output_schema=_output_schema(self.fn),
            costs=costs,
            side_effects=side_effects,
        )


def not_tried_yet(task: Any, run: Any, state: Any) -> bool:
    """Whether Prefect may run a node again: not what the client has tried as often as its cause allows.

    Two loops would multiply: with three attempts each, nine requests for one that fails. Give a
    node `with_options(retries=…, retry_condition_fn=…)` to decide otherwise, for an outage of hours.
    """
    return not isinstance(state.data, ServiceError | AnswerError | BudgetExceeded | SetupError)


def node(
    *,
    category: Category,
    version: int = 1,
    costs: str = "one call to the model",
    side_effects: bool = False,
    **task_options: Any,
) -> Callable[[Callable[P, Coroutine[Any, Any, R]]], Node[P, R]]:
    """Make a coroutine a node.

    Args:
        category: where it stands in the catalogue.
        version: raise it when the meaning of the output changes.
        costs: what one call costs, in words.
        side_effects: whether it changes anything outside the ledger.
        task_options: anything `prefect.task` takes.

    Raises:
        ValueError: when the function's name does not start with the `a` of the convention.
    """

    def decorate(fn: Callable[P, Coroutine[Any, Any, R]]) -> Node[P, R]:
        if not (inspect.iscoroutinefunction(fn) and fn.__name__.startswith("a")):
            raise ValueError(f"a node is a coroutine function named with a leading 'a', like `aextract`; got {fn!r}")
        return Node(fn, category=category, node_version=version, costs=costs, side_effects=side_effects, **task_options)

    return decorate


def _sync_twin(fn: Callable[P, Coroutine[Any, Any, R]], verb: str) -> Callable[P, R]:
    @functools.wraps(fn)
    def twin(*args: P.args, **kwargs: P.kwargs) -> R:
        return background.run(fn(*args, **kwargs))

    twin.__name__ = verb
    twin.__qualname__ = verb
    return twin


def _input_schema(fn: Callable[..., Any]) -> dict[str, Any]:
    hints = get_type_hints(fn)
    parameters = inspect.signature(fn).parameters.values()
    return {
        "type": "object",
        "properties": {parameter.name: _schema_of(hints.get(parameter.name, Any)) for parameter in parameters},
        "required": [parameter.name for parameter in parameters if parameter.default is parameter.empty],
        "additionalProperties": False,
    }


def _output_schema(fn: Callable[..., Any]) -> dict[str, Any]:
    return _schema_of(get_type_hints(fn).get("return", Any))


def _schema_of(hint: Any) -> dict[str, Any]:
    # A schema class, a callback or an open document has no JSON form: any value then.
    try:
        return TypeAdapter(hint).json_schema()
    except (PydanticInvalidForJsonSchema, PydanticSchemaGenerationError):
        return {}
