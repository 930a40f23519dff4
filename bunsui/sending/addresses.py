"""Where a name leads: only public addresses are sent to, the embedded AWS apart.

The address that was judged is the one that is connected to, so that a name cannot lead elsewhere a moment later.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

from bunsui.errors import NotSent, Passing


def addresses_of(host: str, port: int, *, allows_private: bool) -> Sequence[str]:
    """Return the addresses of a server, those of IPv4 first.

    Raises:
        NotSent: the name leads nowhere, or to an address that is not public.

    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotSent(
            "channel-name-unknown",
            "the name of the channel's server leads to no address",
            hint="See whether the name is right, and whether this place may ask for names.",
            passes=Passing.LATER,
        ) from None
    ordered = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in ordered))
    if not allows_private and not all(is_public(address) for address in addresses):
        raise NotSent(
            "channel-address-private",
            "the channel's server has an address that is not public",
            hint="Alerts go to public addresses only: an entry could otherwise reach what lies beside the resident.",
        )
    return addresses


def is_public(address: str) -> bool:
    """Tell whether an address is one of the public network: no loopback, no private one, no metadata service."""
    try:
        judged = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(judged, ipaddress.IPv6Address):
        mapped = judged.ipv4_mapped or judged.sixtofour or _nat64(judged)
        if mapped is not None:
            return mapped.is_global and not mapped.is_multicast
    return judged.is_global and not judged.is_multicast


def _nat64(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    well_known = ipaddress.IPv6Network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in well_known else None
