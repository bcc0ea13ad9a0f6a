"""copy_tuned_model: a tuned model from one project or region to another, ready to be called."""

from __future__ import annotations

from prefect_gemini.blocks.credentials import GeminiCredentials
from prefect_gemini.gemini import tuned_models
from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.tuned_models import TunedModel
from prefect_gemini.tasks.node import node


@node(category="acting", costs="nothing for the copy; an endpoint may cost by the hour", side_effects=True)
async def acopy_tuned_model(
    source: str,
    *,
    credentials: GeminiCredentials | None = None,
    location: str = "",
    model_id: str = "",
    version_of: str = "",
    deploy: bool = True,
) -> TunedModel:
    """Copy a tuned model into your project, and deploy it.

    Args:
        source: `projects/P/locations/L/models/ID`, with `@VERSION` if it is not the default one.
        credentials: whose project it is copied to; the environment's if not given.
        location: region it is copied to; that of the credentials if not given.
        model_id: of the copy; a number of the service's if not given.
        version_of: id of a model in your project, of which the copy becomes the next version.
        deploy: make an endpoint for the copy, so that it can be called.

    Returns:
        Its name, and its endpoint as nodes take it for `model`.

    Raises:
        GeminiError: what kept it from being copied or deployed.
    """
    return await tuned_models.copy_tuned_model(
        source,
        await credentials.backend() if credentials else Backend.from_environment(),
        location=location,
        model_id=model_id,
        version_of=version_of,
        deploy=deploy,
    )


copy_tuned_model = acopy_tuned_model.sync
