"""Everything that can go wrong, as types. A branch per who must act.

GeminiError
├── SetupError                you, before any call: configuration
│   ├── NoCredentials         nothing to call Gemini with, or it does not load
│   ├── UnknownModel          no such model; the message suggests a near one
│   └── InvalidOption         an argument out of its range, or not taken by this model
├── DocumentError             the document
│   ├── DocumentNotFound      no such path or URL, or not readable
│   ├── EmptyDocument
│   ├── UnsupportedMedia      not a type Gemini reads, whatever its name says
│   ├── EncryptedDocument     needs a password
│   ├── CorruptDocument
│   ├── DocumentTooLarge      over a byte, page, pixel or token limit, or a decompression bomb
│   └── UnsafeLocation        a URL or path the guard refuses
├── ServiceError              the service, or the way to it
│   ├── AuthenticationFailed  401
│   ├── PermissionDenied      403
│   ├── NotFound              404: model, cached content, file
│   ├── InvalidRequest        400 and every other 4xx: the request as sent can never succeed
│   ├── RateLimited           429: try again later (retryable)
│   ├── QuotaExceeded         429 that waiting does not mend: daily quota, Provisioned Throughput
│   ├── ServerError           5xx (retryable)
│   ├── DeadlineExceeded      408, 504, or our own deadline (retryable)
│   ├── TransportError        the connection: refused, reset, stalled (retryable)
│   ├── MalformedResponse     200 that is not the API's JSON: HTML, a bad SSE chunk (retryable)
│   ├── CircuitOpen           not sent: too many recent failures (retryable after `retry_after`)
│   └── BatchFailed           a batch job ended without an answer to this request (retryable)
├── AnswerError               the model answered, and it is not a whole answer
│   ├── PromptBlocked         promptFeedback.blockReason
│   ├── AnswerBlocked         SAFETY, RECITATION, BLOCKLIST, PROHIBITED_CONTENT, SPII, …
│   ├── Truncated             MAX_TOKENS, or a stream that ended without a finish reason
│   ├── MalformedFunctionCall MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL, TOO_MANY_TOOL_CALLS
│   ├── EmptyAnswer           no candidate, or a candidate without content
│   ├── UnknownFinish         a finish reason this version does not know
│   └── InvalidOutput         the answer does not satisfy the schema, after the repair round
├── BudgetExceeded            the call was not made: it would have broken a budget
│   └── LeashExceeded         a model with tools was stopped: steps, calls, seconds, cost, or in circles
├── NotSent                   the call was not made: this is a dry run
└── OutputFailed              results could not be written where they were to go; what was paid for is in the ledger

Every error pickles, and says in `hint` what to do next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from prefect_gemini.gemini.reply import Reply

LONGEST_MESSAGE = 4000
"""Characters of a service's message that are kept; an HTML error page has no more to say."""

# Shapes of the secrets that can reach a message: API keys, OAuth tokens, private keys, and any
# value that is labelled as one.
_SECRETS = re.compile(
    r"AIza[0-9A-Za-z_\-]{30,}"
    r"|AQ\.[0-9A-Za-z_\-]{30,}"
    r"|ya29\.[0-9A-Za-z_\-.]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|(?<=[?&]key=)[^&\s\"']+"
    r"|(?<=Bearer )[^\s\"',}]+"
    r"|(?i:(?<=x-goog-api-key: )|(?<=x-goog-api-key\": \"))[^\s\"',}]+",
    re.DOTALL,
)
# C0, DEL, C1 except tab and newline; bidirectional overrides and zero-width characters.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def clean(message: str) -> str:
    """Make foreign text fit for a log: secrets out, control characters escaped, length bounded."""
    message = _SECRETS.sub("[secret]", message)
    message = _CONTROLS.sub(lambda found: found.group().encode("unicode_escape").decode(), message)
    return message if len(message) <= LONGEST_MESSAGE else message[:LONGEST_MESSAGE] + " …"


