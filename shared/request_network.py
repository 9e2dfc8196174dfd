"""The network that a request comes from, for limits on how often something may happen."""

from collections.abc import Sequence

from fastapi import Request

from shared.client_address import Network, client_network


def network_of(request: Request, proxies: Sequence[Network]) -> str:
    """As `client_network`: a proxy may write a header line of its own under one that came with the request, so all are read."""
    peer = request.client.host if request.client else None
    return client_network(peer, ",".join(request.headers.getlist("x-forwarded-for")), proxies)
