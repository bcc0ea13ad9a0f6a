"""Tuned models between projects and regions: copied, deployed, ready to be called.

google-genai has no door to the model registry, so this goes through google-cloud-aiplatform, over REST.
The caller's account must be allowed to read the source: roles/aiplatform.user there, and the
service agent of the destination project roles/aiplatform.serviceAgent.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prefect_gemini.gemini.backend import Backend
from prefect_gemini.gemini.calls.translate import translate
from prefect_gemini.gemini.errors import InvalidOption

if TYPE_CHECKING:
    from google.api_core.operation import Operation

_SOURCE = re.compile(r"projects/[^/]+/locations/[^/]+/models/[^/@]+(?:@[^/@]+)?$")
PATIENCE_S = 1800.0
"""Seconds a copy or a deployment may take."""


@dataclass(frozen=True)
class TunedModel:
    """A tuned model.

    Args:
        name: `projects/P/locations/L/models/ID@VERSION`.
        endpoint: where it is deployed, as nodes take it for `model`; "" where it is not.
    """

    name: str
    endpoint: str = ""


async def copy_tuned_model(
    source: str,
    backend: Backend,
    *,
    location: str = "",
    model_id: str = "",
    version_of: str = "",
    deploy: bool = True,
) -> TunedModel:
    """Copy a tuned model into the backend's project, and deploy the copy.

    Args:
        source: `projects/P/locations/L/models/ID`, with `@VERSION` if it is not the default one.
        backend: whose project it is copied to.
        location: region it is copied to; the backend's own if not given.
        model_id: of the copy; a number of the service's if not given.
        version_of: id of a model in the destination, of which the copy becomes the next version.
        deploy: make an endpoint for the copy, so that it can be called.

    Raises:
        InvalidOption: for a source that is no model's name, both `model_id` and `version_of`, or a
            backend without a registry.
        GeminiError: what the service refused.
    """
    if not _SOURCE.match(source):
        raise InvalidOption(
            f"{source!r} is no tuned model.", hint="It looks like projects/P/locations/us-central1/models/123@1."
        )
    if model_id and version_of:
        raise InvalidOption("`model_id` makes a new model, `version_of` a new version; give one of them.")
    if backend.kind == "developer" or (backend.kind == "vertex" and not backend.project):
        raise InvalidOption(f"{backend.label} has no model registry.", hint="Use a Vertex AI project.")
    region = location or backend.location or "us-central1"
    if region == "global":
        raise InvalidOption("Tuned models live in a region.", hint='Say which: location="us-central1".')
    try:
        return await asyncio.to_thread(_copy, source, backend, region, model_id, version_of, deploy)
    except Exception as error:
        ours = translate(error)
        if ours is None:
            raise
        raise ours from None


def _copy(source: str, backend: Backend, region: str, model_id: str, version_of: str, deploy: bool) -> TunedModel:
    from google.cloud.aiplatform_v1 import CopyModelRequest, DeployedModel, DeployModelRequest, Endpoint
    from google.cloud.aiplatform_v1.services.endpoint_service import EndpointServiceClient
    from google.cloud.aiplatform_v1.services.model_service import ModelServiceClient

    parent = f"projects/{backend.project or 'local'}/locations/{region}"
    models = ModelServiceClient(**_reach(backend, region))
    request = CopyModelRequest(parent=parent, source_model=source)
    if version_of:
        request.parent_model = version_of if "/" in version_of else f"{parent}/models/{version_of}"
    elif model_id:
        request.model_id = model_id
    copied = _wait(models.copy_model(request))
    name = f"{copied.model}@{copied.model_version_id}"
    if not deploy:
        return TunedModel(name)
    shown = models.get_model(name=name).display_name or name.rpartition("/")[2]
    endpoints = EndpointServiceClient(**_reach(backend, region))
    endpoint = _wait(endpoints.create_endpoint(parent=parent, endpoint=Endpoint(display_name=shown)))
    placed = DeployedModel(model=name, display_name=shown)
    _wait(
        endpoints.deploy_model(
            DeployModelRequest(endpoint=endpoint.name, deployed_model=placed, traffic_split={"0": 100})
        )
    )
    return TunedModel(name, endpoint.name)


def _reach(backend: Backend, region: str) -> dict[str, Any]:
    """How a service client gets to the backend."""
    from google.auth.credentials import AnonymousCredentials
    from google.oauth2.credentials import Credentials

    credentials: Any = backend.credentials
    if backend.kind == "local":
        credentials = Credentials(token="local")  # type: ignore[no-untyped-call]
    address = (backend.base_url or f"https://{region}-aiplatform.googleapis.com").rstrip("/")
    return {
        "credentials": credentials or AnonymousCredentials(),  # type: ignore[no-untyped-call]
        "transport": "rest",
        "client_options": {"api_endpoint": address},
    }


def _wait(operation: Operation) -> Any:
    return operation.result(timeout=PATIENCE_S)  # type: ignore[no-untyped-call]
