"""Google's token endpoint: a service account's signed assertion, or a refresh token, for an access token."""

from __future__ import annotations

import base64
import json
import secrets
from urllib.parse import parse_qs

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.http import HttpReply, json_http
from prefect_gemini.local.wire.wire import Wire

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFETIME_S = 3599


async def token(wire: Wire, call: Call) -> HttpReply:
    """Give an access token. The signature is not checked: this server knows nobody's public key."""
    form = {name: values[-1] for name, values in parse_qs(call.body.decode("utf-8", "replace")).items()}
    match form.get("grant_type", ""):
        case "refresh_token" if form.get("refresh_token"):
            return _granted()
        case grant if grant == JWT_GRANT:
            if problem := _problem(form.get("assertion", ""), now=wire.clock.seconds()):
                return _refused("invalid_grant", problem)
            return _granted()
        case "":
            return _refused("invalid_request", "Required parameter is missing: grant_type")
    return _refused("unsupported_grant_type", f"Invalid grant_type: {form['grant_type']}")


def _problem(assertion: str, *, now: float) -> str:
    """What is wrong with a signed assertion, as far as that can be seen without the key."""
    try:
        _, claims, _ = assertion.split(".")
        said = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        issuer, issued, expires = said["iss"], float(said["iat"]), float(said["exp"])
    except (ValueError, KeyError, TypeError):
        return "Invalid JWT: it needs a header, claims with iss, iat and exp, and a signature."
    if not issuer or not (issued - 600 <= now < expires) or expires - issued > 3600:
        return (
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat "
            "and exp values in the JWT claim."
        )
    return ""


def _granted() -> HttpReply:
    return json_http(
        {"access_token": f"ya29.local-{secrets.token_urlsafe(24)}", "expires_in": LIFETIME_S, "token_type": "Bearer"}
    )


def _refused(error: str, description: str) -> HttpReply:
    return json_http({"error": error, "error_description": description}, status=400)
