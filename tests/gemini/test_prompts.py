"""Prompts: their places and versions, and the store on Vertex AI."""

from __future__ import annotations

import asyncio

import pytest
from google.oauth2.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.errors import InvalidOption, NotFound
from prefect_gemini.gemini.prompts import Prompt, PromptStore
from prefect_gemini.testing import LocalGemini


def test_values_go_where_their_names_stand():
    """Only a name in braces is a place; JSON in a prompt stays JSON."""
    prompt = Prompt('Read {what} as {"total": 1.5} for {who}. {what}!', name="read")
    assert prompt.places == ("what", "who")
    assert prompt.fill(what="this", who=7).render() == 'Read this as {"total": 1.5} for 7. this!'


@given(st.text())
def test_values_are_never_read_as_places(value):
    """A value may say anything, names in braces too."""
    assert Prompt("{a}/{b}").fill(a=value, b="{a}").render() == f"{value}/{{a}}"


def test_missing_and_unknown_values_say_what_to_do():
    """No prompt is sent with a hole in it."""
    prompt = Prompt("Dear {name}", name="letter", version="3")
    with pytest.raises(InvalidOption, match=r"letter@3 needs a value for 'name'.*fill\(name=…\)"):
        prompt.render()
    with pytest.raises(InvalidOption, match=r"no place for 'nmae'.*places are: name"):
        prompt.fill(nmae="Ada")
    with pytest.raises(InvalidOption, match="says nothing"):
        Prompt(" ")
    with pytest.raises(InvalidOption, match="cannot name a prompt"):
        Prompt("x", name="a@b")


def test_unsaved_prompts_are_versioned_by_their_words(tmp_path):
    """Other words, another version; the values do not count."""
    (tmp_path / "receipt.txt").write_text("Read {what}.\n")
    prompt = Prompt.from_file(tmp_path / "receipt.txt")
    assert prompt.name == "receipt"
    assert prompt.version == Prompt("Read {what}.").version == prompt.fill(what="x").version
    assert prompt.version != Prompt("Read {what}!").version
    with pytest.raises(InvalidOption, match="cannot be read"):
        Prompt.from_file(tmp_path / "none.txt")


@pytest.fixture
async def store(monkeypatch):
    """A store on a server of its own; the client's polls are not waited for."""
    real = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda seconds, *rest: real(min(seconds, 0.01), *rest))
    with LocalGemini() as server:
        backend = Backend(kind="vertex", project="p", credentials=Credentials(token="t"), base_url=server.base_url)
        async with PromptStore(backend) as store:
            yield store


async def test_saved_prompts_come_back_by_name_and_version(store):
    """Each version keeps its own words; the newest is the default; the same words are saved once."""
    first = await store.save(Prompt("Read {what}.", name="receipt"), note="the first")
    assert first.reference == "receipt@1"
    second = await store.save(Prompt("Read {what} well.", name="receipt", system_instruction="Be exact."))
    assert second.version == "2"
    assert (
        await store.save(Prompt("Read {what} well.", name="receipt", system_instruction="Be exact."))
    ).version == "2"
    assert await store.load("receipt") == second
    assert await store.load("receipt", version=1) == first
    assert [(one.version, one.note) for one in await store.versions("receipt")] == [
        ("2", "receipt"),
        ("1", "the first"),
    ]
    assert await store.restore("receipt", 1) == first
    assert await store.names() == ["receipt"]


async def test_values_are_not_saved(store):
    """They may be somebody's data; the store gets the words and the names of the places."""
    await store.save(Prompt("Dear {name}", name="letter").fill(name="Ada Lovelace"))
    prompts = await store._prompts()
    [row] = [one async for one in prompts.list()]
    kept = (await prompts.get(prompt_id=row.prompt_id)).prompt_data
    assert "Ada" not in kept.model_dump_json()
    assert "Dear {name}" in kept.model_dump_json()


async def test_prompts_that_are_not_there_are_not_found(store):
    """Neither an unknown name nor a deleted version gives a prompt."""
    with pytest.raises(NotFound, match="no prompt called 'letter'"):
        await store.load("letter")
    await store.save(Prompt("One", name="letter"))
    await store.save(Prompt("Two", name="letter"))
    await store.delete("letter", version=2)
    with pytest.raises(NotFound):
        await store.load("letter", version=2)
    assert (await store.load("letter")).text == "One"
    await store.delete("letter")
    with pytest.raises(NotFound):
        await store.versions("letter")


def test_backends_without_prompts_say_so():
    """The Developer API keeps none; files do."""
    with pytest.raises(InvalidOption, match=r"keeps no prompts.*from_file"):
        PromptStore(Backend(kind="developer", api_key="k"))
