"""Outgoing connections that cannot be turned against the network they start from (SSRF).

    async with aiohttp.ClientSession(connector=guarded_connector(allow=["receiver.internal"])) as session:
        await session.get(url)          # RefusedAddress when the name leads to a private address

The check sits where the socket is made, on the very address that is about to be connected to: a literal, an odd
spelling of one ("0x7f.1"), a name whose answer changes between two look-ups, and every hop of a redirect all pass
it. OWASP, "Server-Side Request Forgery Prevention Cheat Sheet", asks for no more and no less.
"""

from __future__ import annotations

import ssl as tls
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from socket import AddressFamily, SocketKind, socket
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.client_reqrep import ClientRequest
from aiohttp.connector import Connection

_TRANSLATING: Final[dict[str, IPv6Network]] = {
    # an IPv6 address that carries an IPv4 one past a check of the IPv6 address alone
    "NAT64 (RFC 6052)": IPv6Network("64:ff9b::/96"),
    "local NAT64 (RFC 8215)": IPv6Network("64:ff9b:1::/48"),
    "6to4 (RFC 3056)": IPv6Network("2002::/16"),
    "Teredo (RFC 4380)": IPv6Network("2001::/32"),
    "IPv4-mapped (RFC 4291)": IPv6Network("::ffff:0:0/96"),
    "IPv4-translated (RFC 2765)": IPv6Network("::ffff:0:0:0/96"),
    "IPv4-compatible (RFC 4291)": IPv6Network("::/96"),
}
_INTERNAL: Final = {
    # global to some versions of `ipaddress`, or by the registry, but not by use
    "6to4 relay anycast (RFC 7526)": ip_network("192.88.99.0/24"),
    "the Azure platform's own address": ip_network("168.63.129.16/32"),
    "in the IETF's protocol block (RFC 6890)": ip_network("192.0.0.0/24"),
    "site-local (RFC 3879)": ip_network("fec0::/10"),
    "for documentation (RFC 9637)": ip_network("3fff::/20"),
}


class RefusedAddress(aiohttp.ClientError):
    """An outgoing connection led to an address that is not on the public internet.

    A `ClientError`, so that code that treats every failed request alike needs no second handler; it is raised
    before a single byte leaves. `host` is what the URL named, `address` what it led to, `reason` why it is refused.
    """

    def __init__(self, host: str, address: str, reason: str) -> None:
        super().__init__(
            f"{host} leads to {address}, which is refused: {reason}. "
            "If this receiver or source is meant, add its host name to the allowed names."
        )
        self.host = host
        self.address = address
        self.reason = reason


def refusal(address: str) -> str | None:
    """Why `address` (an IPv4 or IPv6 literal) must not be connected to, or None when it may.

    Only addresses that IANA's special-purpose registries call globally reachable pass, and of these neither
    multicast nor those that hide an IPv4 address. Raises ValueError when it is no address.
    """
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        for name, network in _TRANSLATING.items():
            if parsed in network and not _is_plain(parsed):
                return f"it is a {name} address"
    for name, network in _INTERNAL.items():
        if parsed in network:
            return f"it is {name}"
    return _special(parsed)


def _is_plain(parsed: IPv6Address) -> bool:
    """:: and ::1 lie in ::/96 but have names of their own."""
    return parsed.is_unspecified or parsed.is_loopback


def _special(parsed: IPv4Address | IPv6Address) -> str | None:
    kinds = (
        (parsed.is_unspecified, "it is the unspecified address"),
        (parsed.is_loopback, "it is this machine (loopback)"),
        (parsed.is_link_local, "it is link-local, where clouds serve credentials"),
        (parsed.is_multicast, "it is a multicast address"),
        (parsed.is_private, "it is private"),
        (parsed.is_reserved, "it is reserved"),
        (not parsed.is_global, "it is not globally reachable"),
    )
    return next((reason for holds, reason in kinds if holds), None)


def host_key(host: str) -> str:
    """A host name or address literal in the one spelling in which names are compared."""
    bare = host.strip().strip("[]").rstrip(".").lower()
    try:
        return ip_address(bare.partition("%")[0]).compressed
    except ValueError:
        return bare if bare.isascii() else bare.encode("idna").decode("ascii")


@dataclass(slots=True)
class _Attempt:
    """One call of `connect`: the host it is for, and the first address that was refused on the way."""

    host: str
    refused: RefusedAddress | None = None


_attempt: ContextVar[_Attempt] = ContextVar("tocsin_outbound_attempt")


class GuardedConnector(aiohttp.TCPConnector):
    """A TCP connector that makes no socket to a refused address; see `guarded_connector`."""

    def __init__(self, allow: Iterable[str], **options: Any) -> None:
        super().__init__(socket_factory=self._guarded_socket, **options)
        self._allowed = frozenset(host_key(name) for name in allow)

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the signature is aiohttp's
    ) -> Connection:
        """A connection for `req`. Raises RefusedAddress, and what TCPConnector raises."""
        target = host_key(req.url.raw_host or "")
        if req.proxy is not None:
            self._check_literal(target)  # a proxy resolves names itself; a literal can be judged here
        nearest = host_key(req.proxy.raw_host or "") if req.proxy is not None else target
        attempt = _Attempt(nearest)
        token = _attempt.set(attempt)
        try:
            return await super().connect(req, traces, timeout)
        except aiohttp.ClientConnectorError:
            if attempt.refused is not None:
                raise attempt.refused from None
            raise
        finally:
            _attempt.reset(token)

    def _check_literal(self, host: str) -> None:
        if host in self._allowed:
            return
        try:
            reason = refusal(host)
        except ValueError:
            return
        if reason is not None:
            raise RefusedAddress(host, host, reason)

    def _guarded_socket(self, info: tuple[AddressFamily | int, SocketKind | int, int, str, tuple[Any, ...]]) -> socket:
        family, kind, protocol, _, sockaddr = info
        attempt = _attempt.get()
        if attempt.host not in self._allowed:
            address = str(sockaddr[0])
            reason = refusal(address)
            if reason is not None:
                attempt.refused = attempt.refused or RefusedAddress(attempt.host, address, reason)
                raise PermissionError(f"{address} is refused: {reason}")  # aiohttp goes on to the next address
        return socket(family, kind, protocol)


def guarded_connector(
    allow: Iterable[str] = (),
    *,
    ssl: tls.SSLContext | bool = True,
    limit: int = 100,
    limit_per_host: int = 0,
    resolver: AbstractResolver | None = None,
) -> aiohttp.TCPConnector:
    """A connector for `aiohttp.ClientSession` that refuses what is not on the public internet.

    `allow` are host names (or literal addresses, as the URL will spell them) that may lead anywhere: a receiver in
    the own network, the loopback address in a test. A name of a proxy that is not public has to be among them too;
    names that a proxy resolves are for the proxy to guard, literals are still checked here. `ssl`, `limit` (open
    connections, 0 without limit), `limit_per_host` and `resolver` are those of `aiohttp.TCPConnector`.

    Requests raise `RefusedAddress`. Of a name with several addresses the refused ones are passed over. Call it
    inside a running event loop.
    """
    return GuardedConnector(allow, ssl=ssl, limit=limit, limit_per_host=limit_per_host, resolver=resolver)


__all__ = ["GuardedConnector", "RefusedAddress", "guarded_connector", "host_key", "refusal"]
