"""prefect.yaml deploys, and the parameters render as a form that the server accepts."""

from __future__ import annotations

from importlib import import_module
from itertools import chain
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import get_client
from prefect.flows import load_flow_from_entrypoint

from prefect_gemini import flows
from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.flows import process_receipts

ROOT = Path(__file__).resolve().parents[2]
FLOWS = [getattr(flows, name) for name in flows.__all__]
DEPLOYMENTS, *TEMPLATES = (
    yaml.safe_load(path.read_text())["deployments"] for path in (ROOT / "prefect.yaml", *ROOT.glob("deploy/*.yaml"))
)

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]


@pytest.mark.parametrize("deployment", [*DEPLOYMENTS, *chain(*TEMPLATES)], ids=lambda one: one["name"])
def test_every_entrypoint_loads_and_takes_its_parameters(deployment, monkeypatch):
    """Path and module entrypoints lead to a flow, and the deployment's parameters are the flow's."""
    monkeypatch.chdir(ROOT)
    loaded = load_flow_from_entrypoint(deployment["entrypoint"])
    assert set(deployment.get("parameters", {})) <= set(loaded.parameters.properties)
    assert loaded.name in {flow.name for flow in FLOWS}


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda one: one["name"])
def test_every_run_begins_in_the_folder_of_prefect_yaml(deployment):
    """Prefect adds the step that leads there where none is named; without it a run's files go with a temporary folder."""
    assert "pull" not in deployment


@pytest.mark.parametrize("flow", FLOWS, ids=lambda one: one.name)
def test_every_parameter_is_explained(flow):
    """The form shows a description beside each field."""
    for name, field in flow.parameters.properties.items():
        assert field.get("description"), name


@pytest.mark.parametrize("saved", [False, True])
async def test_a_model_can_be_a_name_or_a_saved_block(saved):
    """A block without required fields is refused as a parameter unless it forbids unknown fields; ours does."""
    block = GeminiModel(model="flash-lite", credentials=GeminiCredentials(service="local"))
    document = await block.asave("for-the-form", overwrite=True)
    value = {"$ref": str(document)} if saved else "flash"
    async with get_client() as client:
        deployment = await client.create_deployment(
            flow_id=await client.create_flow(process_receipts),
            name=f"form-{saved}",
            entrypoint="prefect_gemini.flows.receipts.flow.process_receipts",
            parameter_openapi_schema=process_receipts.parameters.model_dump_for_openapi(),
            enforce_parameter_schema=True,
        )
        run = await client.create_flow_run_from_deployment(deployment, parameters={"model": value})
    assert run.parameters["model"] == value


@pytest.mark.parametrize("module", ["prefect_gemini.flows", "prefect_gemini.tasks", "prefect_gemini.blocks"])
def test_each_room_says_what_it_exports(module):
    """`__all__` is sorted and complete."""
    room = import_module(module)
    assert sorted(room.__all__) == room.__all__
