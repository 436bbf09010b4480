"""Which network addresses the outside world may make this machine talk to."""

import ipaddress
import re
import socket
from functools import lru_cache

from django.conf import settings

_LOCAL_NAME = re.compile(r"(^|\.)(localhost|local|internal|home\.arpa|localdomain)\.?$", re.IGNORECASE)


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet or listed in NISAM_ALLOW_PRIVATE_HOSTS.

    IPv4 addresses wrapped in IPv6 (mapped, 6to4, NAT64, Teredo) are judged by the address inside.
    """
    ip = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if any(ip in network for network in _allowed_networks(tuple(settings.ALLOW_PRIVATE_HOSTS))):
        return True
    return all(part.is_global and not part.is_multicast for part in (ip, *_inside(ip)))


def _inside(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    if not isinstance(ip, ipaddress.IPv6Address):
        return []
    wrapped = [ip.ipv4_mapped, ip.sixtofour, ip.teredo[1] if ip.teredo else None]
    if ip in ipaddress.ip_network("64:ff9b::/96"):
        wrapped.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    return [inner for inner in wrapped if inner]


@lru_cache
def _allowed_networks(listed: tuple[str, ...]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    networks = []
    for word in listed:
        try:
            networks.append(ipaddress.ip_network(word, strict=False))
        except ValueError:  # a host name: `names_private_host` looks at those
            continue
    return networks


def names_private_host(host: str) -> bool:
    """Whether a host name, as written in a URL, plainly names this machine or its network; asks no DNS.

    Understands the decimal, octal, hexadecimal and shortened forms of IPv4 that C libraries accept.
    """
    host = host.strip("[]").rstrip(".")
    if host.lower() in {word.lower() for word in settings.ALLOW_PRIVATE_HOSTS}:
        return False
    if ":" in host:
        return not is_public(host)
    try:
        return not is_public(socket.inet_ntoa(socket.inet_aton(host)))
    except OSError:
        return bool(_LOCAL_NAME.search(host)) or "." not in host


def public_addresses(host: str, port: int) -> list[str]:
    """The addresses of `host` that may be connected to; empty when every one of them is private. Asks DNS.

    Raises OSError when the name cannot be resolved.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if host.lower() in {word.lower() for word in settings.ALLOW_PRIVATE_HOSTS}:
        return addresses
    return [address for address in addresses if is_public(address)]
