"""A receipt handed in twice is found: same bytes, same look, same purchase, in this run or an earlier one."""

from __future__ import annotations

import datetime
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter

from prefect_gemini.flows.receipts.duplicates import (
    NEAR,
    Seen,
    find_duplicates,
    merchant_key,
    perceptual_hash,
)

DAY = datetime.date(2026, 9, 1)


def seen(name: str, **facts: object) -> Seen:
    """A document whose digest follows from its name unless one is given."""
    return Seen(**{"name": name, "digest": name.encode().hex().rjust(64, "0"), **facts})  # type: ignore[arg-type]


def bought(name: str, merchant: str = "Shop", total: str = "9.90", **facts: object) -> Seen:
    """A document of which everything could be read."""
    whole = {"merchant": merchant, "total": Decimal(total), "date": DAY, "currency": "EUR"}
    return seen(name, **{**whole, **facts})


def rescanned(picture: Image.Image) -> Image.Image:
    """The same paper on another scanner: turned, cropped, darker, less sharp."""
    turned = picture.convert("L").rotate(1.2, Image.Resampling.BICUBIC, fillcolor=230)
    width, height = turned.size
    cropped = turned.crop((width // 100, height // 100, width - width // 90, height - height // 90))
    return ImageEnhance.Brightness(cropped).enhance(0.88).filter(ImageFilter.GaussianBlur(0.8))


def distance(one: str, other: str) -> int:
    """Bits in which two hashes differ, counted in another way than the library does."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def hashed(picture: Image.Image) -> str:
    """The hash of a picture as a page renderer would hand it over."""
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=80)
    return perceptual_hash(out.getvalue())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café Lémon GmbH", "CAFE LEMON"),
        ("Kopitiam Sdn. Bhd.", "KOPITIAM"),
        ("The Weaver's Rest Ltd", "The Weavers Rest"),
        ("Müller & Co. KG", "Mu\u0308ller"),
    ],
)
def test_one_merchant_spelled_in_two_ways(one: str, other: str) -> None:
    """Case, accents, punctuation and legal form do not make another merchant."""
    assert merchant_key(one) == merchant_key(other)


@pytest.mark.parametrize(("one", "other"), [("Shop 1", "Shop 2"), ("Agnes", "Nes"), ("AG", "KG"), ("東京", "大阪")])
def test_two_merchants_stay_two(one: str, other: str) -> None:
    """A number, a word inside a word, and a name that is only a legal form still tell merchants apart."""
    assert merchant_key(one) != merchant_key(other)


def test_another_scan_is_near_and_another_receipt_is_not(examples: Path) -> None:
    """The hash of a second scan stays within the stated distance; other receipts stay outside."""
    pictures = {path.name: Image.open(path) for path in sorted((examples / "receipts").glob("0*.*g"))[:4]}
    hashes = {name: hashed(picture) for name, picture in pictures.items()}
    for name, picture in pictures.items():
        apart = {other: distance(hashed(rescanned(picture)), known) for other, known in hashes.items()}
        assert apart.pop(name) <= NEAR
        assert min(apart.values()) > NEAR


def test_the_first_of_a_group_is_the_original() -> None:
    """Every later copy points to the first document, not to the copy before it."""
    batch = [bought("a"), bought("b", digest=bought("a").digest), bought("c"), bought("d", total="1.00"), bought("e")]
    found = find_duplicates(batch)
    assert [one and (one.name, one.reason, one.certain) for one in found] == [
        None,
        ("a", "content", True),
        ("a", "purchase", False),
        None,
        ("a", "purchase", False),
    ]


def test_the_same_look_and_purchase_is_certain() -> None:
    """Two pictures of one receipt need no person; the distance is kept for whoever doubts it."""
    one, other = "f" * 64, "f" * 60 + "0000"
    (_, found) = find_duplicates([bought("a", perceptual_hash=one), bought("b", perceptual_hash=other)])
    assert found is not None
    assert (found.reason, found.distance, found.certain) == ("image_and_purchase", 16, True)


def test_the_nearest_picture_with_the_same_purchase_wins() -> None:
    """Among several that look alike, the one with the same purchase is the original."""
    batch = [
        seen("alike", perceptual_hash="f" * 64),
        bought("same", perceptual_hash="f" * 44 + "0" * 20),
        bought("copy", perceptual_hash="f" * 56 + "0" * 8),
    ]
    found = find_duplicates(batch)[2]
    assert found is not None
    assert found.name == "same"


@pytest.mark.parametrize(
    "other",
    [bought("b", total="9.91"), bought("b", date=DAY + datetime.timedelta(1)), bought("b", currency="USD")],
)
def test_receipts_of_one_till_that_say_different_things(other: Seen) -> None:
    """Looking alike is no duplicate where total, date or currency were read and differ."""
    first = bought("a", perceptual_hash="0" * 64)
    assert find_duplicates([first, replace(other, perceptual_hash="0" * 64)]) == (None, None)


@pytest.mark.parametrize("unread", ["merchant", "date", "total"])
def test_what_was_not_read_proves_nothing(unread: str) -> None:
    """Two unreadable receipts are not one purchase."""
    assert find_duplicates([replace(bought(name), **{unread: None}) for name in "ab"]) == (None, None)


def test_a_document_recorded_before_is_itself_on_the_next_run() -> None:
    """Running over the same folder again finds no duplicates of what it recorded."""
    batch = [bought("a"), bought("b", total="2.00")]
    assert find_duplicates(batch, known=batch) == (None, None)


def test_a_recorded_original_stays_the_original_whatever_the_order() -> None:
    """A document that came first in an earlier run keeps its place when a copy is listed before it."""
    found = find_duplicates([bought("a-copy"), bought("original")], known=[bought("original")])
    assert [one and one.name for one in found] == ["original", None]


def test_the_same_file_under_another_name_is_found_in_the_database() -> None:
    """A file handed in again by somebody else, renamed, is the same file."""
    (found,) = find_duplicates([bought("again.jpg", digest="1" * 64)], known=[bought("first.jpg", digest="1" * 64)])
    assert found is not None
    assert (found.name, found.reason) == ("first.jpg", "content")


facts = st.builds(
    bought,
    st.sampled_from("abcdefgh"),
    st.sampled_from(["Shop", "SHOP GmbH", "Other"]),
    st.sampled_from(["1.00", "1.0", "2.00"]),
    perceptual_hash=st.sampled_from(["", "0" * 64, "f" * 64, "0" * 63 + "1"]),
)


@given(st.lists(facts, max_size=12), st.lists(facts, max_size=4))
def test_every_duplicate_points_to_an_original(batch: list[Seen], known: list[Seen]) -> None:
    """One answer a document, in order; what is pointed to was recorded or is an original before it."""
    found = find_duplicates(batch, known=known)
    assert len(found) == len(batch)
    originals = {one.digest for one in known}
    for one, duplicate in zip(batch, found, strict=True):
        if duplicate is None:
            originals.add(one.digest)
        else:
            assert duplicate.digest in originals


@given(st.lists(facts, max_size=12))
def test_nothing_is_found_among_originals_twice(batch: list[Seen]) -> None:
    """What the first pass calls originals has no duplicates in a second pass."""
    originals = [one for one, duplicate in zip(batch, find_duplicates(batch), strict=True) if duplicate is None]
    assert all(duplicate is None for duplicate in find_duplicates(originals))
