"""Batch jobs of both surfaces: rows answered one by one, states that only go forward, results where they belong."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from prefect_gemini.local import LocalGemini
from prefect_gemini.testing import error, text
from tests.local.conftest import developer_client, vertex_client

MODEL = "gemini-3.8-flash"


@pytest.fixture
def developer(server: LocalGemini) -> Iterator[genai.Client]:
    with developer_client(server) as client:
        yield client


@pytest.fixture
def vertex(server: LocalGemini) -> Iterator[genai.Client]:
    with vertex_client(server) as client:
        yield client


def inline(*texts: str) -> list[dict[str, Any]]:
    return [
        {"contents": [{"role": "user", "parts": [{"text": one}]}], "metadata": {"key": f"row {number}"}}
        for number, one in enumerate(texts)
    ]


def finished(client: genai.Client, job: types.BatchJob) -> types.BatchJob:
    """Ask until the job has ended; every state on the way must be later than the last."""
    order = ["JOB_STATE_PENDING", "JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED"]
    last = 0
    for _ in range(3000):
        job = client.batches.get(name=job.name)
        if job.state.value not in order:
            return job
        assert order.index(job.state.value) >= last
        last = order.index(job.state.value)
        if job.done:
            return job
        time.sleep(0.02)
    raise AssertionError(f"{job.name} does not end")


def test_inline_batch_keeps_order_and_metadata(developer: genai.Client) -> None:
    """Each request's answer comes back in its place, with what the caller hung on it."""
    job = developer.batches.create(model=MODEL, src=inline("one", "two"), config={"display_name": "both"})
    assert job.display_name == "both"
    job = finished(developer, job)
    rows = job.dest.inlined_responses
    assert [row.response.text for row in rows] == ["You said: one", "You said: two"]
    assert [row.metadata for row in rows] == [{"key": "row 0"}, {"key": "row 1"}]


def test_one_bad_row_spoils_no_other(developer: genai.Client, server: LocalGemini) -> None:
    """A refused row carries its error; the job succeeds with the rest."""
    server.script([text("fine"), error(429), text("fine too")])
    job = finished(developer, developer.batches.create(model=MODEL, src=inline("a", "b", "c")))
    assert job.state == types.JobState.JOB_STATE_SUCCEEDED
    assert [row.error is None for row in job.dest.inlined_responses] == [True, False, True]


def test_file_batch_writes_a_file_with_the_keys(developer: genai.Client) -> None:
    """Rows of a file come back as rows of a generated file, by their keys, and the file can be downloaded."""
    lines = [
        {"key": "k1", "request": {"contents": [{"parts": [{"text": "first"}]}]}},
        {"key": "k2", "request": {"contents": []}},
    ]
    blob = "\n".join(json.dumps(line) for line in lines).encode()
    upload = developer.files.upload(file=io.BytesIO(blob), config={"mime_type": "application/jsonl"})
    job = finished(developer, developer.batches.create(model=MODEL, src=upload.name))
    written = [json.loads(line) for line in developer.files.download(file=job.dest.file_name).splitlines()]
    assert [row["key"] for row in written] == ["k1", "k2"]
    assert written[0]["response"]["candidates"][0]["content"]["parts"][0]["text"] == "You said: first"
    assert written[1]["error"]["status"] == "INVALID_ARGUMENT"


@pytest.mark.filterwarnings("ignore:.*experimental")
def test_embedding_batch(developer: genai.Client) -> None:
    """Texts are embedded in a batch as they would be alone."""
    source = {"inlined_requests": {"contents": [{"parts": [{"text": "ship"}]}, {"parts": [{"text": "harbour"}]}]}}
    job = finished(developer, developer.batches.create_embeddings(model="gemini-embedding-001", src=source))
    rows = job.dest.inlined_embed_content_responses
    alone = developer.models.embed_content(model="gemini-embedding-001", contents="ship").embeddings[0].values
    assert rows[0].response.embedding.values == alone
    assert [row.response.token_count for row in rows] == [1, 1]


