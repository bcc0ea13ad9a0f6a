"""http_request: one HTTP call to a public address, through the guard."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, SecretStr

from prefect_gemini.gemini.calls.translate import from_status
from prefect_gemini.gemini.documents.fetch import TIMEOUT_S, exchange
from prefect_gemini.gemini.errors import (
    CorruptDocument,
    DocumentNotFound,
    InvalidOption,
    MalformedResponse,
    TransportError,
)
from prefect_gemini.tasks.node import node

LARGEST = 20_000_000
Method: TypeAlias = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
METHODS: tuple[str, ...] = get_args(Method)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""A header's name and value (RFC 9110, 5.1 and 5.5)."""


class HttpReply(BaseModel):
    """What a server answered.

    Args:
        url: where the answer came from, after redirects.
        status: the HTTP status.
        headers: the answer's headers.
        content: the body.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:  # type: ignore[override]
        """The body as JSON.

        Raises:
            MalformedResponse: it is not JSON.
        """
        try:
            return json.loads(self.content)
        except ValueError as error:
            raise MalformedResponse(f"{self.url!r} answered with something that is not JSON ({error}).") from None


@node(category="acting", costs="nothing", side_effects=True)
async def ahttp_request(
    url: str,
    *,
    method: Method = "GET",
    body: Any = None,
    headers: Mapping[str, str | SecretStr] | None = None,
    allow_hosts: Sequence[str] = (),
    allow_private: bool = False,
    timeout_s: float = TIMEOUT_S,
) -> HttpReply:
    """Make one HTTP request.

    Private, loopback and metadata addresses are refused, whatever name or redirect leads there: a URL may
    come out of a document. Nothing is retried; `http_request.with_options(retries=3)` retries what may be.

    Args:
        url: http or https.
        method: as HTTP has it.
        body: bytes or text as they are; anything else is sent as JSON.
        headers: sent along, and not to another origin after a redirect; a `SecretStr` stays out of logs.
        allow_hosts: only these hosts; the guard's other rules hold as well.
        allow_private: allow private and loopback addresses, for services of your own.
        timeout_s: seconds for all of it.

    Raises:
        UnsafeLocation: the guard refuses the URL, or where it leads.
        ServiceError: the server answers 400 or more; `status` says what, `retryable` whether to try again.
        TransportError: no connection, or no answer in time.
        DocumentTooLarge: more than 20 MB.
    """
    sent = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in (headers or {}).items()
    }
    if not all(_NAME.fullmatch(name) and _VALUE.fullmatch(value) for name, value in sent.items()):
        raise InvalidOption("a header has a line break or another character in it that HTTP does not take.")
    if method not in METHODS:
        raise InvalidOption(f"`method` is one of {', '.join(METHODS)}.")
    data, kind = _encoded(body)
    if kind and not any(name.lower() == "content-type" for name in sent):
        sent["Content-Type"] = kind
    try:
        answer = await asyncio.to_thread(
            exchange,
            url,
            method=method,
            headers=sent,
            body=data,
            max_bytes=LARGEST,
            allow_private=allow_private,
            allow_hosts=frozenset(host.lower() for host in allow_hosts),
            timeout_s=timeout_s,
        )
    except DocumentNotFound as error:
        raise TransportError(error.message) from None
    except CorruptDocument as error:
        raise MalformedResponse(error.message) from None
    if answer.status >= 400:
        said = answer.body[:300].decode("utf-8", "replace")
        raise from_status(answer.status, f"{answer.reason}: {said}", headers=answer.headers)
    return HttpReply(url=answer.url, status=answer.status, headers=answer.headers, content=answer.body)


http_request = ahttp_request.sync


def _encoded(body: Any) -> tuple[bytes | None, str | None]:
    if body is None or isinstance(body, bytes):
        return body, None
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    if isinstance(body, BaseModel):
        return body.model_dump_json().encode(), "application/json"
    try:
        return json.dumps(body, allow_nan=False).encode(), "application/json"
    except (TypeError, ValueError) as error:
        raise InvalidOption(f"`body` cannot be sent as JSON: {error}.") from None
