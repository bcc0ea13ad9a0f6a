"""The methods of jobs: batches on both surfaces, tuning, and the Developer API's tuned models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from prefect_gemini.local.wire.resources import batch_prediction, batches, tuned_models, tuning, vertex_jobs
from prefect_gemini.local.wire.resources.jobs import Work
from prefect_gemini.local.wire.route import Handler, Route, route
from prefect_gemini.local.wire.wire import Wire


def _developer(verb: str, template: str, kind: str, handler: Handler) -> Route:
    return route(verb, "{v}" + template, "developer", kind, handler)


def _vertex(verb: str, template: str, kind: str, handler: Handler) -> Route:
    return route(verb, "{v}{x}" + template, "vertex", kind, handler)


_TUNED = r"/tunedModels{id}"

JOBS = (
    _developer("POST", "{model}:batchGenerateContent", "batches.create", batches.create_batch),
    _developer("POST", "{model}:asyncBatchEmbedContent", "batches.createEmbeddings", batches.create_embed_batch),
    _developer("GET", "/batches", "batches.list", batches.list_batches),
    _developer("GET", "/batches{id}", "batches.get", batches.get_batch),
    _developer("POST", "/batches{id}:cancel", "batches.cancel", batches.cancel_batch),
    _developer("DELETE", "/batches{id}", "batches.delete", batches.delete_batch),
    _vertex("POST", "/batchPredictionJobs", "batches.create", batch_prediction.create_job),
    _vertex("GET", "/(?P<jobs>batchPredictionJobs)", "batches.list", vertex_jobs.list_jobs),
    _vertex("GET", "/(?P<jobs>batchPredictionJobs){id}", "batches.get", vertex_jobs.get_job),
    _vertex("POST", "/(?P<jobs>batchPredictionJobs){id}:cancel", "batches.cancel", vertex_jobs.cancel_job),
    _vertex("DELETE", "/batchPredictionJobs{id}", "batches.delete", batch_prediction.delete_job),
    _vertex("POST", "/tuningJobs", "tunings.create", tuning.create_job),
    _vertex("GET", "/(?P<jobs>tuningJobs)", "tunings.list", vertex_jobs.list_jobs),
    _vertex("GET", "/(?P<jobs>tuningJobs){id}", "tunings.get", vertex_jobs.get_job),
    _vertex("POST", "/(?P<jobs>tuningJobs){id}:cancel", "tunings.cancel", vertex_jobs.cancel_job),
    _vertex("POST", "/tuningJobs:validateReinforcementTuningReward", "tunings.validateReward", tuning.validate_reward),
    _developer("GET", "/tunedModels", "tunedModels.list", tuned_models.list_models),
    _developer("GET", _TUNED, "tunedModels.get", tuned_models.get_model),
    _developer("PATCH", _TUNED, "tunedModels.update", tuned_models.update_model),
    _developer("DELETE", _TUNED, "tunedModels.delete", tuned_models.delete_model),
    _developer("POST", _TUNED + ":generateContent", "generate", tuned_models.call_model),
    _developer("POST", _TUNED + ":streamGenerateContent", "stream", tuned_models.call_model),
)


def work_of(wire: Wire) -> Mapping[str, Work]:
    """Who does the work of each kind of job."""
    return {
        batches.KIND: partial(batches.work, wire),
        batch_prediction.KIND: partial(batch_prediction.work, wire),
        tuning.KIND: partial(tuning.work, wire),
    }
