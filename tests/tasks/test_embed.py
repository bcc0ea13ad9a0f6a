"""embed: vectors of the local server, paid once, in the order of the texts."""

from __future__ import annotations

import math

import pytest

from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.tasks import aembed, embed
from prefect_gemini.testing import LocalGemini


@pytest.fixture
def embedder(model):
    return model.model_copy(update={"model": "gemini-embedding-001"})


async def test_texts_become_unit_vectors_in_their_order(embedder):
    """What shares words lies nearer; every vector has length 1; the cost is known."""
    texts = ["the cat sat on the mat", "a cat on a mat", "quarterly revenue rose"]
    reply = await aembed.fn(texts, model=embedder, dimensions=256)
    cat, mat, revenue = reply.value
    assert all(len(one) == 256 and math.isclose(math.hypot(*one), 1.0) for one in reply.value)
    assert sum(map(lambda a, b: a * b, cat, mat)) > sum(map(lambda a, b: a * b, cat, revenue))
    assert reply.cost > 0


async def test_a_text_is_embedded_once(gemini: LocalGemini, embedder):
    """The ledger has the vector the second time; another purpose is another vector."""
    first = await aembed.fn(["one", "two"], model=embedder)
    again = await aembed.fn(["two", "one"], model=embedder)
    assert again.from_ledger
    assert again.value == first.value[::-1]
    sent = len(gemini.journal.entries)
    await aembed.fn(["one"], model=embedder, purpose="query")
    assert len(gemini.journal.entries) == sent + 1


@pytest.mark.parametrize("change", [{"model": "flash"}, {"dimensions": 0}, {"texts": [" "]}])
async def test_what_cannot_be_embedded_is_refused_before_the_call(gemini: LocalGemini, model, change):
    """A model that writes, no dimensions, no text."""
    options = {"texts": ["x"], "model": model.model_copy(update={"model": change.get("model", "gemini-embedding-001")})}
    with pytest.raises(InvalidOption):
        await aembed.fn(**(options | {key: value for key, value in change.items() if key != "model"}))
    assert not gemini.journal.entries


def test_the_sync_twin_embeds_the_same(embedder):
    """`embed` outside an event loop; a lone text is one text, not its letters."""
    assert len(embed.fn("hello", model=embedder).value) == 1
