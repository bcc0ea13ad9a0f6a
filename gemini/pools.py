"""Connection pools side by side.

httpcore looks at every connection of a pool, with a system call each, whenever a request begins or
ends: with a hundred in flight that takes longer than the request itself. Many small pools do not.
"""

from __future__ import annotations

from itertools import cycle

import httpx

POOLS = 16


class Pools(httpx.AsyncBaseTransport):
    """HTTP transports that take turns.

    Args:
        connections: connections kept open at most, all pools together.
    """

    def __init__(self, connections: int) -> None:
        each = max(1, connections // POOLS)
        limits = httpx.Limits(max_connections=each, max_keepalive_connections=each)
        context = httpx.create_ssl_context()  # reading the certificates takes 20 ms
        self._all = [httpx.AsyncHTTPTransport(limits=limits, verify=context) for _ in range(POOLS)]
        self._turns = cycle(self._all)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request through the next pool."""
        return await next(self._turns).handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._all:
            await transport.aclose()