@pytest.mark.filterwarnings("ignore:.*experimental")
def test_embedding_batch_from_a_file(developer: genai.Client) -> None:
    """Rows carry their key; the refused one its error."""
    good, bad = {"content": {"parts": [{"text": "ship"}]}, "output_dimensionality": 8}, {"content": {"parts": []}}
    blob = "\n".join(json.dumps({"key": key, "request": row}) for key, row in {"b": good, "a": bad}.items()).encode()
    upload = developer.files.upload(file=io.BytesIO(blob), config={"mime_type": "application/jsonl"})
    job = developer.batches.create_embeddings(
        model="gemini-embedding-001", src={"file_name": upload.name}, config={"display_name": "texts"}
    )
    job = finished(developer, job)
    written = [json.loads(line) for line in developer.files.download(file=job.dest.file_name).splitlines()]
    assert (written[0]["key"], written[0]["response"]["tokenCount"]) == ("b", "1")
    assert len(written[0]["response"]["embedding"]["values"]) == 8
    assert written[1]["error"]["status"] == "INVALID_ARGUMENT"


def test_cancelled_batch_stays_cancelled(developer: genai.Client, server: LocalGemini) -> None:
    """Nothing brings a cancelled job back; a second cancel is refused; deleted, it is gone."""
    server.wire.jobs.take_s = 60
    job = developer.batches.create(model=MODEL, src=inline("never"))
    developer.batches.cancel(name=job.name)
    server.clock.move(3600)
    time.sleep(0.1)
    assert developer.batches.get(name=job.name).state == types.JobState.JOB_STATE_CANCELLED
    with pytest.raises(errors.ClientError, match="FAILED_PRECONDITION"):
        developer.batches.cancel(name=job.name)
    developer.batches.delete(name=job.name)
    with pytest.raises(errors.ClientError) as refused:
        developer.batches.get(name=job.name)
    assert refused.value.code == 404


def test_job_runs_as_long_as_the_clock_says(developer: genai.Client, server: LocalGemini) -> None:
    """A job that takes a day is done when the clock has been moved by one."""
    server.wire.jobs.take_s = 24 * 3600
    job = developer.batches.create(model=MODEL, src=inline("slow"))
    while (state := developer.batches.get(name=job.name).state) == types.JobState.JOB_STATE_PENDING:
        time.sleep(0.02)
    assert state == types.JobState.JOB_STATE_RUNNING
    server.clock.move(24 * 3600)
    assert finished(developer, job).state == types.JobState.JOB_STATE_SUCCEEDED


def test_batch_from_and_to_cloud_storage(vertex: genai.Client, server: LocalGemini) -> None:
    """Vertex AI reads every object that fits, and writes one row for each, with the request beside its answer."""
    for number in (1, 2):
        row = {"id": f"r{number}", "request": {"contents": [{"role": "user", "parts": [{"text": f"n{number}"}]}]}}
        server.wire.storage.write(f"gs://inbox/part-{number}.jsonl", json.dumps(row))
    job = finished(
        vertex, vertex.batches.create(model=MODEL, src="gs://inbox/*.jsonl", config={"dest": "gs://outbox/here"})
    )
    assert job.completion_stats.successful_count == 2
    folder = job.output_info.gcs_output_directory
    assert folder.startswith("gs://outbox/here/prediction-model-")
    rows = [json.loads(line) for line in server.wire.storage.read(f"{folder}/predictions.jsonl").splitlines()]
    assert [row["status"] for row in rows] == ["", ""]
    assert {row["request"]["contents"][0]["parts"][0]["text"] for row in rows} == {"n1", "n2"}
    assert rows[0]["response"]["candidates"][0]["content"]["parts"][0]["text"] == "You said: n1"


