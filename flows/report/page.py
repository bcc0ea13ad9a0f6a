"""A report as one HTML file that stands alone: nothing is fetched, and no script runs but the shell's own.

A report's template says `{% extends "shell.html" %}` and fills the blocks `title`, `heading`, `main`,
`footer` and, for rules of its own, `style`. Whatever has a `data-ref` lights up together with everything
that has the same one: a row of a table with its rectangle on the page.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from prefect_gemini.flows.printable import printable

SHELL = "prefect_gemini.flows.report"


def render_page(template: str, *, package: str, filters: Mapping[str, Callable[..., str]], **values: Any) -> str:
    """Render a report.

    Every value is escaped: what a document says is shown as text.

    Args:
        template: name of the file, `*.html`.
        package: the package it is in.
        filters: filters of its own; `printable` and `day` are there already.
        values: what it shows.
    """
    environment = _environment(package, tuple(filters.items()))
    return environment.get_template(template).render(script_hash=_script_hash(), **values)


def write_page(path: str | Path, html: str) -> Path:
    """Write a report, with its folder where there is none, and return its path."""
    target = Path(path).expanduser()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(html, encoding="utf-8")
    return target


def day(moment: datetime.datetime) -> str:
    """A moment in words that every reader of English takes for the same day."""
    return f"{moment.astimezone(datetime.UTC):%d %B %Y, %H:%M} UTC".lstrip("0")


@cache
def _environment(package: str, filters: tuple[tuple[str, Callable[..., str]], ...]) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package, "."), jinja2.PackageLoader(SHELL, ".")]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"printable": printable, "day": day, **dict(filters)}
    return environment


@cache
def _script_hash() -> str:
    """The hash by which the content security policy admits the shell's one script."""
    environment = _environment(SHELL, ())
    assert environment.loader is not None
    source, _, _ = environment.loader.get_source(environment, "shell.html")
    script = re.search(r"<script>(.*?)</script>", source, re.DOTALL)
    return base64.b64encode(hashlib.sha256((script[1] if script else "").encode()).digest()).decode("ascii")
