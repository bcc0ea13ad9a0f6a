"""Every failure is exactly one of our errors, says what to do, pickles, and holds no secret."""

from __future__ import annotations

import importlib
import inspect
import pickle
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from google.genai import types

from prefect_gemini.gemini import errors
from prefect_gemini.gemini.calls.answer import FINISHES, STOP, read
from prefect_gemini.gemini.calls.translate import from_status, translate
from prefect_gemini.gemini.errors import GeminiError

CLASSES = sorted(
    (kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, GeminiError)),
    key=lambda kind: kind.__name__,
)
LEAVES = [kind for kind in CLASSES if not kind.__subclasses__()]
KEY = "AIza" + "S" * 35


def test_the_tree_in_the_docstring_is_the_tree_in_the_code() -> None:
    """What is drawn is what can be caught."""
    drawn = re.findall(r"^[│ ]*[├└]── (\w+)", errors.__doc__ or "", re.MULTILINE)
    assert {"GeminiError", *drawn} == {kind.__name__ for kind in CLASSES}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_pickles_with_everything_it_knows(kind: type[GeminiError]) -> None:
    """Errors cross process boundaries between workers and the flow."""
    error = kind(
        "it broke",
        retry_after=2.5,
        status=429,
        reason="R",
        finish_reason="F",
        response_id="id",
        safety_ratings=[{"category": "C"}],
        attempts=3,
        model="m",
    )
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert again.__dict__ == error.__dict__
    assert str(again) == str(error)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_ends_with_what_to_do(kind: type[GeminiError]) -> None:
    """The last words of a message are the next step."""
    assert str(kind("it broke")).endswith(kind.default_hint)
    assert str(kind("it broke", hint="Do this.", attempts=2)) == "it broke (after 2 attempts) Do this."


@pytest.mark.parametrize(
    "secret",
    [
        KEY,
        "ya29.a0AfH6SMBx-y_z",
        "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----",
    ],
)
@pytest.mark.parametrize("around", ["{}", "key={}&alt=sse", "Authorization: Bearer {}", "{{'x-goog-api-key': '{}'}}"])
def test_no_message_holds_a_secret(secret: str, around: str) -> None:
    """Keys and tokens that a service or library quotes do not reach a log."""
    error = errors.InvalidRequest(around.format(secret), hint=around.format(secret))
    assert secret not in str(error) + repr(error) + str(error.__dict__) + pickle.dumps(error).decode("latin-1")


def test_control_characters_are_shown_not_sent_to_the_terminal() -> None:
    """Escape sequences, bidirectional overrides and zero-width characters are written out."""
    message = errors.ServerError("a\x1b]52;c;eA==\x07b\u202ec\u200bd\re").message
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u200b\u202e]", message)
    assert r"\x1b" in message


def response(finish: str | None = STOP, **more: Any) -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": [{"text": "half"}]}, "finishReason": finish}
    ratings = [{"category": "HARM_CATEGORY_CIVIC_INTEGRITY", "probability": "HIGH", "blocked": True}]
    return {"candidates": [candidate | {"safetyRatings": ratings}], "responseId": "r", **more}


@pytest.mark.parametrize("reason", [*(member.value for member in types.FinishReason), "MODEL_ARMOR", "SOMETHING_NEW"])
def test_every_finish_reason_is_a_whole_answer_or_one_error(reason: str) -> None:
    """STOP is the only success; an unknown reason is never taken for one."""
    if reason == STOP:
        assert read(response(), model="m", backend="local").text == "half"
        return
    with pytest.raises(errors.AnswerError) as caught:
        read(response(reason), model="m", backend="local")
    error = caught.value
    assert type(error) is FINISHES.get(reason, errors.UnknownFinish)
    assert type(error) in LEAVES
    assert (error.finish_reason, error.response_id) == (reason, "r")
    assert error.safety_ratings[0]["category"] == "HARM_CATEGORY_CIVIC_INTEGRITY"
    assert error.partial is not None
    assert error.partial.text == "half"


def test_no_known_finish_reason_is_left_out() -> None:
    """Each of google-genai's reasons has been thought about, not caught by the default."""
    assert {member.value for member in types.FinishReason} - {STOP} <= set(FINISHES)


@pytest.mark.parametrize("reason", [*(member.value for member in types.BlockedReason), "SOMETHING_NEW"])
def test_every_blocked_reason_is_a_blocked_prompt(reason: str) -> None:
    """A prompt that was refused has no candidate, and still is one typed error."""
    feedback = {"blockReason": reason, "safetyRatings": [{"category": "C", "blocked": True}]}
    with pytest.raises(errors.PromptBlocked) as caught:
        read({"promptFeedback": feedback, "responseId": "r"}, model="m", backend="local")
    assert (caught.value.reason, caught.value.response_id) == (reason, "r")
    assert caught.value.safety_ratings == ({"category": "C", "blocked": True},)


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ({}, errors.EmptyAnswer),
        ({"candidates": []}, errors.EmptyAnswer),
        ({"candidates": [{"finishReason": "STOP"}]}, errors.EmptyAnswer),
        ({"candidates": [{"finishReason": "STOP", "content": {"parts": [{"text": ""}]}}]}, errors.EmptyAnswer),
        (
            {"candidates": [{"finishReason": "STOP", "content": {"parts": [{"text": "x", "thought": True}]}}]},
            errors.EmptyAnswer,
        ),
        ({"candidates": [{"content": {"parts": [{"text": "x"}]}}]}, errors.Truncated),
        (None, errors.MalformedResponse),
        ([], errors.MalformedResponse),
        ("text", errors.MalformedResponse),
        ({"candidates": "no"}, errors.MalformedResponse),
        ({"candidates": [{"content": {"parts": "no"}, "finishReason": "STOP"}]}, errors.MalformedResponse),
        ({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}, errors.RateLimited),
        ({"error": {"message": "no code"}}, errors.ServerError),
    ],
)
def test_a_success_that_is_none_is_one_typed_error(payload: Any, kind: type[GeminiError]) -> None:
    """Status 200 proves nothing."""
    with pytest.raises(kind) as caught:
        read(payload, model="m", backend="local")
    assert type(caught.value) is kind