class GeminiError(Exception):
    """The root of every error of this package.

    Args:
        message: what happened; values in `!r`, code in backticks. Cleaned of secrets.
        hint: what to do next; the class's own advice when not given.
        retryable: whether the same call may succeed later; the class's own answer when not given.
        retry_after: seconds the service asked to wait.
        status: the HTTP status.
        reason: Google's own word for it, for example RESOURCE_EXHAUSTED or SAFETY.
        finish_reason: the candidate's finish reason, as the service wrote it.
        response_id: the service's id of the answer, for a support case.
        safety_ratings: the ratings that came with the answer.
        attempts: how many requests were sent before giving up.
        model: the model that was asked.
    """

    default_retryable: ClassVar[bool] = False
    default_hint: ClassVar[str] = "See the message."

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        retryable: bool | None = None,
        retry_after: float | None = None,
        status: int | None = None,
        reason: str | None = None,
        finish_reason: str | None = None,
        response_id: str | None = None,
        safety_ratings: Sequence[Mapping[str, Any]] = (),
        attempts: int = 1,
        model: str | None = None,
    ) -> None:
        self.message = clean(message)
        self.hint = clean(hint) if hint is not None else self.default_hint
        self.retryable = self.default_retryable if retryable is None else retryable
        self.retry_after = retry_after
        self.status = status
        self.reason = reason
        self.finish_reason = finish_reason
        self.response_id = response_id
        self.safety_ratings = tuple(dict(rating) for rating in safety_ratings)
        self.attempts = attempts
        self.model = model
        super().__init__(self.message)

    def __str__(self) -> str:
        tried = f" (after {self.attempts} attempts)" if self.attempts > 1 else ""
        return f"{self.message}{tried} {self.hint}" if self.hint else f"{self.message}{tried}"

    @property
    def __context__(self) -> None:
        """Nothing. What was handled when this was raised may quote the request, and with it the key.

        `raise … from None` hides it from tracebacks only; what pickles errors for other machines (Dask with
        tblib) would send it along.
        """
        return

    @__context__.setter
    def __context__(self, _: BaseException | None) -> None:
        return

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.__dict__.copy())


def _rebuild(kind: type[GeminiError], message: str, state: dict[str, Any]) -> GeminiError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class SetupError(GeminiError):
    """The configuration is wrong; nothing was sent."""

    default_hint = "Correct the configuration and run again; nothing was sent."


class NoCredentials(SetupError):
    """There is nothing to call Gemini with, or it does not load."""

    default_hint = (
        "Set `GOOGLE_API_KEY`, or `GOOGLE_CLOUD_PROJECT` and run `gcloud auth application-default login`; "
        "with neither, the local reader is used."
    )


class UnknownModel(SetupError):
    """No model has this name."""

    default_hint = "`prefect-gemini models` lists the names."


class InvalidOption(SetupError):
    """An argument is out of its range, contradicts another, or is not taken by this model."""

    default_hint = "Change the option; nothing was sent."


class DocumentError(GeminiError):
    """The document cannot be used; nothing was sent."""

    default_hint = "Replace the document; the others are not affected."


class DocumentNotFound(DocumentError):
    """There is no such path or URL, or it may not be read."""

    default_hint = "Check the path and its permissions; text that is at hand is `Document.text(…)`."


class EmptyDocument(DocumentError):
    """The document has no content."""

    default_hint = "Scan or export it again: the file holds no data."


class UnsupportedMedia(DocumentError):
    """The content is not of a type that Gemini reads, whatever its name says."""

    default_hint = "Convert it to PDF, PNG, JPEG, WebP or plain text."


class EncryptedDocument(DocumentError):
    """The document needs a password."""

    default_hint = "Save a copy without a password."


class CorruptDocument(DocumentError):
    """The document is damaged or cut short."""

    default_hint = "Fetch or export it again; it does not open."


class DocumentTooLarge(DocumentError):
    """The document is over a byte, page, pixel or token limit, or unpacks to more than that."""

    default_hint = "Split it, or lower its resolution."


class UnsafeLocation(DocumentError):
    """The guard refuses this URL or path."""

    default_hint = "Download it yourself, or allow the location explicitly."


class ServiceError(GeminiError):
    """The service refused or failed, or could not be reached."""


class AuthenticationFailed(ServiceError):
    """The service does not accept the credentials (401)."""

    default_hint = "Renew the credentials: check the API key, or run `gcloud auth application-default login`."


class PermissionDenied(ServiceError):
    """The credentials may not do this (403)."""

    default_hint = "Grant the role `roles/aiplatform.user`, or allow the Gemini API for this key."


class NotFound(ServiceError):
    """The model, cached content or file does not exist here (404)."""

    default_hint = "Check the name, and that it is served in this location; `prefect-gemini models` lists the models."


class InvalidRequest(ServiceError):
    """The request as sent can never succeed (400, and every other 4xx)."""

    default_hint = "Change the request as the message says; sending it again gives the same answer."


class RateLimited(ServiceError):
    """Too many requests just now (429)."""

    default_retryable = True
    default_hint = "Lower the concurrency, use the `global` location, or wait and run again: finished work is kept."


class QuotaExceeded(ServiceError):
    """A quota that waiting some minutes does not refill: daily quota, or Provisioned Throughput."""

    default_hint = "Ask for more quota, or wait for the next day; retrying now does not help."


