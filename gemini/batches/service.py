"""The two services' batch jobs through google-genai: found, created, looked at, cancelled, read."""

from __future__ import annotations

import asyncio
import json
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import IO, TYPE_CHECKING, Any, TypeVar

from prefect_gemini.gemini.batches.job import KNOWN, BatchJob, state_of
from prefect_gemini.gemini.batches.spool import Spool
from prefect_gemini.gemini.batches.vectors import embeds
from prefect_gemini.gemini.calls.direct import direct
from prefect_gemini.gemini.calls.translate import translate
from prefect_gemini.gemini.errors import InvalidOption, NotFound, TransportError

if TYPE_CHECKING:
    from prefect_gemini.gemini.client import GeminiClient

T = TypeVar("T")
JSONL = "application/jsonl"
PAGE = 100
LISTED = timedelta(days=4)
"""How old a job that is looked up can be at most: Vertex AI queues one for three days and runs it for one."""
LINES_AT_ONCE = 100
PATIENCE_S = 120.0
"""How long a piece of a file in Cloud Storage is tried for."""


class Service:
    """Batch jobs as one client's service has them.

    Args:
        client: whom to ask.
        storage: `gs://bucket/folder` for input and output; Vertex AI needs one.
    """

    def __init__(self, client: GeminiClient, *, storage: str = "") -> None:
        self._client, self._storage = client, storage.rstrip("/")
        self._vertex = client.backend.kind == "vertex"

    async def find(self, job: BatchJob) -> Any | None:
        """The newest job of that display name, as the service shows it; None where there is none."""
        # The Developer API has no filter; Vertex AI's filter knows displayName.
        name = job.display_name
        config: dict[str, Any] = {"filter": f'displayName="{name}"'} if self._vertex else {"page_size": PAGE}
        since = (job.created_at or datetime.now(UTC)) - LISTED

        async def look() -> Any | None:
            pager, last = await self._batches.list(config=config), None
            while True:
                for shown in pager.page:
                    if shown.display_name == name:
                        return shown
                times = [*([] if last is None else [last]), *(shown.create_time for shown in pager.page)]
                if _newest_first(times) and len(times) > 1 and times[-1] < since:
                    return None  # those that follow are older still
                try:
                    await pager.next_page()
                except IndexError:
                    return None
                last = times[-1] if times else None

        return await self._ask(look)

    async def upload(self, spool: Spool, job: BatchJob) -> Any:
        """Bring the rows to where the service reads them; doing it twice leaves one copy.

        Returns:
            What `create` takes: a file's name, a `gs://` address, or the requests themselves.
        """
        if self._vertex:
            if not self._storage.startswith("gs://"):
                raise InvalidOption("A batch on Vertex AI needs `storage`, a gs://bucket/folder for input and output.")
            uri = f"{self._storage}/{job.display_name}/input.jsonl"
            await asyncio.to_thread(self._to_storage, uri, spool)
            return uri
        if spool.inline:
            return await asyncio.to_thread(_inlined, spool)
        # At most 40 letters. A later attempt has a file of its own: the first one's may expire before it is read.
        name = f"files/gemini-{job.key[:28]}-{job.attempt}"
        path = await asyncio.to_thread(spool.path)

        async def put() -> Any:
            return await self._client.sdk.aio.files.upload(
                file=path, config={"name": name, "mime_type": JSONL, "display_name": job.display_name}
            )

        try:
            return (await self._transfer(put)).name
        except Exception as error:
            if getattr(error, "status", None) != 409:
                raise
            return name  # uploaded before: the name says what is in it

    async def create(self, source: Any, job: BatchJob) -> Any:
        """Submit a job, once: whether one was created after a failure is for the caller to look up.

        Raises:
            ServiceError: the service refused, or it is not known what it did.
        """
        config: dict[str, Any] = {"display_name": job.display_name}
        if not self._vertex and embeds(job.model):
            # That the SDK calls the method experimental is for us to know.
            warnings.filterwarnings("ignore", message=r"batches\.create_embeddings\(\) is experimental")
            texts = {"file_name": source}
            return await self._ask(
                lambda: self._batches.create_embeddings(model=job.model, src=texts, config=config), repeatable=False
            )
        if self._vertex:
            config["dest"] = f"{self._storage}/{job.display_name}/output"
        return await self._ask(
            lambda: self._batches.create(model=job.model, src=source, config=config), repeatable=False
        )

    async def get(self, name: str) -> Any:
        """A job as the service shows it."""
        return await self._ask(lambda: self._batches.get(name=name))

    async def known(self, name: str) -> Any | None:
        """A job as the service shows it; None where it has forgotten it."""
        try:
            return await self.get(name)
        except NotFound:
            return None

    async def cancel(self, name: str) -> None:
        """Ask the service to end a job; rows it has answered are still paid for."""
        await self._ask(lambda: self._batches.cancel(name=name))

    async def lines(self, shown: Any | None) -> AsyncIterator[str]:
        """The rows of a job's output as they are written, wherever they are; none where there are none.

        Raises:
            TransportError: the output breaks off. Rows that were given are whole.
        """
        dest = getattr(shown, "dest", None)
        if self._vertex:
            info = getattr(shown, "output_info", None)
            folder = getattr(info, "gcs_output_directory", None) or getattr(dest, "gcs_uri", None)
            if folder:
                async for line in _a_little_at_a_time(self._from_storage(folder)):
                    yield line
        elif dest is not None and dest.file_name:
            with tempfile.TemporaryFile(prefix="prefect-gemini-batch-") as copy:
                await self._download(dest.file_name, copy)
                async for line in _a_little_at_a_time(_lines_of(copy)):
                    yield line
        elif dest is not None:
            for answer in dest.inlined_responses or ():
                yield answer.model_dump_json(by_alias=True, exclude_none=True)

    @property
    def _batches(self) -> Any:
        return self._client.sdk.aio.batches

    async def _ask(self, ask: Callable[[], Awaitable[T]], *, repeatable: bool = True) -> T:
        return await direct(ask, retries=self._client.retries, clock=self._client.clock, repeatable=repeatable)

    async def _transfer(self, ask: Callable[[], Awaitable[T]]) -> T:
        """A call that moves gigabytes: no deadline for the whole of it, silence still ends it."""
        retries = self._client.retries.model_copy(update={"deadline_s": None})
        return await direct(ask, retries=retries, clock=self._client.clock)

    async def _download(self, name: str, copy: Any) -> None:
        async def get() -> None:
            copy.seek(0)
            copy.truncate()
            await self._client.sdk.aio.files.download(file=name, destination=copy)

        await self._transfer(get)

    def _to_storage(self, uri: str, spool: Spool) -> None:
        blob = self._blob(uri)
        try:
            blob.upload_from_filename(str(spool.path()), content_type=JSONL, retry=_again())
        except Exception as error:
            raise translate(error) or error from None

    def _from_storage(self, folder: str) -> Iterator[str]:
        bucket, _, prefix = folder.removeprefix("gs://").partition("/")
        try:
            again = _again()
            for blob in self._gcs().list_blobs(bucket, prefix=prefix, retry=again):
                if blob.name.endswith(".jsonl") and "prediction" in blob.name.rpartition("/")[2]:
                    with blob.open("rb", retry=again) as stream:
                        yield from _lines_of(stream)
        except Exception as error:
            raise translate(error) or error from None

    def _blob(self, uri: str) -> Any:
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        return self._gcs().bucket(bucket).blob(name)

    def _gcs(self) -> Any:
        from google.cloud import storage  # type: ignore[attr-defined]

        backend = self._client.backend
        return storage.Client(project=backend.project, credentials=backend.credentials)


