"""GeminiCredentials: who to call, and as whom."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, Literal, Self

from prefect.blocks.abstract import CredentialsBlock
from prefect.types import SecretDict
from pydantic import ConfigDict, Field, HttpUrl, SecretStr, model_validator

from prefect_gemini.gemini import background
from prefect_gemini.gemini.backend import SCOPE, Backend, same_credentials
from prefect_gemini.gemini.errors import NoCredentials

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.genai import Client


class GeminiCredentials(CredentialsBlock):
    """Who to call: Gemini on Vertex AI, the Gemini Developer API, or the local server.

    Example:
        Load saved credentials and make the smallest call:
        ```python
        from prefect_gemini import GeminiCredentials

        credentials = GeminiCredentials.load("BLOCK_NAME")
        print(credentials.test())
        ```
    """

    _block_type_name = "Gemini Credentials"
    _block_type_slug = "gemini-credentials"
    _logo_url = HttpUrl(
        "https://raw.githubusercontent.com/PrefectHQ/prefect/main/docs/logos/prefect-logo-mark-black.png"
    )
    _documentation_url = HttpUrl("https://ai.google.dev/gemini-api/docs")

    # A block that takes unknown fields and requires none cannot be a flow parameter: the server
    # finds a reference to it valid both as the block and as the reference, and refuses (409).
    # And what was filled in is never quoted in an error: it may be a key.
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    service: Literal["vertex", "developer", "local"] = Field(
        description="vertex: Gemini on Vertex AI; developer: the Gemini Developer API with a key; "
        "local: the embedded reader, which calls nobody.",
    )
    project: str | None = Field(default=None, description="Google Cloud project, for Vertex AI.")
    location: str = Field(default="global", description="Vertex AI location, such as global or europe-west4.")
    api_key: SecretStr | None = Field(default=None, description="API key, for the Gemini Developer API.")
    account: str | None = Field(
        default=None,
        max_length=100,
        description="A name for whoever the API key belongs to: with it a new key finds in the ledger what the old "
        "one has paid for. Empty: each key is an account of its own.",
    )
    service_account_info: SecretDict | None = Field(
        default=None,
        description="A service account's key file as JSON. Empty: application-default credentials.",
    )
    gcp_credentials: str | None = Field(
        default=None,
        description="Name of a saved GcpCredentials block (needs the gcp extra) to take the Google credentials from.",
    )
    impersonate: str | None = Field(default=None, description="Service account e-mail to impersonate on Vertex AI.")
    base_url: str | None = Field(
        default=None,
        description="Address of another Gemini server, such as a proxy or a local server started by hand.",
    )

    @model_validator(mode="after")
    def _fields_fit_the_service(self) -> Self:
        needed = {"vertex": "project", "developer": "api_key"}.get(self.service)
        if needed and not getattr(self, needed):
            raise ValueError(f"service {self.service!r} needs `{needed}`")
        google = [name for name in ("service_account_info", "gcp_credentials", "impersonate") if getattr(self, name)]
        if self.service != "vertex" and google:
            raise ValueError(f"`{google[0]}` is for service 'vertex', not {self.service!r}")
        keyed = [name for name in ("api_key", "account") if getattr(self, name)]
        if self.service != "developer" and keyed:
            raise ValueError(f"`{keyed[0]}` is for service 'developer', not {self.service!r}")
        if self.service_account_info and self.gcp_credentials:
            raise ValueError("give `service_account_info` or `gcp_credentials`, not both")
        return self

    @classmethod
    def from_gcp(cls, gcp_credentials: Any, *, location: str = "global") -> Self:
        """Take project and service account from a prefect-gcp `GcpCredentials` block in hand.

        Args:
            gcp_credentials: a `prefect_gcp.GcpCredentials`.
            location: Vertex AI location.

        Raises:
            ValueError: when the block names no project.
        """
        info = gcp_credentials.service_account_info
        if gcp_credentials.service_account_file:
            raise ValueError(
                "this GcpCredentials block points to a key file; save the key in `service_account_info`, "
                "or use application-default credentials"
            )
        return cls(
            service="vertex",
            project=gcp_credentials.project or (info.get_secret_value() if info else {}).get("project_id"),
            location=location,
            service_account_info=info,
        )

    async def backend(self) -> Backend:
        """Resolve to what the client calls.

        Raises:
            NoCredentials: when Google credentials do not load.
        """
        if self.service == "local":
            return Backend.local(self.base_url)
        if self.service == "developer":
            return Backend(kind="developer", api_key=self.api_key, base_url=self.base_url, account=self.account)
        return Backend(
            kind="vertex",
            project=self.project,
            location=self.location,
            credentials=await self._google_credentials(),
            base_url=self.base_url,
        )

    async def atest(self) -> str:
        """Make the smallest real call; returns who answered.

        Raises:
            GeminiError: whatever keeps the call from working, with what to do.
        """
        from prefect_gemini.gemini.client import shared_client

        return await shared_client(await self.backend()).check()

    def test(self) -> str:
        """Make the smallest real call; returns who answered. The sync twin of `atest`."""
        return background.run(self.atest())

    def get_client(self) -> Client:
        """A plain google-genai client on these credentials, for what this library does not wrap."""
        return background.run(self.backend()).genai_client()

    async def _google_credentials(self) -> Credentials:
        import google.auth
        from google.auth import exceptions, impersonated_credentials
        from google.oauth2 import service_account

        try:
            if self.gcp_credentials:
                credentials = await _from_gcp_block(self.gcp_credentials)
            elif self.service_account_info:
                info = self.service_account_info.get_secret_value()
                credentials = same_credentials(
                    ("service_account", _digest(info)),
                    lambda: service_account.Credentials.from_service_account_info(info, scopes=[SCOPE]),  # type: ignore[no-untyped-call]
                )
            else:
                named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS", "")
                credentials = same_credentials(("default", named), lambda: google.auth.default(scopes=[SCOPE])[0])
        except (exceptions.GoogleAuthError, ValueError) as error:
            raise NoCredentials(
                f"the Google credentials do not load ({type(error).__name__})",
                hint="run `gcloud auth application-default login`, or fill in `service_account_info`",
            ) from None  # the cause may quote the key
        target = self.impersonate
        if not target:
            return credentials
        impersonated: Credentials = same_credentials(
            ("impersonated", str(id(credentials)), target),
            lambda: impersonated_credentials.Credentials(  # type: ignore[no-untyped-call]
                source_credentials=credentials, target_principal=target, target_scopes=[SCOPE]
            ),
        )
        return impersonated


async def _from_gcp_block(name: str) -> Credentials:
    try:
        from prefect_gcp import GcpCredentials  # takes seconds to import
    except ImportError:
        raise NoCredentials(
            f"`gcp_credentials={name!r}` needs prefect-gcp", hint="pip install 'prefect-gemini[gcp]'"
        ) from None
    block = await GcpCredentials.aload(name)
    made: Credentials = block.get_credentials_from_service_account()
    signer = getattr(made, "signer", None)
    key = (getattr(made, "service_account_email", ""), str(getattr(signer, "key_id", "")))
    credentials: Credentials = same_credentials(("gcp", name, *key), lambda: made)
    return credentials


def _digest(info: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(info, sort_keys=True, default=str).encode()).hexdigest()
