"""Who may ask: an API key on the Developer API, a token or a key on Vertex."""

from __future__ import annotations

from prefect_gemini.local.wire.protocol.google_errors import GoogleError, error_info
from prefect_gemini.local.wire.protocol.proto import Surface


def credential(headers: dict[str, str], query: dict[str, str]) -> str:
    """What the request was authorised with: "api_key", "bearer" or ""."""
    if headers.get("x-goog-api-key") or query.get("key"):
        return "api_key"
    if headers.get("authorization", "").lower().startswith("bearer ") and headers["authorization"][7:].strip():
        return "bearer"
    return ""


def require(found: str, surface: Surface) -> None:
    """Refuse a request without a credential. Any credential will do: this server knows no secrets.

    Raises:
        GoogleError: 403 on the Developer API, 401 on Vertex.
    """
    if found:
        return
    if surface == "developer":
        raise GoogleError(
            403,
            "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or "
            "other form of API consumer identity to call this API.",
        )
    raise GoogleError(
        401,
        "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other "
        "valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        details=[error_info("CREDENTIALS_MISSING", "googleapis.com", service="aiplatform.googleapis.com")],
    )
