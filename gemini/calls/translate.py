"""Foreign exceptions into ours: google-genai's, its HTTP libraries', and Google's error bodies."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from prefect_gemini.gemini.errors import (
    AuthenticationFailed,
    DeadlineExceeded,
    GeminiError,
    InvalidOption,
    InvalidRequest,
    MalformedResponse,
    NotFound,
    PermissionDenied,
    QuotaExceeded,
    RateLimited,
    ServerError,
    ServiceError,
    TransportError,
)

HTTP_LIBRARIES = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "aiohttp", "h11", "h2", "requests", "urllib3"})

_BY_STATUS: dict[int, type[ServiceError]] = {
    401: AuthenticationFailed,
    403: PermissionDenied,
    404: NotFound,
    408: DeadlineExceeded,
    429: RateLimited,
    501: InvalidRequest,  # not implemented: the same request is not implemented later either
    504: DeadlineExceeded,
}
# A quota that is counted by the day (`quotaId` says so), or was bought and is used up: seconds do not help.
# Every 429 of the Developer API mentions plan and billing, so those words mean nothing.
_SPENT = re.compile(r"PerDay|per day|daily limit|Provisioned Throughput|spend(?:ing)? cap", re.IGNORECASE)
# The client's own mistakes among the HTTP libraries' exceptions: sending again repeats them.
_OWN_MISTAKES = frozenset(
    {
        "LocalProtocolError",
        "UnsupportedProtocol",
        "InvalidURL",
        "InvalidUrlClientError",
        "InvalidUrlRedirectClientError",
        "NonHttpUrlClientError",
        "NonHttpUrlRedirectClientError",
        "CookieConflict",
        "StreamConsumed",
        "StreamClosed",
        "ResponseNotRead",
        "RequestNotRead",
        "StreamError",
        "TooManyRedirects",
        "ConnectionNotAvailable",
        "InvalidHeader",
        "InvalidSchema",
        "MissingSchema",
    }
)
_BROKEN_BODY = frozenset({"DecodingError", "ContentTypeError", "ClientPayloadError", "InvalidJSONError"})
_TIMEOUT_HINT = "The service was silent for too long; allow more with `timeout_s`, or send less at once."


def translate(error: BaseException, *, model: str | None = None) -> GeminiError | None:
    """The error of ours that a foreign exception means; None for one that is nobody's but the caller's.

    Args:
        error: an exception of google-genai, google-auth, an HTTP library, or the socket.
        model: the model that was asked.
    """
    if isinstance(error, GeminiError):
        return error
    lineage = [(kind.__module__.partition(".")[0], kind.__name__) for kind in type(error).__mro__]
    names = {name for module, name in lineage if module in HTTP_LIBRARIES}
    said = _said(error)
    if any(kind.__module__ == "google.genai.errors" for kind in type(error).__mro__):
        return _from_sdk(error, model=model)
    if any(kind.__module__ == "google.api_core.exceptions" for kind in type(error).__mro__):
        return _from_api_core(error, model=model)
    if any(kind.__module__.startswith("google.auth") for kind in type(error).__mro__):
        if "TransportError" in {name for _, name in lineage}:
            return TransportError(f"The Google sign-in could not be reached ({said}).", model=model)
        return AuthenticationFailed(f"The Google credentials are not accepted ({said}).", model=model)
    if isinstance(error, json.JSONDecodeError):
        return _not_json(error.doc, model=model)
    if any(name == "ValidationError" and module in ("pydantic_core", "pydantic") for module, name in lineage):
        return MalformedResponse(f"The response does not have the API's shape ({said}).", model=model)
    if names:
        return _from_http(said, names, model=model)
    if isinstance(error, TimeoutError):
        return DeadlineExceeded("No answer in time.", model=model)
    if isinstance(error, UnicodeDecodeError):
        return MalformedResponse("The response is not UTF-8 text.", model=model)
    if isinstance(error, OSError):
        return TransportError(f"The connection failed ({said}).", model=model)
    if isinstance(error, ValueError):  # google-genai's own checks, made before it sends
        return InvalidOption(f"google-genai does not send this: {error}", model=model)
    return None


def _said(error: BaseException) -> str:
    try:
        words = str(error)
    except (AttributeError, TypeError):  # some of aiohttp's need attributes to be printed, and may lack them
        words = ""
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _from_http(said: str, names: set[str], *, model: str | None) -> GeminiError:
    if names & _OWN_MISTAKES:
        return InvalidRequest(f"The request cannot be sent ({said}).", hint="Check `base_url`.", model=model)
    if names & _BROKEN_BODY:
        return MalformedResponse(f"The response cannot be read ({said}).", model=model)
    if any("Timeout" in name for name in names):
        return TransportError(f"The connection stalled ({said}).", hint=_TIMEOUT_HINT, model=model)
    return TransportError(f"The connection failed ({said}).", model=model)


def _from_sdk(error: BaseException, *, model: str | None) -> GeminiError:
    if type(error).__name__ == "UnknownApiResponseError":
        return _not_json(str(error).partition("Raw response: ")[2], model=model)
    status = getattr(error, "code", None)
    if not isinstance(status, int):
        if isinstance(error, ValueError):  # function calling inside the SDK, which we never switch on
            return InvalidRequest(f"{type(error).__name__}: {error}.", model=model)
        return MalformedResponse(f"{type(error).__name__}: {error}.", model=model)
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    return from_status(status, getattr(error, "details", None), headers=headers, model=model)


def _from_api_core(error: BaseException, *, model: str | None) -> GeminiError | None:
    """google-api-core's errors carry the HTTP status and Google's words; its retries, what they gave up on."""
    code, cause = getattr(error, "code", None), getattr(error, "cause", None)
    if isinstance(code, int):
        return from_status(int(code), {"message": getattr(error, "message", "")}, model=model)
    if isinstance(cause, Exception) and (ours := translate(cause, model=model)) is not None:
        return ours
    return TransportError(f"The connection failed ({type(error).__name__}).", model=model)


def from_status(
    status: int,
    body: Any,
    *,
    headers: Mapping[str, str] | None = None,
    model: str | None = None,
    now: datetime | None = None,
) -> GeminiError:
    """The error for an HTTP status and Google's error body.

    Args:
        status: the HTTP status, or the code inside the body.
        body: the JSON body, or whatever came instead.
        headers: the response headers, for Retry-After.
        now: the time a date in Retry-After is compared with.
    """
    inner = body.get("error", body) if isinstance(body, Mapping) else {}
    inner = inner if isinstance(inner, Mapping) else {"message": str(inner)}
    details = [detail for detail in inner.get("details") or () if isinstance(detail, Mapping)]
    message = str(inner.get("message") or body or "no message").strip().rstrip(".")
    reason = inner.get("status") if isinstance(inner.get("status"), str) else None
    waits = [wait for wait in (_retry_after(headers or {}, now=now), _retry_info(details)) if wait is not None]
    kind = _BY_STATUS.get(status)
    if kind is None:
        kind = ServerError if status >= 500 else InvalidRequest if 400 <= status < 500 else MalformedResponse
    hint = None
    if kind is RateLimited and _SPENT.search(f"{message} {json.dumps(details, default=str)}"):
        kind = QuotaExceeded
    if kind is InvalidRequest and ("API key not valid" in message or "API_KEY_INVALID" in str(details)):
        kind = AuthenticationFailed
    if kind is InvalidRequest and (violations := _violations(details)):
        hint = f"Correct {violations}; nothing was generated."
    return kind(
        f"{status} {reason or ''}: {message}.".replace(" :", ":"),
        hint=hint,
        retry_after=max(waits) if waits else None,
        status=status,
        reason=reason,
        model=model,
    )


def _not_json(text: str, *, model: str | None) -> GeminiError:
    start = text.lstrip()
    if start.startswith('{"error"') or '"error"' in start[:40]:
        try:
            body = json.loads(start)
            return from_status(int(body["error"]["code"]), body, model=model)
        except (ValueError, KeyError, TypeError):
            pass  # it is what it looks like: not the API's JSON
    what = "HTML" if start[:1] == "<" else "nothing" if not start else "text that is not JSON"
    return MalformedResponse(f"The service answered with {what}: {start[:200]!r}.", status=200, model=model)


def _violations(details: list[Mapping[str, Any]]) -> str:
    fields = [
        str(violation.get("field"))
        for detail in details
        for violation in detail.get("fieldViolations") or ()
        if isinstance(violation, Mapping) and violation.get("field")
    ]
    return ", ".join(f"`{name}`" for name in fields)


def _retry_after(headers: Mapping[str, str], *, now: datetime | None) -> float | None:
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "").strip()
    if not value:
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", value):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None  # neither seconds nor a date: as if it were not there
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def _retry_info(details: list[Mapping[str, Any]]) -> float | None:
    for detail in details:
        if str(detail.get("@type", "")).endswith("google.rpc.RetryInfo"):
            found = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(detail.get("retryDelay", "")))
            if found:
                return float(found[1])
    return None
