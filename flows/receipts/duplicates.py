"""Receipts handed in twice: the same bytes, a second scan, or the same purchase."""

from __future__ import annotations

import datetime
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import imagehash
import numpy as np
import numpy.typing as npt
from PIL import Image
from pydantic import BaseModel, ConfigDict

from prefect_gemini.flows.receipts.models import Receipt

HASH_SIDE = 16
"""The hash has 16 x 16 bits: with 8 x 8, two receipts of one width and length look the same."""

NEAR = 64
"""Bits of the 256 in which two pictures of one receipt may differ.

Measured on 50 scanned receipts of 50 shops (SROIE): no two of them came nearer than 66 bits, and of
150 simulated second scans (turned up to 2.5 degrees, cropped up to 3 %, darker, blurred, noisy) 85 %
stayed within 64. The rest is left to the merchant, date and total.
"""

Reason = Literal["content", "image", "purchase", "image_and_purchase"]


class Duplicate(BaseModel):
    """That a document repeats an earlier one.

    Args:
        name: the original's name.
        digest: the original's digest.
        reason: "content" (byte for byte), "image" (looks the same), "purchase" (same merchant, day,
            total and currency), or both of the last two.
        distance: bits in which the pictures differ, 0 to 256; None where they were not compared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    digest: str
    reason: Reason
    distance: int | None = None

    @property
    def certain(self) -> bool:
        """Whether no person has to look: the same bytes, or the same look and the same purchase."""
        return self.reason in ("content", "image_and_purchase")

    @property
    def message(self) -> str:
        how = {
            "content": "is the same file as",
            "image": "looks the same as",
            "purchase": "has the same merchant, date and total as",
            "image_and_purchase": "is another picture of",
        }[self.reason]
        return f"This receipt {how} {self.name!r}."


@dataclass(frozen=True)
class Seen:
    """What is compared: a document of this run, or one recorded before.

    Args:
        name, digest: of the document.
        perceptual_hash: from `perceptual_hash`; "" where there is none.
        merchant, date, total, currency: as read; None where not read.
    """

    name: str
    digest: str
    perceptual_hash: str = ""
    merchant: str | None = None
    date: datetime.date | None = None
    total: Decimal | None = None
    currency: str | None = None

    @classmethod
    def of(cls, name: str, digest: str, receipt: Receipt, *, perceptual_hash: str = "") -> Seen:
        return cls(name, digest, perceptual_hash, receipt.merchant, receipt.date, receipt.total, receipt.currency)

    @property
    def purchase(self) -> tuple[str, datetime.date, Decimal, str | None] | None:
        """What makes two purchases one; None where merchant, date or total is not known."""
        merchant = merchant_key(self.merchant or "")
        if not merchant or self.date is None or self.total is None:
            return None
        return merchant, self.date, self.total.normalize(), self.currency


_LEGAL_FORM = re.compile(
    r"\b(gmbh(\s*&\s*co\s*kg)?|mbh|ag|kg|ohg|e\s*k|inc|llc|ltd|limited|plc|corp|co|sdn|bhd|sa|sas|sarl|sl|srl|spa|bv|nv|ab|oy|as|aps|kk)\b"
)


def merchant_key(name: str) -> str:
    """A merchant's name without case, accents, punctuation and legal form: "Café Lémon GmbH" is "cafelemon"."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark))
    words = re.sub(r"[^\w\s]", " ", plain)
    short = re.sub(r"\W", "", _LEGAL_FORM.sub(" ", words))
    return short or re.sub(r"\W", "", words)


def perceptual_hash(picture: bytes) -> str:
    """The 256-bit DCT hash of a page's picture, in hex; equal but for a few bits between two scans.

    Args:
        picture: PNG or JPEG bytes of the first page, as `prefect_gemini.pages.render` draws it.
    """
    with Image.open(io.BytesIO(picture)) as image:
        return str(imagehash.phash(image.convert("L"), hash_size=HASH_SIDE))


def find_duplicates(batch: Sequence[Seen], *, known: Iterable[Seen] = ()) -> tuple[Duplicate | None, ...]:
    """Say for each document which earlier one it repeats, or None for an original.

    The first of a group is the original. A document recorded before comes before all of the batch; one
    that is in both (the same bytes under the same name) is itself, not its own duplicate.

    Args:
        batch: the documents of this run, in input order.
        known: originals recorded by earlier runs.
    """
    originals = _Originals()
    for one in known:
        originals.add(one)
    found: list[Duplicate | None] = []
    met: set[str] = set()
    for one in batch:
        same = originals.by_digest.get(one.digest)
        if same is None:
            duplicate = originals.repeated_by(one)
            if duplicate is None:
                originals.add(one)
        elif one.digest not in met and same.name == one.name:
            duplicate = None
        else:
            duplicate = Duplicate(name=same.name, digest=same.digest, reason="content")
        found.append(duplicate)
        met.add(one.digest)
    return tuple(found)


class _Originals:
    """The documents that nothing before them repeats, indexed in the three ways they are compared."""

    def __init__(self) -> None:
        self.by_digest: dict[str, Seen] = {}
        self._by_purchase: dict[object, Seen] = {}
        self._pictured: list[Seen] = []
        self._hashes = np.empty((64, HASH_SIDE * HASH_SIDE // 64), np.uint64)

    def add(self, one: Seen) -> None:
        self.by_digest[one.digest] = one
        if one.purchase is not None:
            self._by_purchase.setdefault(one.purchase, one)
        if one.perceptual_hash:
            if len(self._pictured) == len(self._hashes):
                self._hashes = np.concatenate([self._hashes, np.empty_like(self._hashes)])
            self._hashes[len(self._pictured)] = _bits(one.perceptual_hash)
            self._pictured.append(one)

    def repeated_by(self, one: Seen) -> Duplicate | None:
        """The original that `one` is most surely a second picture of."""
        purchase = self._by_purchase.get(one.purchase) if one.purchase is not None else None
        alike = self._alike(one)
        for other, bits in alike:
            if one.purchase is not None and one.purchase == other.purchase:
                return Duplicate(name=other.name, digest=other.digest, reason="image_and_purchase", distance=bits)
        if purchase is not None:
            return Duplicate(name=purchase.name, digest=purchase.digest, reason="purchase")
        if alike:
            other, bits = alike[0]
            return Duplicate(name=other.name, digest=other.digest, reason="image", distance=bits)
        return None

    def _alike(self, one: Seen) -> list[tuple[Seen, int]]:
        """Originals whose picture is near and whose figures do not say otherwise, the nearest first."""
        if not one.perceptual_hash or not self._pictured:
            return []
        known = self._hashes[: len(self._pictured)]
        bits = np.bitwise_count(known ^ _bits(one.perceptual_hash)).sum(axis=1, dtype=np.int64)
        near = [(self._pictured[index], int(bits[index])) for index in np.flatnonzero(bits <= NEAR)]
        return sorted((pair for pair in near if not _contradict(one, pair[0])), key=lambda pair: pair[1])


def _bits(perceptual_hash: str) -> npt.NDArray[np.uint64]:
    return np.frombuffer(bytes.fromhex(perceptual_hash), np.uint64)


def _contradict(one: Seen, other: Seen) -> bool:
    """Whether both were read and say different things: two receipts from one printer look alike."""
    return any(
        mine is not None and theirs is not None and mine != theirs
        for mine, theirs in ((one.total, other.total), (one.date, other.date), (one.currency, other.currency))
    )
