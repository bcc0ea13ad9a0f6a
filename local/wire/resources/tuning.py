"""tuningJobs: a data set checked and counted, and a model with an endpoint that can then be called.

Nothing is trained: the tuned model answers as its base does. What a client can get wrong (the data set, the
base, the place, the numbers) is refused as Vertex AI refuses it.
"""

from __future__ import annotations

import re
from typing import Any

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.google_errors import GoogleError, invalid
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.resources.endpoints import add_tuned
from prefect_gemini.local.wire.resources.jobs import Outcome
from prefect_gemini.local.wire.resources.registry import find_model
from prefect_gemini.local.wire.resources.store import Record, new_number
from prefect_gemini.local.wire.resources.tuning_data import check_validation, data_stats, read_examples, steps
from prefect_gemini.local.wire.wire import Wire

KIND = "tuningJobs"
SPECS = {
    "supervisedTuningSpec": "supervised",
    "preferenceOptimizationSpec": "preference",
    "distillationSpec": "distillation",
    "reinforcementTuningSpec": "reinforcement",
}
EPOCHS = 3
_OPEN_MODEL = re.compile(r"[a-z0-9-]+/[a-z0-9_.-]+@[a-z0-9_.-]+$")
_DATASET = re.compile(r"gs://[^/]+/.+|projects/[^/]+/locations/[^/]+/datasets/\d+$")
_NO_AUTORATER = "This local server runs neither an autorater nor code, so it computes no reward."


async def create_job(wire: Wire, call: Call) -> HttpReply:
    """Accept a tuning job."""
    body = call.read("TuningJob")
    if call.params["location"] == "global":
        raise GoogleError(400, "Tuning is not supported in the location global.", status="FAILED_PRECONDITION")
    given = [key for key in SPECS if key in body]
    if len(given) != 1:
        raise invalid("Exactly one tuning spec must be set.", violations=[("tuning_job.tuning_spec", "Required.")])
    spec = body[given[0]]
    base = _base(wire, body)
    for field in _dataset_fields(given[0], spec):
        if not _DATASET.match(spec[field]):
            raise invalid(f"Invalid dataset: {spec[field]!r} is neither a gs:// address nor a dataset resource.")
    _check_numbers(spec.get("hyperParameters", {}))
    name = f"{call.parent}/{KIND}/{new_number()}"
    experiment = f"{call.parent}/metadataStores/default/contexts/tuning-experiment-{name.rpartition('/')[2]}"
    hidden = {"base": base, "parent": call.parent, "spec": given[0]}
    return json_http(wire.jobs.add(Record(KIND, name, body | {"name": name, "experiment": experiment}, hidden)).shown)


async def validate_reward(wire: Wire, call: Call) -> HttpReply:
    """Say that no reward is computed here, in the field the service has for errors of a reward."""
    call.read("ValidateRewardRequest")
    return json_http({"error": _NO_AUTORATER})


def work(wire: Wire, record: Record) -> Outcome:
    """Check the data set and register the tuned model.

    Raises:
        GoogleError: for a data set that is not there or not valid.
    """
    kind, spec = SPECS[record.hidden["spec"]], record.shown[record.hidden["spec"]]
    if kind == "reinforcement":
        raise GoogleError(501, _NO_AUTORATER, status="UNIMPLEMENTED")
    uri = spec.get("trainingDatasetUri") or spec["promptDatasetUri"]
    examples = read_examples(_read(wire, uri), kind=kind, uri=uri)
    if held_out := spec.get("validationDatasetUri", ""):
        check_validation(read_examples(_read(wire, held_out), kind=kind, uri=held_out), examples)
    epochs = int(spec.get("hyperParameters", {}).get("epochCount", EPOCHS))
    tuned: dict[str, Any] = dict(
        add_tuned(
            wire,
            record.hidden["parent"],
            base=record.hidden["base"],
            display_name=record.shown.get("tunedModelDisplayName") or record.name.rpartition("/")[2],
            labels=record.shown.get("labels"),
        )
    )
    last = steps(len(examples), epochs)
    shown_epochs = [epochs] if spec.get("exportLastCheckpointOnly") else range(1, epochs + 1)
    tuned["checkpoints"] = [
        {
            "checkpointId": str(number),
            "epoch": str(epoch),
            "step": str(last * epoch // epochs),
            "endpoint": tuned["endpoint"],
        }
        for number, epoch in enumerate(shown_epochs, 1)
    ]
    return Outcome(
        shown={"tunedModel": tuned, "tuningDataStats": data_stats(examples, kind=kind, epochs=epochs)},
    )


def _base(wire: Wire, body: dict[str, Any]) -> str:
    """Id of the Gemini model to be tuned.

    Raises:
        GoogleError: for a model that cannot be tuned, or is not there.
    """
    if own := body.get("preTunedModel", {}).get("tunedModelName", ""):
        return str(find_model(wire, own).hidden["base"])
    name: str = body.get("baseModel", "")
    if not name:
        raise invalid("base_model must be set.", violations=[("tuning_job.base_model", "Required.")])
    if _OPEN_MODEL.match(name):
        if not body.get("outputUri"):
            raise invalid("output_uri must be set to tune an open model.")
        return name
    model = wire.models.find(name.rpartition("models/")[2], surface="vertex")
    if model is None or not model.tunable:
        raise invalid(f"Base model {name} is not supported.", violations=[("tuning_job.base_model", "Not supported.")])
    return model.id


def _dataset_fields(name: str, spec: dict[str, Any]) -> list[str]:
    first = "promptDatasetUri" if name == "distillationSpec" and "promptDatasetUri" in spec else "trainingDatasetUri"
    if not spec.get(first):
        raise invalid(f"{name}: a training dataset must be set.", violations=[(f"tuning_job.{name}", "Required.")])
    return [first, *(["validationDatasetUri"] if spec.get("validationDatasetUri") else [])]


def _check_numbers(numbers: dict[str, Any]) -> None:
    for key in ("epochCount", "batchSize"):
        if key in numbers and numbers[key] < 1:
            raise invalid(f"hyper_parameters.{key} must be positive.")
    for key in ("learningRateMultiplier", "learningRate"):
        if key in numbers and numbers[key] <= 0:
            raise invalid(f"hyper_parameters.{key} must be positive.")


def _read(wire: Wire, uri: str) -> bytes:
    if not uri.startswith("gs://"):
        text = f"This local server reads no multimodal datasets; give {uri} as JSONL on Cloud Storage."
        raise GoogleError(501, text, status="UNIMPLEMENTED")
    return wire.storage.read(uri)
