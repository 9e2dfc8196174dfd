"""Which network addresses are on the public internet, and which could be a machine of our own under some spelling. Pure.

After the special-purpose registries of IANA (RFC 6890 and its updates). What Python calls `is_global` is not enough: it lets
through translated and tunnelled addresses (64:ff9b::/96, ::/96), old site-local ones and multicast.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_REFUSED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by a carrier's customers (CGNAT); one cloud's metadata service
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # Azure's platform service, reached from within only
        "169.254.0.0/16",  # link-local; most clouds' metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Everything else of IPv6 is loopback, mapped, compatible, translated (NAT64), unique local, link-local, multicast or unassigned.
_UNICAST_V6 = IPv6Network("2000::/3")
_REFUSED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, Teredo among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
# Interface ids that end in an IPv4 address (RFC 5214, ISATAP).
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_refused(address: Address) -> bool:
    """Whether no connection may be made to this address."""
    if isinstance(address, IPv4Address):
        return any(address in network for network in _REFUSED_V4)
    if address.scope_id is not None or address not in _UNICAST_V6:
        return True
    return int(address) >> 32 & 0xFFFFFFFF in _ISATAP or any(address in network for network in _REFUSED_V6)
