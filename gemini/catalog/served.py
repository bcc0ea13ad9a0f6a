"""Which models the service offers just now, as it says itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from prefect_gemini.gemini.calls.direct import direct

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient


class ServedModel(BaseModel):
    """A model on the service's own list.

    Args:
        id: its name without the resource prefix.
        title: for a person.
        window, output_limit: tokens; None where the service does not say (Vertex AI).
        actions: what it can do: generateContent, countTokens, …
    """

    model_config = ConfigDict(frozen=True)

    id: str
    title: str = ""
    window: int | None = None
    output_limit: int | None = None
    actions: tuple[str, ...] = ()


async def served_models(client: GeminiClient, *, page_size: int = 1000) -> tuple[ServedModel, ...]:
    """List the models that the backend serves, all pages of it.

    Raises:
        ServiceError: the service refused or failed.
    """

    async def ask() -> tuple[ServedModel, ...]:
        from google.genai import types

        pager = await client.sdk.aio.models.list(config=types.ListModelsConfig(page_size=page_size))
        return tuple(
            [
                ServedModel(
                    id=(model.name or "").rpartition("/")[2],
                    title=model.display_name or "",
                    window=model.input_token_limit,
                    output_limit=model.output_token_limit,
                    actions=tuple(model.supported_actions or ()),
                )
                async for model in pager
            ]
        )

    return await direct(ask, retries=client.retries, clock=client.clock)
