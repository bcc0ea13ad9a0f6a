"""Tuning jobs: the data set is checked as Vertex AI checks it, and the tuned model can be called."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from prefect_gemini.local import LocalGemini
from tests.local.conftest import vertex_client

BASE = "gemini-2.5-flash"
DATA = "gs://tuning/train.jsonl"


def turns(*texts: str) -> dict[str, Any]:
    roles = ("user", "model")
    return {"contents": [{"role": roles[n % 2], "parts": [{"text": one}]} for n, one in enumerate(texts)]}


def preference(good: float = 1, bad: float = 0) -> dict[str, Any]:
    said = [{"score": s, "completion": {"role": "model", "parts": [{"text": "x"}]}} for s in (good, bad)]
    return turns("Hello") | {"completions": said}


def tune(server: LocalGemini, rows: list[Any], **config: Any) -> types.TuningJob:
    """Put the rows on Cloud Storage, start a job, and wait for its end."""
    server.wire.storage.write(DATA, "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    with vertex_client(server) as client:
        job = client.tunings.tune(
            base_model=BASE, training_dataset={"gcs_uri": DATA}, config=types.CreateTuningJobConfig(**config)
        )
        assert job.state == types.JobState.JOB_STATE_PENDING
        while not job.has_ended:
            time.sleep(0.02)
            job = client.tunings.get(name=job.name)
        return job


def test_supervised_tuning_makes_a_model_that_can_be_called(server: LocalGemini) -> None:
    """The job counts its data; its model is registered, its endpoint answers, and it can be tuned further."""
    job = tune(server, [turns("Hello", "Hi")] * 20, epoch_count=2, tuned_model_display_name="greeter")
    assert job.has_succeeded
    stats = job.tuning_data_stats.supervised_tuning_data_stats
    assert (stats.tuning_dataset_example_count, stats.tuning_step_count) == (20, 4)
    assert [row.epoch for row in job.tuned_model.checkpoints] == [1, 2]
    with vertex_client(server) as client:
        assert client.models.generate_content(model=job.tuned_model.endpoint, contents="you").text == "You said: you"
        assert client.models.get(model=job.tuned_model.model).display_name == "greeter"
        again = client.tunings.tune(base_model=job.tuned_model.model, training_dataset={"gcs_uri": DATA})
        assert again.pre_tuned_model.tuned_model_name == job.tuned_model.model


@pytest.mark.parametrize(
    ("method", "row"), [("PREFERENCE_TUNING", preference()), ("DISTILLATION", turns("Hello"))], ids=["pref", "distil"]
)
def test_other_methods_have_their_own_rows(server: LocalGemini, method: str, row: dict[str, Any]) -> None:
    """Preferences come in pairs, distillation in prompts."""
    job = tune(server, [row] * 3, method=method, base_teacher_model="gemini-2.5-pro" if method[0] == "D" else None)
    assert job.has_succeeded, job.error


@pytest.mark.parametrize(
    ("rows", "method", "words"),
    [
        ([turns("Hello", "Hi"), turns("Hello")], None, "line 2: the last turn must be the model's"),
        ([turns("Hello", "Hi"), "{"], None, "line 2"),
        ([{"contents": [{"role": "bot", "parts": [{"text": "x"}]}]}], None, "first turn"),
        ([{"messages": []}], None, "Unknown name"),
        ([turns("", "Hi")], None, "empty"),
        ([turns("word " * 140_000, "Hi")], None, "tokens"),
        ([preference(1, 1)], "PREFERENCE_TUNING", "score 1 and one with score 0"),
        ([turns("Hello", "Hi")], "PREFERENCE_TUNING", "end with the user's turn"),
        ([], None, "no requests"),
    ],
)
def test_data_set_that_is_wrong_fails_the_job(
    server: LocalGemini, rows: list[Any], method: str | None, words: str
) -> None:
    """The job fails, and its error names the line and what is wrong with it."""
    job = tune(server, rows, method=method)
    assert job.state == types.JobState.JOB_STATE_FAILED
    assert words in job.error.message
    assert job.tuned_model is None


def test_missing_data_set_fails_the_job(server: LocalGemini) -> None:
    """An object that is not there is an error of the job, not of its creation."""
    server.wire.storage.write(DATA, "x")
    server.wire.storage.delete(DATA)
    with vertex_client(server) as client:
        job = client.tunings.tune(base_model=BASE, training_dataset={"gcs_uri": DATA})
        while not job.has_ended:
            time.sleep(0.02)
            job = client.tunings.get(name=job.name)
    assert "No such object" in job.error.message


@pytest.mark.parametrize(
    ("base", "config", "words"),
    [
        ("gemini-3.8-flash", {}, "not supported"),
        ("gemini-99", {}, "not supported"),
        ("projects/p/locations/us-central1/models/1@1", {}, "does not exist"),
        (BASE, {"epoch_count": 0}, "must be positive"),
        (BASE, {"learning_rate_multiplier": -1.0}, "must be positive"),
        ("meta/llama3_1@llama-3.1-8b-instruct", {}, "output_uri"),
    ],
)
def test_job_that_cannot_be_done_is_refused(server: LocalGemini, base: str, config: dict[str, Any], words: str) -> None:
    """Bases that cannot be tuned and numbers out of range are refused at once."""
    with vertex_client(server) as client, pytest.raises(errors.ClientError, match=words):
        client.tunings.tune(
            base_model=base, training_dataset={"gcs_uri": DATA}, config=types.CreateTuningJobConfig(**config)
        )


def test_tuning_is_refused_on_the_global_location(server: LocalGemini) -> None:
    """Tuning runs in a region."""
    client = genai.Client(
        vertexai=True,
        project="p",
        location="global",
        credentials=vertex_client(server)._api_client._credentials,
        http_options={"base_url": server.base_url},
    )
    with pytest.raises(errors.ClientError, match="FAILED_PRECONDITION"):
        client.tunings.tune(base_model=BASE, training_dataset={"gcs_uri": DATA})


def test_cancelled_tuning_makes_no_model(server: LocalGemini) -> None:
    """A cancelled job stays cancelled and registers nothing."""
    server.wire.jobs.take_s = 60
    server.wire.storage.write(DATA, json.dumps(turns("Hello", "Hi")))
    with vertex_client(server) as client:
        job = client.tunings.tune(base_model=BASE, training_dataset={"gcs_uri": DATA})
        client.tunings.cancel(name=job.name)
        server.clock.move(120)
        time.sleep(0.1)
        assert client.tunings.get(name=job.name).state == types.JobState.JOB_STATE_CANCELLED
        assert list(client.models.list(config={"query_base": False})) == []
