"""Errors as Google words and shapes them: code, status, message, and google.rpc details."""

from __future__ import annotations

from typing import Any

STATUS_OF_CODE = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}

CODE_OF_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ALREADY_EXISTS": 409,
    "ABORTED": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}

MESSAGE_OF_CODE = {
    400: "Request contains an invalid argument.",
    401: (
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
    ),
    403: "The caller does not have permission",
    404: "Requested entity was not found.",
    429: (
        "Resource exhausted, please try again later. Please refer to "
        "https://cloud.google.com/vertex-ai/generative-ai/docs/error-code-429 for more details."
    ),
    499: "The operation was cancelled.",
    500: "Internal error encountered.",
    503: "The model is overloaded. Please try again later.",
    504: "Deadline expired before operation could complete.",
}


class GoogleError(Exception):
    """An error reply.

    Args:
        code: the HTTP status.
        message: Google's words; the usual ones of that status when empty.
        status: the google.rpc status; the usual one of the code when empty.
        details: google.rpc detail messages.
        retry_after: seconds, sent as the Retry-After header.
    """

    def __init__(
        self,
        code: int,
        message: str = "",
        *,
        status: str = "",
        details: list[dict[str, Any]] | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.code = code
        self.message = message or MESSAGE_OF_CODE.get(code, "Internal error encountered.")
        self.status = status or STATUS_OF_CODE.get(code, "UNKNOWN")
        self.details = details or []
        self.retry_after = retry_after
        super().__init__(self.message)

    def body(self) -> dict[str, Any]:
        """The JSON body of the reply."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = self.details
        return {"error": error}

    def headers(self) -> dict[str, str]:
        """Headers beside the usual ones."""
        if self.retry_after is None:
            return {}
        whole = int(self.retry_after)
        return {"Retry-After": str(whole if whole == self.retry_after else whole + 1)}


def invalid(message: str, *, violations: list[tuple[str, str]] | None = None) -> GoogleError:
    """400 INVALID_ARGUMENT, with one BadRequest detail for (field, description) pairs."""
    details = [bad_request(violations)] if violations else None
    return GoogleError(400, message, details=details)


def bad_request(violations: list[tuple[str, str]]) -> dict[str, Any]:
    """A google.rpc.BadRequest."""
    rows = [{"field": field, "description": text} if field else {"description": text} for field, text in violations]
    return {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": rows}


def retry_info(seconds: float) -> dict[str, Any]:
    """A google.rpc.RetryInfo."""
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds:g}s"}


def error_info(reason: str, domain: str, **metadata: str) -> dict[str, Any]:
    """A google.rpc.ErrorInfo."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": domain,
        "metadata": metadata,
    }


def quota_failure(*, metric: str, quota_id: str, value: int, model: str, location: str) -> dict[str, Any]:
    """A google.rpc.QuotaFailure as the Developer API sends it."""
    return {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [
            {
                "quotaMetric": metric,
                "quotaId": quota_id,
                "quotaDimensions": {"location": location, "model": model},
                "quotaValue": str(value),
            }
        ],
    }