class ServerError(ServiceError):
    """The service failed (5xx)."""

    default_retryable = True
    default_hint = "Run again later: finished work is kept."


class DeadlineExceeded(ServiceError):
    """No answer in time (408, 504, or our own deadline)."""

    default_retryable = True
    default_hint = "Allow more time with `timeout_s`, or send less at once."


class TransportError(ServiceError):
    """The connection was refused, reset or stalled."""

    default_retryable = True
    default_hint = "Check the network and proxy, then run again: finished work is kept."


class MalformedResponse(ServiceError):
    """A success that is not the API's JSON: HTML from a proxy, or a broken stream event."""

    default_retryable = True
    default_hint = "Look for a proxy or gateway in between that answers in the service's place."


class CircuitOpen(ServiceError):
    """Not sent: too many recent calls to this model and location have failed."""

    default_retryable = True
    default_hint = "Wait for `retry_after` seconds; one call is then let through as a probe."


class BatchFailed(ServiceError):
    """A batch job ended without an answer to this request."""

    default_retryable = True
    default_hint = "Send what is missing again: alone, or in a new batch. What was answered is in the ledger."


class AnswerError(GeminiError):
    """The model answered, and it is not a whole answer.

    Args:
        partial: what did arrive, with its usage and cost; never to be taken for the answer.
    """

    def __init__(self, message: str, *, partial: Reply[Any] | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.partial = partial


class PromptBlocked(AnswerError):
    """The prompt was refused; there is no candidate."""

    default_hint = "Change the prompt or the safety settings; the ratings say which category."


class AnswerBlocked(AnswerError):
    """The answer was stopped by a filter."""

    default_hint = "Change the prompt or the safety settings; the ratings say which category."


class Truncated(AnswerError):
    """The answer was cut: no room left, or the stream ended without a finish reason."""

    default_hint = "Raise `max_output_tokens`, lower the thinking, or allow `on_truncation='more_room'`."


class MalformedFunctionCall(AnswerError):
    """The model called a function in a form that cannot be read, or that was not offered."""

    default_hint = "Simplify the function's schema, or name the functions allowed."


class EmptyAnswer(AnswerError):
    """There is no candidate, or a candidate without content."""

    default_hint = "Send it again, or say in the prompt what to answer when there is nothing to say."


class UnknownFinish(AnswerError):
    """The finish reason is one that this version does not know."""

    default_hint = "Update prefect-gemini; until then treat the answer as not whole."


class InvalidOutput(AnswerError):
    """The answer does not satisfy the schema.

    Args:
        path: where in the value the first problem is, for example `items[0].amount`.
        problems: every problem found, one sentence each; they are what a repair round sends back.
    """

    default_hint = "Simplify the schema, describe its fields, or use a stronger model."

    def __init__(self, message: str, *, path: str = "", problems: Sequence[str] = (), **details: Any) -> None:
        super().__init__(message, **details)
        self.path = path
        self.problems = tuple(clean(problem) for problem in problems)


class BudgetExceeded(GeminiError):
    """The call was not made: it would have broken a budget.

    Args:
        scope: which budget: call, run or day.
        limit, spent, wanted: USD, or tokens where the budget counts tokens.
    """

    default_hint = "Raise the budget, or use a cheaper model or batch mode."

    def __init__(
        self,
        message: str,
        *,
        scope: str | None = None,
        limit: Any = None,
        spent: Any = None,
        wanted: Any = None,
        **details: Any,
    ) -> None:
        super().__init__(message, **details)
        self.scope = scope
        self.limit = limit
        self.spent = spent
        self.wanted = wanted


class LeashExceeded(BudgetExceeded):
    """A model with tools was stopped at the end of its leash.

    Args:
        scope: which limit: steps, calls, seconds, cost or repeats.
        limit: that limit.
        spent: USD so far, at list prices.
        calls: what was called until then, each with its result; nothing of it is undone.
    """

    default_hint = "Look at `calls` for what was done; lengthen the leash, or ask for less at once."

    def __init__(self, message: str, *, calls: Sequence[Any] = (), **details: Any) -> None:
        super().__init__(message, **details)
        self.calls = tuple(calls)


class NotSent(GeminiError):
    """The call was not made: this is a dry run, which counts what would be asked."""

    default_hint = "Run without `dry_run` to make the call."


class OutputFailed(GeminiError):
    """Results could not be written where they were to go. What was paid for is in the ledger."""

    default_hint = "Mend what the message says and run again: what is in the ledger is not paid for again."
