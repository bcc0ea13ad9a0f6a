"""GeminiModel: which model, how it answers, and within what limits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from prefect.blocks.core import Block
from pydantic import ConfigDict, Field, model_validator

from prefect_gemini.blocks.credentials import GeminiCredentials
from prefect_gemini.blocks.settings import GeminiSettings
from prefect_gemini.gemini import background
from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.catalog.resolve import resolve
from prefect_gemini.gemini.costs.budget import Budget
from prefect_gemini.gemini.limits.limits import Limits
from prefect_gemini.gemini.request import Generation, SafetySettings

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient


class GeminiModel(Block):
    """Which Gemini model to call, how it should answer, and what it may use and spend.

    Example:
        Load a saved model and read a receipt with it:
        ```python
        from prefect_gemini import GeminiModel, extract

        model = GeminiModel.load("BLOCK_NAME")
        print(extract("receipt.jpg", {"type": "object", "properties": {"total": {"type": "number"}}}, model=model).value)
        ```
    """

    _block_type_name = "Gemini Model"
    _block_type_slug = "gemini-model"
    _logo_url = GeminiCredentials._logo_url
    _documentation_url = GeminiCredentials._documentation_url

    # See GeminiCredentials: without this the block cannot be chosen as a flow parameter.
    model_config = ConfigDict(extra="forbid")

    model: str = Field(
        default="flash",
        description="A family (flash-lite, flash, pro: today's stable model) or a model id such as gemini-3.8-flash.",
    )
    credentials: GeminiCredentials | None = Field(
        default=None,
        description="Who to call. Empty: GOOGLE_API_KEY or GOOGLE_CLOUD_PROJECT, and without either the local reader.",
    )
    generation: Generation = Field(
        default_factory=Generation, description="Sampling, penalties, output length and thinking."
    )
    safety: SafetySettings = Field(
        default_factory=SafetySettings, description="Blocking thresholds by harm category; empty: Gemini's own."
    )
    limits: Limits = Field(default_factory=Limits, description="Requests and tokens a minute, and calls in flight.")
    budget: Budget = Field(default_factory=Budget, description="US dollars a call, a run and a day may cost.")
    fallbacks: list[str] = Field(
        default_factory=list,
        description="Models to ask, in order, when this one is unavailable. The reply names who answered.",
    )
    escalate_to: list[str] = Field(
        default_factory=list,
        description="Stronger models to ask, in order, where an answer of this one does not satisfy its schema, is "
        "not found in the document, or is unsure. The reply says what that saved.",
    )
    labels: dict[str, str] = Field(default_factory=dict, description="Billing labels sent with every call.")

    @model_validator(mode="before")
    @classmethod
    def _several_models_are_a_cascade(cls, fields: Any) -> Any:
        """`model="flash-lite,flash"` and `model=["flash-lite", "flash"]`: the cheapest first."""
        names = fields.get("model") if isinstance(fields, dict) else None
        if isinstance(names, str) and "," in names:
            names = [name.strip() for name in names.split(",") if name.strip()]
        if isinstance(names, list | tuple) and names:
            if fields.get("escalate_to"):
                raise ValueError("several models in `model` and `escalate_to` exclude each other")
            fields = {**fields, "model": names[0], "escalate_to": list(names[1:])}
        return fields

    @classmethod
    def of(cls, model: ModelChoice) -> GeminiModel:
        """A model from what a task's `model` argument may be: a name, a block, or names, the cheapest first."""
        return model if isinstance(model, GeminiModel) else cls.model_validate({"model": model})

    @property
    def cascade(self) -> tuple[GeminiModel, ...]:
        """This model, then each it escalates to, each for itself."""
        return tuple(
            self.model_copy(update={"model": name, "escalate_to": []}) for name in (self.model, *self.escalate_to)
        )

    async def backend(self) -> Backend:
        """Who is called: the block's credentials, else the environment's, else the local reader.

        Raises:
            NoCredentials: when the environment names a project and no credentials load. It never
                falls back to the local reader then.
        """
        if self.credentials:
            return await self.credentials.backend()
        return Backend.from_environment(account=GeminiSettings.current().account)

    async def check_name(self) -> None:
        """Raise now what every call would: such as a misspelt model.

        Raises:
            GeminiError: no such model, or no credentials.
        """
        kind = (await self.backend()).kind
        for step in self.cascade:
            resolve(step.model, backend=kind, warn=False)

    async def client(self) -> GeminiClient:
        """The client shared by everything on this event loop that calls with the same settings."""
        from prefect_gemini.blocks.permits import SharedCeilings
        from prefect_gemini.gemini.calls.retries import RetryPolicy
        from prefect_gemini.gemini.client import shared_client

        settings, backend = GeminiSettings.current(), await self.backend()
        return shared_client(
            backend,
            limits=self.limits,
            budget=self.budget,
            ledger=settings.ledger_location(),
            sources=SharedCeilings(backend.identity) if self.limits.shared else None,
            retries=RetryPolicy(max_attempts=settings.max_attempts, deadline_s=settings.timeout_seconds),
        )

    async def atest(self) -> str:
        """Make the smallest real call with this model; returns who answered.

        Raises:
            GeminiError: whatever keeps the call from working, with what to do.
        """
        return await (await self.client()).check(self.model)

    def test(self) -> str:
        """Make the smallest real call with this model. The sync twin of `atest`."""
        return background.run(self.atest())


ModelChoice: TypeAlias = str | GeminiModel | Sequence[str]
"""What a node's `model` takes: a family, a model id, a saved block; or several names, the cheapest first."""
