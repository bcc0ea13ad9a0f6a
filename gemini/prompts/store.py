"""Prompts on Vertex AI: saved, loaded by name and version, restored.

google-genai has no door to prompt management, so this goes through `agentplatform`, which ships with
google-cloud-aiplatform. Its prompts show up in the console under Vertex AI Studio.
"""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls.translate import translate
from prefect_gemini.gemini.errors import InvalidOption, NotFound, ServiceError
from prefect_gemini.gemini.prompts.prompt import Prompt

REGION = "us-central1"
"""Where prompts are kept when the backend's own location is `global`, which has no datasets."""

# Other things that are kept as datasets have another schema.
_PROMPTS = 'metadata_schema_uri="gs://google-cloud-aiplatform/schema/dataset/metadata/text_prompt_1.0.0.yaml"'
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PromptVersion:
    """One saved version.

    Args:
        version: its number, as text.
        note: what was written beside it.
        created: RFC 3339.
    """

    version: str
    note: str
    created: str


class PromptStore:
    """The prompts of a project. Use it as a context manager, so that its connections are closed.

    Args:
        backend: Vertex AI, or the local server, which keeps them as long as it runs.
        location: a region; the backend's own if not given.

    Raises:
        InvalidOption: for a backend without prompt management.
    """

    def __init__(self, backend: Backend, *, location: str = "") -> None:
        if backend.kind == "developer" or (backend.kind == "vertex" and not backend.project):
            raise InvalidOption(
                f"{backend.label} keeps no prompts.",
                hint="Use a Vertex AI project, or keep prompts as files: Prompt.from_file('prompts/receipt.txt').",
            )
        self._backend = backend
        named = location or backend.location or ""
        self._location = REGION if named in ("", "global") else named

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if "_client" in self.__dict__:
            await self._client.aio.aclose()

    async def save(self, prompt: Prompt, *, note: str = "", model: str = "gemini-3.8-flash") -> Prompt:
        """Save a prompt as the newest version of its name. Words that are the newest version already are not saved anew.

        Takes ten seconds and more: the service confirms each step in its own time.

        Args:
            prompt: its values are not saved.
            note: shown beside the version.
            model: the console opens the prompt with it.

        Returns:
            The prompt with the version it got.
        """
        prompts = await self._prompts()
        data: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": prompt.text}]}], "model": model}
        if prompt.system_instruction:
            data["system_instruction"] = {"parts": [{"text": prompt.system_instruction}]}
        # The console knows a variable by an example of it. The values at hand may be somebody's data; the name will do.
        if prompt.places:
            data["variables"] = [{name: {"text": name} for name in prompt.places}]
        with _our_errors(prompt.name):
            found = await self._find(prompts, prompt.name)
            if found is None:
                config = {"prompt_display_name": prompt.name, "version_display_name": note or prompt.name}
                saved = await prompts.create_version(prompt={"prompt_data": data}, config=config)
                return replace(prompt, version=saved.version_id)
            newest = await self._newest(prompts, found, prompt.name)
            if newest and (newest.text, newest.system_instruction) == (prompt.text, prompt.system_instruction):
                return replace(prompt, version=newest.version)
            saved = await prompts.update(
                prompt_id=found, prompt={"prompt_data": data}, config={"version_display_name": note or prompt.name}
            )
            return replace(prompt, version=saved.version_id)

    async def load(self, name: str, *, version: int | str | None = None) -> Prompt:
        """A saved prompt.

        Args:
            name: as it was saved, or as the console shows it.
            version: the newest saved one if not given.

        Raises:
            NotFound: no prompt of that name, or no such version.
            InvalidOption: several prompts of that name, or one that says more than text.
        """
        prompts = await self._prompts()
        with _our_errors(name):
            found = await self._require(prompts, name)
            if version is not None:
                return await self._version(prompts, found, name, str(version))
            newest = await self._newest(prompts, found, name)
            if newest is None:
                raise NotFound(f"The prompt {name!r} has no saved version.", hint="Save it in the console, or here.")
            return newest

    async def versions(self, name: str) -> list[PromptVersion]:
        """The saved versions, newest first.

        Raises:
            NotFound: no prompt of that name.
        """
        prompts = await self._prompts()
        with _our_errors(name):
            found = await self._require(prompts, name)
            numbers = await self._numbers(prompts, found)
            shown = [(await prompts.get_version(prompt_id=found, version_id=one)).dataset_version for one in numbers]
        return [
            PromptVersion(number, one.display_name or "", str(one.create_time or ""))
            for number, one in zip(numbers, shown, strict=True)
        ]

    async def names(self) -> list[str]:
        """The names of all prompts of the project, in alphabetical order."""
        prompts = await self._prompts()
        with _our_errors("*"):
            rows = [one.prompt_id async for one in prompts.list(config={"filter": _PROMPTS})]
            return sorted([(await prompts.get(prompt_id=row)).dataset.display_name or row for row in rows])

    async def restore(self, name: str, version: int | str) -> Prompt:
        """Make an old version what the console shows; `load` with that version gives its words at any time.

        Raises:
            NotFound: no prompt of that name, or no such version.
        """
        prompts = await self._prompts()
        with _our_errors(name):
            found = await self._require(prompts, name)
            await prompts.restore_version(prompt_id=found, version_id=str(version))
            return await self._version(prompts, found, name, str(version))

    async def delete(self, name: str, *, version: int | str | None = None) -> None:
        """Delete one version, or the prompt with all of them.

        Raises:
            NotFound: no prompt of that name, or no such version.
        """
        prompts = await self._prompts()
        with _our_errors(name):
            found = await self._require(prompts, name)
            if version is None:
                await prompts.delete(prompt_id=found)
            else:
                await prompts.delete_version(prompt_id=found, version_id=str(version))

    @cached_property
    def _client(self) -> Any:
        with warnings.catch_warnings():
            # Pydantic's and the package's own deprecations say nothing to a user of ours.
            warnings.simplefilter("ignore")
            import agentplatform  # type: ignore[import-untyped]
            from google.genai import types
            from google.oauth2.credentials import Credentials

            local = self._backend.kind == "local"
            return agentplatform.Client(
                project="local" if local else self._backend.project,
                location=self._location,
                credentials=Credentials(token="local") if local else self._backend.credentials,  # type: ignore[no-untyped-call]
                http_options=types.HttpOptions(base_url=self._backend.base_url),
            )

    async def _prompts(self) -> Any:
        # The import takes seconds.
        client = await asyncio.to_thread(lambda: self._client)
        return client.aio.prompts

    async def _find(self, prompts: Any, name: str) -> str | None:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        rows = [row async for row in prompts.list(config={"filter": f'display_name="{quoted}" AND {_PROMPTS}'})]
        if len(rows) > 1:
            raise InvalidOption(f"{len(rows)} prompts are called {name!r}.", hint="Rename or delete all but one.")
        return str(rows[0].prompt_id) if rows else None

    async def _require(self, prompts: Any, name: str) -> str:
        found = await self._find(prompts, name)
        if found is None:
            raise NotFound(f"There is no prompt called {name!r} in {self._location}.")
        return found

    async def _numbers(self, prompts: Any, prompt_id: str) -> list[str]:
        rows = [row.version_id async for row in prompts.list_versions(prompt_id=prompt_id)]
        return sorted(rows, key=int, reverse=True)

    async def _newest(self, prompts: Any, prompt_id: str, name: str) -> Prompt | None:
        numbers = await self._numbers(prompts, prompt_id)
        return await self._version(prompts, prompt_id, name, numbers[0]) if numbers else None

    async def _version(self, prompts: Any, prompt_id: str, name: str, version: str) -> Prompt:
        shown = await prompts.get_version(prompt_id=prompt_id, version_id=version)
        # `shown` itself has the words of the present draft; the version's own are in its dataset version.
        schema = shown.dataset_version.metadata.prompt_api_schema
        message = schema.multimodal_prompt.prompt_message
        if message.tools:
            raise InvalidOption(f"The prompt {name}@{version} brings tools; a node has its own.")
        if message.generation_config or message.safety_settings:
            _log.warning("%s@%s brings generation or safety settings; the model's own are used.", name, version)
        said = _text(message.system_instruction, name)
        return Prompt(
            "\n\n".join(_text(one, name) for one in message.contents or ()),
            name=name,
            version=version,
            system_instruction=said,
        )


def _text(content: Any, name: str) -> str:
    parts = (content.parts or ()) if content is not None else ()
    if any(part.text is None for part in parts):
        raise InvalidOption(f"The prompt {name!r} has more in it than text, which a node cannot send.")
    return "\n\n".join(part.text for part in parts)


@contextmanager
def _our_errors(name: str) -> Iterator[None]:
    """What goes wrong inside is raised as one of our errors."""
    try:
        yield
    except Exception as error:
        # The bare kinds are how the client says that an operation failed or took too long.
        bare = type(error) in (ValueError, TimeoutError)
        ours = ServiceError(f"The prompt {name!r}: {error}") if bare else translate(error)
        if ours is None:
            raise
        raise ours from None