def _again() -> Any:
    """How google-cloud-storage repeats a piece of a transfer; nobody else does."""
    from google.cloud.storage.retry import DEFAULT_RETRY  # type: ignore[import-untyped]

    return DEFAULT_RETRY.with_timeout(PATIENCE_S)


def shown_as(job: BatchJob, shown: Any) -> BatchJob:
    """A job with what the service shows of it."""
    dest, info = shown.dest, getattr(shown, "output_info", None)
    folder = getattr(info, "gcs_output_directory", None) if info is not None else None
    output = folder or (dest is not None and (dest.file_name or dest.gcs_uri)) or ""
    message = getattr(shown.error, "message", None) or ""
    state = state_of(shown.state)
    over = state not in KNOWN and shown.end_time is not None
    return job.model_copy(
        update={"name": shown.name, "state": state, "over": over, "message": message, "output": output}
    )


def forgotten(job: BatchJob) -> BatchJob:
    """A job the service knows nothing of any more: its answers cannot be had."""
    return job.model_copy(update={"state": "EXPIRED", "message": "the service has forgotten it"})


async def _a_little_at_a_time(lines: Iterator[str]) -> AsyncIterator[str]:
    """Lines read off the event loop: the output of a whole job may be larger than memory."""
    while some := await asyncio.to_thread(lambda: list(islice(lines, LINES_AT_ONCE))):
        for line in some:
            yield line


def _lines_of(stream: IO[bytes]) -> Iterator[str]:
    stream.seek(0)
    for raw in stream:
        if not raw.strip():
            continue
        line = raw.decode("utf-8", "replace")
        if not raw.endswith(b"\n") and parsed(line) is None:
            raise TransportError("The output of the batch breaks off in the middle of a row.")
        yield line


def _inlined(spool: Spool) -> list[Any]:
    """The rows as google-genai takes them inline: the same JSON, in its own types."""
    from google.genai import types

    requests = []
    for line in spool.lines():
        body = dict(line["request"])
        config = dict(body.pop("generationConfig", {}))
        config |= {
            name: body.pop(name)
            for name in ("systemInstruction", "safetySettings", "tools", "toolConfig", "cachedContent")
            if name in body
        }
        requests.append(
            types.InlinedRequest(
                contents=[types.Content.model_validate(turn) for turn in body["contents"]],
                config=types.GenerateContentConfig.model_validate(config),
                metadata={"key": line["key"]},
            )
        )
    return requests


def _newest_first(times: Sequence[datetime | None]) -> bool:
    return all(one is not None and other is not None and one >= other for one, other in pairwise(times))


def parsed(line: str) -> dict[str, Any] | None:
    """A row of output; None where it is not a JSON object."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None