def exceptions(module: str) -> list[type[BaseException]]:
    try:
        found = vars(importlib.import_module(module)).values()
    except ImportError:
        return []
    return sorted(
        {
            kind
            for kind in found
            if inspect.isclass(kind) and issubclass(kind, Exception) and not issubclass(kind, Warning)
        },
        key=lambda kind: kind.__name__,
    )


FOREIGN = [
    pytest.param(kind, id=f"{module}.{kind.__name__}")
    for module in (
        "httpx",
        "httpx2",
        "httpcore",
        "aiohttp.client_exceptions",
        "google.genai.errors",
        "google.auth.exceptions",
    )
    for kind in exceptions(module)
]


@pytest.mark.parametrize("kind", FOREIGN)
def test_every_exception_of_the_libraries_below_is_ours(kind: type[BaseException]) -> None:
    """Nothing foreign reaches a caller, whichever HTTP library google-genai uses."""
    error = kind.__new__(kind)
    ours = translate(error, model="m")
    assert type(ours) in LEAVES
    assert ours is not None
    assert ours.model == "m"


@pytest.mark.parametrize(
    ("name", "kind", "retryable"),
    [
        ("ConnectError", errors.TransportError, True),
        ("ReadTimeout", errors.TransportError, True),
        ("RemoteProtocolError", errors.TransportError, True),
        ("LocalProtocolError", errors.InvalidRequest, False),
        ("UnsupportedProtocol", errors.InvalidRequest, False),
        ("DecodingError", errors.MalformedResponse, True),
    ],
)
@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_the_ways_a_connection_fails(library: str, name: str, kind: type[GeminiError], retryable: bool) -> None:
    """What the network did is retryable; what the client did wrong is not."""
    module = pytest.importorskip(library)
    error = translate(getattr(module, name)("said"))
    assert type(error) is kind
    assert error.retryable is retryable


def test_a_bug_is_not_dressed_up() -> None:
    """An exception that no library raised stays what it is."""
    assert translate(KeyError("x")) is None


STATUSES = {
    400: errors.InvalidRequest,
    401: errors.AuthenticationFailed,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    408: errors.DeadlineExceeded,
    409: errors.InvalidRequest,
    413: errors.InvalidRequest,
    429: errors.RateLimited,
    499: errors.InvalidRequest,
    500: errors.ServerError,
    502: errors.ServerError,
    503: errors.ServerError,
    504: errors.DeadlineExceeded,
    529: errors.ServerError,
    302: errors.MalformedResponse,
}


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_each_status_is_one_error(status: int, kind: type[GeminiError]) -> None:
    """The branch says who must act."""
    error = from_status(status, {"error": {"code": status, "message": "said", "status": "S"}}, model="m")
    assert (type(error), error.status, error.reason, error.model) == (kind, status, "S", "m")
    assert error.retryable is (status in (302, 408, 429) or status >= 500)


def test_an_invalid_key_is_a_matter_of_credentials() -> None:
    """The Developer API says 400 where it means 401."""
    body = {
        "error": {
            "code": 400,
            "message": "API key not valid. Please pass a valid API key.",
            "status": "INVALID_ARGUMENT",
        }
    }
    assert type(from_status(400, body)) is errors.AuthenticationFailed


@pytest.mark.parametrize(
    ("message", "details", "kind"),
    [
        ("You exceeded your current quota, please check your plan and billing details.", [], errors.RateLimited),
        ("Resource exhausted, please try again later.", [], errors.RateLimited),
        ("Too many requests. Exceeded the Provisioned Throughput.", [], errors.QuotaExceeded),
        (
            "You exceeded your current quota",
            [{"violations": [{"quotaId": "GenerateRequestsPerDay"}]}],
            errors.QuotaExceeded,
        ),
        ("You exceeded your current quota", [{"violations": [{"quotaId": "RequestsPerMinute"}]}], errors.RateLimited),
    ],
)
def test_a_quota_that_waiting_does_not_refill_is_told_apart(
    message: str, details: list[Any], kind: type[GeminiError]
) -> None:
    """Only what comes back by itself is worth a retry."""
    assert type(from_status(429, {"error": {"message": message, "details": details}})) is kind


NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "delay", "wait"),
    [
        ("2", None, 2.0),
        ("0.5", None, 0.5),
        ("Tue, 24 Nov 2026 12:00:07 GMT", None, 7.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", None, 0.0),
        (None, "3s", 3.0),
        (None, "1.250s", 1.25),
        ("2", "3s", 3.0),
        ("4", "3s", 4.0),
        ("soon", None, None),
        (None, "soon", None),
        (None, None, None),
    ],
)
def test_the_wait_is_read_from_header_and_body(header: str | None, delay: str | None, wait: float | None) -> None:
    """Retry-After in seconds or as a date, and RetryInfo; the longer counts."""
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}] if delay else []
    headers = {"retry-after": header} if header else {}
    error = from_status(429, {"error": {"message": "m", "details": details}}, headers=headers, now=NOW)
    assert error.retry_after == wait
