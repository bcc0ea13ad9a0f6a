"""The formats of JSON Schema that are checked where a schema is given as JSON Schema."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from jsonschema import FormatChecker

from prefect_gemini.gemini.schemas.patterns import BadPattern, translated

FORMATS = FormatChecker(formats=("date", "ipv4", "ipv6"))

_OFFSET = r"(?:[Zz]|(?P<sign>[+-])(?P<oh>[01]\d|2[0-3]):(?P<om>[0-5]\d))"
_CLOCK = re.compile(rf"(?P<h>[01]\d|2[0-3]):(?P<m>[0-5]\d):(?P<s>[0-5]\d|60)(?:\.\d+)?{_OFFSET}", re.ASCII)
_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)", re.ASCII)
_DURATION = re.compile(
    r"P(?:\d+W|(?=\d|T\d)(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?"
    r"(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)",
    re.ASCII,
)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf'{_ATOM}(?:\.{_ATOM})*|"(?:[ !#-\[\]-~]|\\[ -~])*"', re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}", re.ASCII)
_POINTER = r"(?:/(?:[^/~]|~[01])*)*"
_URI = re.compile(r"(?:[!#$&'()*+,/:;=?@\[\]A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_IRI = re.compile(r"(?:[!#$&'()*+,/:;=?@\[\]A-Za-z0-9._~\u00a0-\U0010ffff-]|%[0-9A-Fa-f]{2})*")
_TEMPLATE = re.compile(
    r"(?:[^\x00-\x20\x7f\"'<>\\^`{|}%]|%[0-9A-Fa-f]{2}"
    r"|\{[+#./;?&=,!@|]?(?:\w|%[0-9A-Fa-f]{2})(?:\.?(?:\w|%[0-9A-Fa-f]{2}))*(?::[1-9]\d{0,3}|\*)?"
    r"(?:,(?:\w|%[0-9A-Fa-f]{2})(?:\.?(?:\w|%[0-9A-Fa-f]{2}))*(?::[1-9]\d{0,3}|\*)?)*\})*",
    re.ASCII,
)


@FORMATS.checks("time")
def is_time(value: object) -> bool:
    """RFC 3339 time with offset; second 60 only at the end of a UTC day."""
    if not isinstance(value, str):
        return True
    found = _CLOCK.fullmatch(value)
    if not found:
        return False
    if found["s"] != "60":
        return True
    shift = (int(found["oh"] or 0) * 60 + int(found["om"] or 0)) * (-1 if found["sign"] == "+" else 1)
    return (int(found["h"]) * 60 + int(found["m"]) + shift) % 1440 == 1439


@FORMATS.checks("date-time")
def is_date_time(value: object) -> bool:
    """RFC 3339 date, T, time with offset."""
    if not isinstance(value, str):
        return True
    return value[10:11] in ("T", "t") and FORMATS.conforms(value[:10], "date") and is_time(value[11:])


@FORMATS.checks("duration")
def is_duration(value: object) -> bool:
    """RFC 3339 appendix A."""
    return not isinstance(value, str) or bool(_DURATION.fullmatch(value))


@FORMATS.checks("hostname")
def is_hostname(value: object) -> bool:
    """RFC 1123."""
    if not isinstance(value, str):
        return True
    return 0 < len(value) <= 253 and all(_LABEL.fullmatch(part) for part in value.split("."))


@FORMATS.checks("email")
def is_email(value: object) -> bool:
    """RFC 5321: dot-atom or quoted name, at a host or an address in brackets."""
    if not isinstance(value, str):
        return True
    name, at, host = value.rpartition("@")
    if not at or not _LOCAL.fullmatch(name):
        return False
    if host.startswith("[") and host.endswith("]"):
        address = host[1:-1]
        kind = "ipv6" if address.lower().startswith("ipv6:") else "ipv4"
        return FORMATS.conforms(address[5:] if kind == "ipv6" else address, kind)
    return is_hostname(host)


@FORMATS.checks("idn-email")
def is_idn_email(value: object) -> bool:
    """Something at something."""
    return not isinstance(value, str) or bool(re.fullmatch(r"[^@\s]+@[^@\s]+", value))


@FORMATS.checks("uuid")
def is_uuid(value: object) -> bool:
    """RFC 4122."""
    return not isinstance(value, str) or bool(_UUID.fullmatch(value))


@FORMATS.checks("uri-reference")
def is_uri_reference(value: object) -> bool:
    """RFC 3986, relative or not."""
    return not isinstance(value, str) or _is_reference(value, _URI)


@FORMATS.checks("uri")
def is_uri(value: object) -> bool:
    """RFC 3986 with a scheme."""
    return not isinstance(value, str) or (_is_reference(value, _URI) and _has_scheme(value))


@FORMATS.checks("iri-reference")
def is_iri_reference(value: object) -> bool:
    """RFC 3987, relative or not."""
    return not isinstance(value, str) or _is_reference(value, _IRI)


@FORMATS.checks("iri")
def is_iri(value: object) -> bool:
    """RFC 3987 with a scheme."""
    return not isinstance(value, str) or (_is_reference(value, _IRI) and _has_scheme(value))


@FORMATS.checks("uri-template")
def is_uri_template(value: object) -> bool:
    """RFC 6570."""
    return not isinstance(value, str) or bool(_TEMPLATE.fullmatch(value))


@FORMATS.checks("json-pointer")
def is_json_pointer(value: object) -> bool:
    """RFC 6901."""
    return not isinstance(value, str) or bool(re.fullmatch(_POINTER, value, re.DOTALL))


@FORMATS.checks("relative-json-pointer")
def is_relative_json_pointer(value: object) -> bool:
    """Digits, then `#` or a JSON pointer."""
    return not isinstance(value, str) or bool(re.fullmatch(rf"(?:0|[1-9][0-9]*)(?:#|{_POINTER})", value, re.DOTALL))


@FORMATS.checks("regex")
def is_regex(value: object) -> bool:
    """A pattern that can be used here."""
    if not isinstance(value, str):
        return True
    try:
        translated(value)
    except BadPattern:
        return False
    return True


def _has_scheme(value: str) -> bool:
    return bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value, re.ASCII))


def _is_reference(value: str, letters: re.Pattern[str]) -> bool:
    if not letters.fullmatch(value) or value.count("#") > 1:
        return False
    try:
        parts = urlsplit(value)
        authority = parts.netloc.rpartition("@")[2]
        if authority.startswith("["):
            inner = authority[1 : authority.index("]")]
            if not re.match(r"v[0-9A-Fa-f]+\.", inner):
                ipaddress.IPv6Address(inner)
        elif authority.count(":") > 1:
            return False
        _ = parts.port
    except ValueError:
        return False
    rest = parts.path + parts.query + parts.fragment
    first = parts.path.split("/")[0]
    return not re.search(r"[\[\]]", rest) and parts.netloc.count("@") < 2 and (bool(parts.scheme) or ":" not in first)
