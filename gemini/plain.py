"""Text that a model or a document wrote, made harmless for a terminal, a log and a Markdown page."""

from __future__ import annotations

import re

LONGEST = 20_000
"""Characters shown of one piece of foreign text."""

# What moves the cursor, rewrites the line, changes the direction of reading, or cannot be seen: C0 and C1
# controls but tab and newline, bidirectional marks and overrides, zero-width characters, tag characters,
# variation selectors that carry hidden text, line and paragraph separators.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)

# What Markdown or HTML would turn into a link, a picture, a heading, a table or a tag.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~$&])")
_LINE_START = re.compile(r"^(\s*)([-=]|\d+[.)])", re.MULTILINE)
_SCHEME = re.compile(r"\b(https?|ftp|file|data|javascript|mailto)(:)", re.IGNORECASE)
_WWW = re.compile(r"\bwww\.", re.IGNORECASE)


def escape_terminal(text: str, *, longest: int = LONGEST) -> str:
    """Make foreign text fit for a log or terminal: what cannot be seen is written out, as `\\x1b` or `\\u202e`.

    Newlines and tabs stay. Nothing is removed, so that whoever reads the log sees the attempt.

    Args:
        text: what the model or the document says.
        longest: characters shown; the rest is counted.
    """
    shown = _UNSEEN.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text[:longest])
    return shown if len(text) <= longest else f"{shown} … ({len(text) - longest:,} more characters)"


def plain(text: str, *, longest: int = LONGEST) -> str:
    """Make foreign text fit for a Markdown artifact: it reads the same, and nothing in it works.

    On top of `escape_terminal`, Markdown's and HTML's own characters are escaped, and addresses are broken with
    an entity, so that no viewer makes a link of them, fetches a picture, or renders a tag. In a table cell,
    newlines become blanks with `one_line`.
    """
    shown = _MARKDOWN.sub(r"\\\1", escape_terminal(text, longest=longest))
    # Backslashes do not stop these four: viewers read HTML, and link bare addresses.
    shown = shown.replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")
    shown = _LINE_START.sub(lambda found: f"{found[1]}\\{found[2]}" if found[2] in "-=" else _numbered(found), shown)
    shown = _SCHEME.sub(r"\1&#58;", shown)
    return _WWW.sub("www&#46;", shown).replace("@", "&#64;")


def one_line(text: str, *, longest: int = 300) -> str:
    """`plain` for a table cell: all white space as single blanks."""
    return plain(" ".join(text.split()), longest=longest)


def _numbered(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2][:-1]}\\{found[2][-1]}"
