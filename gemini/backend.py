"""Where the calls go: Vertex AI, the Gemini Developer API, or the local server."""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points, version
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.request import getproxies

from pydantic import SecretStr

from prefect_gemini.gemini.errors import InvalidOption, NoCredentials

if TYPE_CHECKING:
    import httpx
    from google.auth.credentials import Credentials
    from google.genai import Client

BackendKind: TypeAlias = Literal["vertex", "developer", "local"]

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
CONNECTIONS = 1000
"""Connections kept open at most; how many are used is the limiter's business."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Whom a client calls, and as whom.

    Args:
        kind: vertex, developer (the Gemini Developer API), or local (no Gemini is called).
        project, location: Vertex AI; the location is `global` if not given.
        api_key: the Developer API, or Vertex AI in express mode.
        credentials: Google credentials for Vertex AI.
        base_url: another address than the service's own; the local server's for `local`.
        account: a name for whoever the key belongs to; with it a new key is the same account to the ledger.

    Raises:
        InvalidOption: when a field that the kind needs is missing.
    """

    kind: BackendKind
    project: str | None = None
    location: str | None = None
    api_key: SecretStr | None = None
    credentials: Credentials | None = field(default=None, repr=False)
    base_url: str | None = None
    account: str | None = None

    def __post_init__(self) -> None:
        if self.kind == "vertex" and not self.project and self.api_key is None:
            raise InvalidOption("Vertex AI needs a `project`, or an `api_key` for express mode.")
        if self.kind == "developer" and self.api_key is None:
            raise InvalidOption("The Gemini Developer API needs an `api_key`.")
        if self.kind == "local" and not self.base_url:
            raise InvalidOption("A local backend needs a `base_url`; `Backend.local()` starts the embedded server.")
        if self.kind == "vertex" and not self.location:
            object.__setattr__(self, "location", "global")

    @classmethod
    def local(cls, base_url: str | None = None) -> Backend:
        """The local server: the one at `base_url`, or the embedded one, started once a process."""
        if base_url is None:
            for entry in entry_points(group="prefect_gemini.local_server", name="start"):
                base_url = entry.load()()
                break
            else:
                raise NoCredentials(
                    "No local server is installed.", hint="Install prefect-gemini as a package, or name a `base_url`."
                )
        return cls(kind="local", base_url=base_url)

    @classmethod
    def from_environment(cls, env: Mapping[str, str] = os.environ, *, account: str | None = None) -> Backend:
        """The backend that the environment asks for; the local one only if it asks for none.

        `GOOGLE_API_KEY` or `GEMINI_API_KEY` select the Developer API, `GOOGLE_CLOUD_PROJECT` with
        application-default credentials Vertex AI. Where both are set the key wins, unless
        `GOOGLE_GENAI_USE_VERTEXAI` says otherwise.

        Args:
            env: the environment.
            account: a name for whoever a key in it belongs to.

        Raises:
            NoCredentials: a project is named, and no credentials load. A run that names Google
                never falls back to the local reader.
        """
        key = env.get("GOOGLE_API_KEY") or env.get("GEMINI_API_KEY")
        project = env.get("GOOGLE_CLOUD_PROJECT")
        wants_vertex = env.get("GOOGLE_GENAI_USE_VERTEXAI", "").strip().lower() in ("1", "true")
        if key and not (project and wants_vertex):
            return cls(kind="developer", api_key=SecretStr(key), account=account)
        if project:
            return cls(
                kind="vertex",
                project=project,
                location=env.get("GOOGLE_CLOUD_LOCATION") or "global",
                credentials=application_default(),
            )
        return cls.local()

    @property
    def identity(self) -> str:
        """Who is called as whom, stable and without a secret: part of what makes requests equal.

        The local server's address is left out, because it changes with every start; its answers change
        with the release.
        """
        if self.kind == "local":
            return f"local:{_release()}"
        where = f"@{self.base_url}" if self.base_url else ""
        if self.api_key is not None and self.account:
            return f"{self.kind}:{self.project or ''}:{self.account}{where}"
        if self.api_key is not None:
            digest = hashlib.sha256(b"prefect-gemini:" + self.api_key.get_secret_value().encode()).hexdigest()
            return f"{self.kind}:{self.project or ''}:key-{digest[:16]}{where}"
        account = getattr(self.credentials, "service_account_email", None) or "default"
        return f"vertex:{self.project}/{self.location}:{account}{where}"

    @property
    def label(self) -> str:
        """The backend as a person reads it."""
        if self.kind == "local":
            return "local reader (no Gemini was called)"
        if self.kind == "developer":
            return "Gemini Developer API"
        return f"Vertex AI, project {self.project}, {self.location}" if self.project else "Vertex AI, express mode"

    def http_client(self, *, timeout_s: float | None = None) -> httpx.AsyncClient:
        """The HTTP client that calls go through; whoever makes one closes it.

        Args:
            timeout_s: seconds without a byte before a read is given up; None for no limit.
        """
        import httpx

        from prefect_gemini.gemini.pools import Pools

        local = self.kind == "local"  # a proxy in the environment must not see loopback calls
        if not local and getproxies():
            limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
            return httpx.AsyncClient(limits=limits, timeout=timeout_s)
        return httpx.AsyncClient(transport=Pools(CONNECTIONS), timeout=timeout_s, trust_env=not local)

    def genai_client(self, *, http: httpx.AsyncClient | None = None) -> Client:
        """A google-genai client on this backend, its own retries off.

        Retries have one owner, `retries.RetryPolicy`; two loops would multiply.

        Args:
            http: the HTTP client for its async calls; one of its own if not given.
        """
        from google import genai
        from google.genai import types

        # Finish reasons that google-genai does not know yet have an error of ours; its warning adds nothing.
        warnings.filterwarnings("ignore", message=".* is not a valid ", module=r"google\.genai\._common")
        options = types.HttpOptions(
            base_url=self.base_url,
            # An HTTP client of ours pins the transport: google-genai otherwise takes aiohttp, httpx2 or
            # httpx by what happens to be installed, and retries connection errors on aiohttp.
            httpx_async_client=http or self.http_client(),
        )
        if self.kind == "vertex":
            key = None if self.api_key is None else self.api_key.get_secret_value()
            if key is not None:
                return genai.Client(vertexai=True, api_key=key, http_options=options)
            return genai.Client(
                vertexai=True,
                project=self.project,
                location=self.location,
                credentials=self.credentials if self.credentials is not None else application_default(),
                http_options=options,
            )
        key = "local" if self.api_key is None else self.api_key.get_secret_value()
        return genai.Client(vertexai=False, api_key=key, http_options=options)


_KNOWN: dict[tuple[str, ...], Any] = {}


def same_credentials(key: tuple[str, ...], make: Callable[[], Any]) -> Any:
    """Google credentials, one object an account: each object fetches a token, and has clients, of its own.

    Args:
        key: where they come from; a digest in the place of a secret.
        make: makes them, the first time.
    """
    if key not in _KNOWN:
        _KNOWN[key] = make()
    return _KNOWN[key]


@cache
def _release() -> str:
    return version("prefect-gemini")


def application_default() -> Any:
    """The credentials that Google's own tools use on this machine.

    Raises:
        NoCredentials: they do not load.
    """
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    named = os.environ.get("GOOGLE_APPLICATION_CREDENTIALS", "")
    try:
        return same_credentials(("default", named), lambda: google.auth.default(scopes=[SCOPE])[0])
    except GoogleAuthError as error:
        raise NoCredentials(
            f"`GOOGLE_CLOUD_PROJECT` is set, but the Google credentials do not load ({type(error).__name__})."
        ) from None  # the cause may quote a key file
