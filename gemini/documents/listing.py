"""Listing documents: a folder, a glob, a list of these, or a prefix in a bucket."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import fsspec

from prefect_gemini.gemini.documents.locations import scheme_of
from prefect_gemini.gemini.documents.media import claimed_type
from prefect_gemini.gemini.errors import DocumentNotFound


class Left(NamedTuple):
    """A file that was left out of a listing, and why."""

    path: str
    why: str


class Listing(Iterable[str]):
    """What a source holds, in order. Iterating lists lazily; `left` fills as files are left out.

    Args:
        source: a folder (searched with its sub-folders), a file, a glob, a URL or prefix fsspec knows, or a
            list of these.
        patterns: only files whose name matches one, as in `*.pdf`.
        hidden: take files and folders whose names begin with a dot.
        any_type: take files whose name claims no type that Gemini reads (their content may still be one).
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        patterns: Iterable[str] = (),
        hidden: bool = False,
        any_type: bool = False,
    ) -> None:
        self._sources = [source] if isinstance(source, str | os.PathLike) else list(source)
        self._patterns = [re.compile(fnmatch.translate(pattern)) for pattern in patterns]
        self._hidden = hidden
        self._any_type = any_type
        self.without: Path | None = None
        """What a run writes into the folder it reads, resolved: neither it nor its drafts are documents."""
        self.left: list[Left] = []

    def __iter__(self) -> Iterator[str]:
        self.left.clear()
        seen: set[str] = set()
        for source in self._sources:
            for path in self._one(os.fspath(source)):
                if path not in seen:
                    seen.add(path)
                    yield path

    def _one(self, source: str) -> Iterator[str]:
        if scheme_of(source) not in (None, "file"):
            yield from self._remote(source)
        elif os.path.isdir(source):
            yield from self._folder(source)
        elif glob.has_magic(source) and not os.path.lexists(source):
            for path in sorted(glob.glob(source, recursive=True)):
                if os.path.isdir(path):
                    continue
                yield from self._wanted(path)
        else:
            # A path named outright is always given on: opening it says what is wrong with it.
            yield source

    def _folder(self, folder: str) -> Iterator[str]:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self.left.append(Left(folder, f"cannot be listed: {error.strerror}"))
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name.startswith(".") and not self._hidden:
                    self.left.append(Left(entry.path, "hidden"))
                else:
                    yield from self._folder(entry.path)
            elif entry.is_symlink() and entry.is_dir():
                self.left.append(Left(entry.path, "a link to a folder"))  # which may be one that leads here
            else:
                yield from self._wanted(entry.path)

    def _remote(self, source: str) -> Iterator[str]:
        if scheme_of(source) in ("http", "https"):
            yield source
            return
        try:
            files, root = fsspec.core.url_to_fs(source)
            if glob.has_magic(root):
                names = files.glob(root)
            elif files.isdir(root):
                names = files.find(root)
            else:
                names = [root]
        except ImportError as error:
            hint = "Run `pip install 'prefect-gemini[gcp]'`." if scheme_of(source) in ("gs", "gcs") else "Install it."
            raise DocumentNotFound(f"{source!r} cannot be listed: {error}.", hint=hint) from None
        except (ValueError, OSError) as error:
            raise DocumentNotFound(f"{source!r} cannot be listed: {str(error)[:200]}.") from None
        for name in sorted(names):
            yield from self._wanted(files.unstrip_protocol(name))

    def _wanted(self, path: str) -> Iterator[str]:
        name = Path(path).name
        if name.startswith(".") and not self._hidden:
            self.left.append(Left(path, "hidden"))
        elif self.without and name.startswith(self.without.name) and Path(path).resolve().parent == self.without.parent:
            self.left.append(Left(path, "the output of this run"))
        elif self._patterns and not any(pattern.fullmatch(name) for pattern in self._patterns):
            self.left.append(Left(path, "does not match the patterns"))
        elif not self._patterns and not self._any_type and claimed_type(name) is None:
            self.left.append(Left(path, "not a document by its name"))
        else:
            yield path


def documents_in(
    source: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    patterns: Iterable[str] = (),
    hidden: bool = False,
    any_type: bool = False,
) -> Listing:
    """List the documents of a source, lazily and sorted; see `Listing`.

    Nothing is dropped without a trace: `left` names every file that was left out, and why.
    """
    return Listing(source, patterns=patterns, hidden=hidden, any_type=any_type)
