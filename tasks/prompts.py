"""load_prompt and save_prompt: prompts by name and version, kept on Vertex AI."""

from __future__ import annotations

from prefect_gemini.blocks.credentials import GeminiCredentials
from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.prompts import Prompt, PromptStore
from prefect_gemini.tasks.node import node


@node(category="reading", costs="nothing")
async def aload_prompt(
    name: str, *, version: int | str | None = None, credentials: GeminiCredentials | None = None
) -> Prompt:
    """Load a saved prompt, to be given to a node as `prompt=`.

    Args:
        name: as it was saved, or as the console shows it.
        version: the newest one if not given. Give it where a run must be repeatable.
        credentials: who to ask; the environment's if not given.

    Raises:
        NotFound: no prompt of that name, or no such version.
        GeminiError: what else kept it from being loaded.
    """
    async with await _store(credentials) as store:
        return await store.load(name, version=version)


@node(category="writing", costs="nothing", side_effects=True)
async def asave_prompt(prompt: Prompt, *, note: str = "", credentials: GeminiCredentials | None = None) -> Prompt:
    """Save a prompt as the newest version of its name. The same words again make no new version.

    Args:
        prompt: its name says what it is a version of.
        note: shown beside the version in the console.
        credentials: who to ask; the environment's if not given.

    Returns:
        The prompt with the version it got.

    Raises:
        GeminiError: what kept it from being saved.
    """
    async with await _store(credentials) as store:
        return await store.save(prompt, note=note)


load_prompt = aload_prompt.sync
save_prompt = asave_prompt.sync


async def _store(credentials: GeminiCredentials | None) -> PromptStore:
    return PromptStore(await credentials.backend() if credentials else Backend.from_environment())
