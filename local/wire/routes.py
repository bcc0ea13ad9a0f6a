"""Which path is which method of the API, on which surface."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.generating import count, embed, generate
from prefect_gemini.local.wire.protocol.http import HttpReply
from prefect_gemini.local.wire.protocol.proto import Surface
from prefect_gemini.local.wire.resources import caches, catalogue, files, storage_api
from prefect_gemini.local.wire.wire import Wire

Handler = Callable[[Wire, Call], Awaitable[HttpReply]]

_PLACES = {
    "{v}": r"/(?P<version>v1|v1beta|v1beta1|v1alpha)",
    "{x}": r"/projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)",
    # The express form of Vertex leaves the project out.
    "{x?}": r"(?:/projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+))?",
    "{publisher}": r"/publishers/(?P<publisher>[^/]+)/models/(?P<model>[^/:]+)",
    "{model}": r"/models/(?P<model>[^/:]+)",
    "{id}": r"/(?P<id>[^/:]+)",
    "{bucket}": r"/storage/v1/b/(?P<bucket>[^/]+)",
    "{object}": r"/o/(?P<object>.+)",
    "{to}": r"/b/(?P<bucket2>[^/]+)/o/(?P<object2>.+)",
}


@dataclass(frozen=True)
class Route:
    """One method of the API.

    Args:
        verb: of HTTP.
        pattern: of the whole path.
        surface: whose method it is.
        kind: its name in the journal.
        handler: answers it.
        anonymous: asks for no credential.
    """

    verb: str
    pattern: re.Pattern[str]
    surface: Surface
    kind: str
    handler: Handler
    anonymous: bool = False


def _route(
    verb: str, template: str, surface: Surface, kind: str, handler: Handler, *, anonymous: bool = False
) -> Route:
    pattern = template
    for place, expression in _PLACES.items():
        pattern = pattern.replace(place, expression)
    return Route(verb, re.compile(pattern + r"/?$"), surface, kind, handler, anonymous)


def _caches(root: str, surface: Surface) -> tuple[Route, ...]:
    return (
        _route("POST", root + "/cachedContents", surface, "caches.create", caches.create_cache),
        _route("GET", root + "/cachedContents", surface, "caches.list", caches.list_caches),
        _route("GET", root + "/cachedContents{id}", surface, "caches.get", caches.get_cache),
        _route("PATCH", root + "/cachedContents{id}", surface, "caches.update", caches.update_cache),
        _route("DELETE", root + "/cachedContents{id}", surface, "caches.delete", caches.delete_cache),
    )


def _storage(verb: str, template: str, name: str, handler: Handler) -> Route:
    # Clients that are told of an emulator send no credentials.
    return _route(verb, template, "vertex", f"storage.{name}", handler, anonymous=True)


_STORAGE = (
    _storage("POST", "/storage/v1/b", "buckets.create", storage_api.create_bucket),
    _storage("GET", "/storage/v1/b", "buckets.list", storage_api.list_buckets),
    _storage("GET", "{bucket}", "buckets.get", storage_api.get_bucket),
    _storage("PATCH", "{bucket}", "buckets.update", storage_api.change_bucket),
    _storage("DELETE", "{bucket}", "buckets.delete", storage_api.delete_bucket),
    _storage("POST", "/upload{bucket}/o", "upload", storage_api.upload),
    _storage("PUT", "/upload{bucket}/o", "upload", storage_api.upload),
    _storage("DELETE", "/upload{bucket}/o", "upload", storage_api.upload),
    _storage("GET", "{bucket}/o", "list", storage_api.list_objects),
    _storage("GET", "(?:/download)?{bucket}{object}", "get", storage_api.get_object),
    _storage("PATCH", "{bucket}{object}", "update", storage_api.change_object),
    _storage("PUT", "{bucket}{object}", "update", storage_api.change_object),
    _storage("DELETE", "{bucket}{object}", "delete", storage_api.delete_object),
    _storage("POST", "{bucket}{object}/compose", "compose", storage_api.compose),
    _storage("POST", "{bucket}{object}/rewriteTo{to}", "rewrite", storage_api.rewrite),
    _storage("POST", "{bucket}{object}/copyTo{to}", "copy", storage_api.rewrite),
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
    _route("POST", "{v}{x?}{publisher}:predict", "vertex", "embed", embed.predict),
    _route("POST", "{v}{model}:embedContent", "developer", "embed", embed.embed_content),
    _route("POST", "{v}{model}:batchEmbedContents", "developer", "embed", embed.batch_embed),
    *_caches("{v}{x}", "vertex"),
    *_caches("{v}", "developer"),
    _route("POST", "/upload{v}/files", "developer", "files.upload", files.upload),
    _route("GET", "{v}/files", "developer", "files.list", files.list_files),
    _route("GET", "{v}/files{id}", "developer", "files.get", files.get_file),
    _route("DELETE", "{v}/files{id}", "developer", "files.delete", files.delete_file),
    _route("GET", "{v}/files{id}:download", "developer", "files.download", files.download_file),
    *_STORAGE,
)


def find_route(verb: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request and what its path says; None where Google would show a page saying 404."""
    for route in ROUTES:
        if route.verb == verb and (match := route.pattern.match(path)):
            return route, {name: value for name, value in match.groupdict().items() if value is not None}
    return None