def test_embedding_batch_from_and_to_cloud_storage(vertex: genai.Client, server: LocalGemini) -> None:
    """Vertex AI's rows of texts carry a key, and come back with it: a count that is a string, and the vector."""
    good = {"content": {"parts": [{"text": "ship"}]}}
    config = {"output_dimensionality": 8, "task_type": "RETRIEVAL_DOCUMENT"}
    rows = [{"key": "b", "request": good | {"embed_content_config": config}}, {"key": "a", "request": {}}]
    server.wire.storage.write("gs://inbox/texts.jsonl", "\n".join(map(json.dumps, rows)))
    dest = {"dest": "gs://outbox/texts"}
    job = vertex.batches.create(model="gemini-embedding-001", src="gs://inbox/texts.jsonl", config=dest)
    job = finished(vertex, job)
    assert (job.completion_stats.successful_count, job.completion_stats.failed_count) == (1, 1)
    folder = job.output_info.gcs_output_directory
    lines = server.wire.storage.read(f"{folder}/predictions.jsonl").splitlines()
    one, other = map(json.loads, lines)
    assert (one.keys(), one["key"], one["request"]) == ({"key", "request", "response"}, "b", rows[0]["request"])
    assert (one["response"]["tokenCount"], len(one["response"]["embedding"]["values"])) == ("1", 8)
    assert (other["key"], other["response"]) == ("a", {})
    assert "content" in other["status"]


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "No such object"), ("not json", "line 1"), ("", "no requests")],
)
def test_input_that_cannot_be_read_fails_the_job(
    vertex: genai.Client, server: LocalGemini, content: str | None, words: str
) -> None:
    """A job over a missing or broken input is accepted, fails, and says why."""
    server.wire.storage.write("gs://inbox/other", "x")
    if content is not None:
        server.wire.storage.write("gs://inbox/rows.jsonl", content)
    job = finished(vertex, vertex.batches.create(model=MODEL, src="gs://inbox/rows.jsonl"))
    assert job.state == types.JobState.JOB_STATE_FAILED
    assert words in job.error.message


def test_bigquery_is_refused_and_not_pretended(vertex: genai.Client) -> None:
    """There is no BigQuery here: the job fails and says what would work."""
    job = finished(vertex, vertex.batches.create(model=MODEL, src="bq://p.d.t"))
    assert job.state == types.JobState.JOB_STATE_FAILED
    assert "gcsSource" in job.error.message


def test_running_vertex_job_is_not_deleted(vertex: genai.Client, server: LocalGemini) -> None:
    """Vertex AI wants a job cancelled before it is deleted."""
    server.wire.jobs.take_s = 60
    server.wire.storage.write("gs://inbox/rows.jsonl", "{}")
    job = vertex.batches.create(model=MODEL, src="gs://inbox/rows.jsonl")
    with pytest.raises(errors.ClientError, match="FAILED_PRECONDITION"):
        vertex.batches.delete(name=job.name)
    vertex.batches.cancel(name=job.name)
    vertex.batches.delete(name=job.name)
    with pytest.raises(errors.ClientError, match="404"):
        vertex.batches.get(name=job.name)


def test_batches_are_listed_newest_first_in_pages(developer: genai.Client) -> None:
    """The pager goes through all of them."""
    names = [developer.batches.create(model=MODEL, src=inline(str(number))).name for number in range(5)]
    assert [job.name for job in developer.batches.list(config={"page_size": 2})] == names[::-1]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"batch": {}}, "requests or file_name"),
        ({"batch": {"inputConfig": {"fileName": "files/nothing"}}}, "permission"),
        ({"batch": {"inputConfig": {"requests": {}, "fileName": "files/x"}}}, "oneof"),
        ({"batch": {"inputCfg": {}}}, "Unknown name"),
    ],
)
def test_batch_that_asks_for_nothing_is_refused(developer: genai.Client, body: dict[str, Any], words: str) -> None:
    """What the job would read must be there, once, by its right name."""
    with pytest.raises(errors.ClientError, match=words):
        developer._api_client.request("post", f"models/{MODEL}:batchGenerateContent", body)
