"""One coroutine makes a pair of tasks and a descriptor."""

from __future__ import annotations

import inspect

import pytest
from prefect import Task

from prefect_gemini import tasks
from prefect_gemini.tasks import Node, node

NODES = [value for value in vars(tasks).values() if isinstance(value, Node)]


@node(category="writing")
async def arepeat(text: str, *, times: int = 2) -> str:
    """Say it again.

    Args:
        text: what to say.
    """
    if times < 0:
        raise ValueError("less than never")
    return text * times


def test_the_twin_is_the_same_function_without_await():
    """Sync and async side give the same value, and share name, docstring and signature."""
    assert arepeat.sync.fn("ab", times=3) == "ababab"
    assert arepeat.name == arepeat.sync.name == "repeat"
    assert inspect.getdoc(arepeat.sync.fn) == inspect.getdoc(arepeat.fn)
    assert inspect.signature(arepeat.sync.fn) == inspect.signature(arepeat.fn)
    assert arepeat.isasync
    assert not arepeat.sync.isasync


def test_errors_cross_to_the_sync_side():
    """What the coroutine raises is what the sync caller sees."""
    with pytest.raises(ValueError, match="less than never"):
        arepeat.sync.fn("ab", times=-1)


def test_a_node_without_the_a_is_refused():
    """The naming convention is what makes the pair findable."""
    with pytest.raises(ValueError, match="leading 'a'"):

        @node(category="writing")
        async def repeat(text: str) -> str:
            return text


@pytest.mark.parametrize("one", NODES, ids=lambda one: one.verb)
def test_every_node_describes_itself(one):
    """A catalogue can show each node: summary, arguments, costs."""
    described = one.descriptor
    assert described.summary.endswith(".")
    assert described.input_schema["properties"]
    assert described.costs == "nothing" or described.input_schema["properties"].keys() & {"model", "credentials"}
    assert described.costs
    assert isinstance(getattr(tasks, one.verb), Task)
    assert getattr(tasks, one.verb) is one.sync


@pytest.mark.parametrize("one", NODES, ids=lambda one: one.verb)
def test_every_node_keeps_the_house_rules(one):
    """At most two positional arguments, every argument documented, no Prefect result cache, no second retry."""
    parameters = inspect.signature(one.fn).parameters.values()
    positional = [one for one in parameters if one.kind not in (one.KEYWORD_ONLY, one.VAR_KEYWORD)]
    assert len(positional) <= 2
    documented = inspect.getdoc(one.fn)
    assert all(f"{parameter.name}:" in documented for parameter in parameters)
    assert one.persist_result is False
    assert one.retries == 0
