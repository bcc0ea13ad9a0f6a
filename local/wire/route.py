"""One method of the API: which path it has, and who answers it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from prefect_gemini.local.wire.call import Call
from prefect_gemini.local.wire.protocol.http import HttpReply
from prefect_gemini.local.wire.protocol.proto import Surface
from prefect_gemini.local.wire.wire import Wire

Handler = Callable[[Wire, Call], Awaitable[HttpReply]]

_PLACES = {
    "{x}": r"/projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)",
    # The express form of Vertex leaves the project out.
    "{x?}": r"(?:/projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+))?",
    "{publisher}": r"/publishers/(?P<publisher>[^/]+)/models/(?P<model>[^/:]+)",
    "{model}": r"/models/(?P<model>[^/:]+)",
    "{id}": r"/(?P<id>[^/:]+)",
    # Any resource below the location, for operations that belong to one.
    "{under}": r"(?P<under>(?:/[^/:]+/[^/:]+)*)",
    "{bucket}": r"/storage/v1/b/(?P<bucket>[^/]+)",
    "{object}": r"/o/(?P<object>.+)",
    "{to}": r"/b/(?P<bucket2>[^/]+)/o/(?P<object2>.+)",
}


# The surfaces share the first version alone; Google knows no other mixture.
_VERSIONS = {"vertex": "v1|v1beta1", "developer": "v1|v1beta|v1alpha"}


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


def route(verb: str, template: str, surface: Surface, kind: str, handler: Handler, *, anonymous: bool = False) -> Route:
    """A route whose template names places (`{v}`, `{x}`, `{id}`, …); `_PLACES` says what each matches."""
    pattern = template.replace("{v}", rf"/(?P<version>{_VERSIONS[surface]})")
    for place, expression in _PLACES.items():
        pattern = pattern.replace(place, expression)
    return Route(verb, re.compile(pattern + r"/?$"), surface, kind, handler, anonymous)
