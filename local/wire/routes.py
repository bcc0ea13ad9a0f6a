"""Which path is which method of the API, on which surface."""

from __future__ import annotations

from prefect_gemini.local.wire.generating import count, embed, generate, images
from prefect_gemini.local.wire.job_routes import JOBS
from prefect_gemini.local.wire.platform_routes import PLATFORM
from prefect_gemini.local.wire.protocol.proto import Surface
from prefect_gemini.local.wire.resources import auth_tokens, caches, catalogue, files
from prefect_gemini.local.wire.route import Route
from prefect_gemini.local.wire.route import route as _route


def _caches(root: str, surface: Surface) -> tuple[Route, ...]:
    return (
        _route("POST", root + "/cachedContents", surface, "caches.create", caches.create_cache),
        _route("GET", root + "/cachedContents", surface, "caches.list", caches.list_caches),
        _route("GET", root + "/cachedContents{id}", surface, "caches.get", caches.get_cache),
        _route("PATCH", root + "/cachedContents{id}", surface, "caches.update", caches.update_cache),
        _route("DELETE", root + "/cachedContents{id}", surface, "caches.delete", caches.delete_cache),
    )


ROUTES: tuple[Route, ...] = (
    _route("POST", "{v}{x?}{publisher}:generateContent", "vertex", "generate", generate.generate),
    _route("POST", "{v}{x?}{publisher}:streamGenerateContent", "vertex", "stream", generate.generate),
    _route("POST", "{v}{x?}{publisher}:countTokens", "vertex", "count", count.count_tokens),
    _route("POST", "{v}{x?}{publisher}:computeTokens", "vertex", "compute", count.compute_tokens),
    _route("GET", "{v}{x?}/publishers/google/models", "vertex", "models.list", catalogue.list_models),
    _route("GET", "{v}{x?}{publisher}", "vertex", "models.get", catalogue.get_model),
    _route("POST", "{v}{model}:generateContent", "developer", "generate", generate.generate),
    _route("POST", "{v}{model}:streamGenerateContent", "developer", "stream", generate.generate),
    _route("POST", "{v}{model}:countTokens", "developer", "count", count.count_tokens),
    _route("GET", "{v}/models", "developer", "models.list", catalogue.list_models),
    _route("GET", "{v}{model}", "developer", "models.get", catalogue.get_model),
    _route("POST", "{v}{x?}{publisher}:embedContent", "vertex", "embed", embed.embed_content),
    _route("POST", "{v}{x?}{publisher}:predict", "vertex", "predict", images.predict),
    _route("POST", "{v}{model}:embedContent", "developer", "embed", embed.embed_content),
    _route("POST", "{v}{model}:batchEmbedContents", "developer", "embed", embed.batch_embed),
    *_caches("{v}{x}", "vertex"),
    *_caches("{v}", "developer"),
    # Who has the address of an upload needs no other key; who begins one is asked for it in the handler.
    _route("POST", "/upload{v}/files", "developer", "files.upload", files.upload, anonymous=True),
    _route("POST", "{v}/files:register", "developer", "files.register", files.register_files),
    _route("GET", "{v}/files", "developer", "files.list", files.list_files),
    _route("GET", "{v}/files{id}", "developer", "files.get", files.get_file),
    _route("DELETE", "{v}/files{id}", "developer", "files.delete", files.delete_file),
    _route("GET", "{v}/files{id}:download", "developer", "files.download", files.download_file),
    _route("POST", "{v}/auth_tokens", "developer", "tokens.create", auth_tokens.create_token),
    *JOBS,
    *PLATFORM,
)


def find_route(verb: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and what its path says; None where Google would show a page saying 404."""
    for route in ROUTES:
        if route.verb == verb and (match := route.pattern.match(path)):
            return route, {name: value for name, value in match.groupdict().items() if value is not None}
    return None
