"""Where a document may come from: paths and URLs, and which of them are refused before anything is opened."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
import stat
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from prefect_gemini.gemini.errors import DocumentNotFound, UnsafeLocation

METADATA_HOSTS = frozenset(
    {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
)
"""Names under which clouds hand out credentials to whoever asks from inside."""

# Where an IPv6 address carries an IPv4 address (RFC 6052 NAT64, 3056 6to4, 4380 Teredo, 5214 ISATAP).
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_BLOCKED = tuple(
    ipaddress.ip_network(network)
    for network in ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
                    "fec0::/10", "100::/64", "2001:db8::/32", "168.63.129.16/32", "100.100.100.200/32")
)  # fmt: skip

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Target(NamedTuple):
    """A URL that passed the guard: the addresses are the ones to connect to, so that no second look-up can differ."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def scheme_of(source: str) -> str | None:
    """The scheme of a URL (`gs`, `https`, `file`, …); None for a path, a drive letter included."""
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]+)://", source)
    return found.group(1).lower() if found else None


def local_file(path: str | Path) -> Path:
    """Check that a path names a regular file that may be read.

    Raises:
        UnsafeLocation: a NUL character, a UNC or device path.
        DocumentNotFound: nothing there, not a file, or no permission; the message says which.
    """
    text = os.fspath(path)
    _refuse_odd(text)
    found = Path(text).expanduser()
    try:
        mode = found.stat().st_mode
    except FileNotFoundError:
        raise DocumentNotFound(
            f"there is no file {text!r}.", hint="Check the path; text itself is `Document.text(…)`."
        ) from None
    except (OSError, ValueError) as error:
        raise DocumentNotFound(f"{text!r} cannot be reached: {_reason(error)}.") from None
    if stat.S_ISDIR(mode):
        raise DocumentNotFound(f"{text!r} is a folder.", hint="List it with `documents_in`.")
    if not stat.S_ISREG(mode):
        raise DocumentNotFound(f"{text!r} is not a regular file but a device, pipe or socket.", hint="Give a file.")
    return found


def inside(root: str | Path, name: str) -> Path:
    """The path of `name` under `root`, and never anywhere else.

    For names that come from outside: a model's arguments, a prompt's name, a line of a manifest.

    Raises:
        UnsafeLocation: absolute, with `..` (percent-encoded too), a NUL, a URL, or a link that leads out.
    """
    _refuse_odd(name)
    plain = name
    for _ in range(3):
        plain = unquote(plain)
    parts = re.split(r"[/\\]+", plain)
    if ".." in parts or "\0" in plain or scheme_of(plain) or re.match(r"[/\\~]|[A-Za-z]:", plain) or not plain.strip():
        raise UnsafeLocation(f"{name!r} is not a plain name under {os.fspath(root)!r}.")
    base = Path(root).resolve()
    found = (base / name).resolve()
    if not found.is_relative_to(base):
        raise UnsafeLocation(f"{name!r} leads out of {os.fspath(root)!r}.")
    return found


def object_name(uri: str) -> str:
    """Check a `gs://bucket/object` reference.

    Raises:
        UnsafeLocation: no bucket or object, control characters, or `..` among its parts.
    """
    found = re.fullmatch(r"gs://([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])/([^\x00-\x1f\x7f]{1,1024})", uri)
    if not found or ".." in unquote(found.group(2)).split("/"):
        raise UnsafeLocation(f"{uri!r} is not a plain gs://bucket/object.", hint="Give gs://bucket/path/file.")
    return uri


def target(url: str, *, allow_private: bool = False, allow_hosts: frozenset[str] = frozenset()) -> Target:
    """Resolve an http(s) URL and check every address it stands for.

    Args:
        url: as given, or as a redirect says.
        allow_private: allow private and loopback addresses; cloud metadata stays refused.
        allow_hosts: if not empty, only these hosts.

    Raises:
        UnsafeLocation: another scheme, user information, a metadata host, a name or number that stands for
            any address that is not public, or a host not listed.
        DocumentNotFound: the name does not resolve.
    """
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise UnsafeLocation(f"{_shown(url)!r} has blanks, control characters or backslashes in it.")
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError as error:
        why = "" if "@" in url else f": {error}"  # the error quotes what may be a part of a password
        raise UnsafeLocation(f"{_shown(url)!r} is not a URL{why}.") from None
    if parts.scheme not in ("http", "https"):
        raise UnsafeLocation(f"{_shown(url)!r}: only http and https are fetched.")
    if "@" in parts.netloc:
        raise UnsafeLocation("the URL carries a user name or password.", hint="Give the URL without them.")
    if not host or "%" in host:
        raise UnsafeLocation(f"{url!r} names no host.")
    if allow_hosts and host not in allow_hosts:
        raise UnsafeLocation(f"{host!r} is not among the hosts allowed.")
    if host in METADATA_HOSTS:
        raise UnsafeLocation(f"{host!r} is a cloud metadata service.")
    try:
        # getaddrinfo also reads 127.1, 0x7f000001 and 2130706433, so what is checked is what would be connected to.
        found = socket.getaddrinfo(host.encode("idna").decode(), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise DocumentNotFound(f"the host {host!r} is not known.", hint="Check the URL.") from None
    addresses = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        refuse_address(address, host, allow_private=allow_private)
    path = parts.path or "/"
    return Target(parts.scheme, host, port, f"{path}?{parts.query}" if parts.query else path, addresses)


def refuse_address(address: str, host: str, *, allow_private: bool = False) -> None:
    """Refuse an address that is not a public one.

    Raises:
        UnsafeLocation: private, loopback, link-local, shared, reserved, multicast, or one of these in IPv6 clothes.
    """
    ip: Address = ipaddress.ip_address(address.partition("%")[0])
    for candidate in (ip, *_embedded(ip)):
        metadata = candidate.is_link_local or str(candidate) in ("fd00:ec2::254", "168.63.129.16", "100.100.100.200")
        local = not candidate.is_global or candidate.is_multicast or candidate.is_reserved
        local = local or any(candidate.version == network.version and candidate in network for network in _BLOCKED)
        # Within NAT64 and its like the outer address is reserved by definition; its IPv4 address decides.
        if candidate is ip and len(_embedded(ip)) and not metadata:
            continue
        if metadata or (local and not (allow_private and (candidate.is_private or candidate.is_loopback))):
            raise UnsafeLocation(
                f"{host!r} stands for {address}, which is not a public address.",
                hint="Download the document yourself and give its path.",
            )


def _embedded(ip: Address) -> tuple[ipaddress.IPv4Address, ...]:
    if isinstance(ip, ipaddress.IPv4Address):
        return ()
    low = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if ip.ipv4_mapped:
        return (ip.ipv4_mapped,)
    if ip.sixtofour:
        return (ip.sixtofour,)
    if ip.teredo:
        return ip.teredo
    if any(ip in network for network in _NAT64):
        return (low,)
    isatap = int(ip) >> 32 & 0xFFFFFFFF in (0x00005EFE, 0x02005EFE)
    compatible = int(ip) >> 32 == 0 and int(ip) > 0xFFFF
    return (low,) if isatap or compatible else ()


def _refuse_odd(text: str) -> None:
    if "\0" in text:
        raise UnsafeLocation("the path has a NUL character in it.")
    if text.startswith(("\\\\", "//?/", "//./")):
        raise UnsafeLocation(f"{text!r} is a network or device path.", hint="Copy the file to this machine.")


def _shown(url: str) -> str:
    """A URL without its user name and password, however odd they are."""
    return re.sub(r"//.*@", "//…@", url, flags=re.DOTALL)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
