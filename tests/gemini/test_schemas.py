"""What an answer must be, and how text becomes its value."""

from __future__ import annotations

import json
import pickle
import threading
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, RootModel, StringConstraints, TypeAdapter

from prefect_gemini.gemini.errors import GeminiError, InvalidOption, InvalidOutput
from prefect_gemini.gemini.schemas.output import Output, validate_arguments


class Category(Enum):
    meals = "Meals"
    travel = "Travel"


class Level(IntEnum):
    low = 1
    high = 3


class Card(BaseModel):
    kind: Literal["card"]
    last4: Annotated[str, StringConstraints(pattern=r"^\d{4}$")]


class Cash(BaseModel):
    kind: Literal["cash"]
    change: Decimal = Decimal(0)


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")
    description: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    amount: Decimal


class Bill(BaseModel):
    number: str | None = None
    issued: date
    printed: datetime | None = None
    at: time | None = None
    category: Category
    payment: Annotated[Card | Cash, Field(discriminator="kind")]
    lines: list[Line] = Field(default_factory=list, alias="lineItems")
    extras: dict[str, int] = Field(default_factory=dict)


class Clause(BaseModel):
    title: str
    parts: list[Clause] = []
    parent: Clause | None = None


class Tags(RootModel[list[str]]):
    pass


BILL = {
    "issued": "2026-01-31",
    "printed": "2026-01-31T10:00:00",
    "at": "10:20",
    "category": "Meals",
    "payment": {"kind": "card", "last4": "1234"},
    "lineItems": [{"description": "Tea", "amount": 4.5}],
    "extras": {"guests": 2},
}


def test_a_model_with_everything_is_built() -> None:
    """Nested, optional, discriminated, aliased, dated and decimal fields come out as their types."""
    bill = Output.of(Bill).parse(json.dumps(BILL))
    assert bill.issued == date(2026, 1, 31)
    assert bill.printed == datetime(2026, 1, 31, 10)  # noqa: DTZ001
    assert bill.at == time(10, 20)
    assert bill.category is Category.meals
    assert isinstance(bill.payment, Card)
    assert bill.lines[0].amount == Decimal("4.5")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"issued": "31/01/2026"}, "issued"),
        ({"category": "Food"}, "category"),
        ({"payment": {"kind": "card", "last4": "12"}}, "payment.last4"),
        ({"payment": {"kind": "cheque"}}, "payment.kind"),
        ({"lineItems": [{"description": "Tea", "amount": "much"}]}, "lineItems[0].amount"),
        ({"lineItems": [{"description": "", "amount": 1}]}, "lineItems[0].description"),
        ({"lineItems": [{"description": "Tea", "amount": 1, "tip": 1}]}, "lineItems[0]"),
        ({"extras": {"guests": "two"}}, "extras.guests"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(change: dict[str, Any], path: str) -> None:
    """One wrong value refuses the whole answer, and the error says where."""
    with pytest.raises(InvalidOutput) as caught:
        Output.of(Bill).parse(json.dumps(BILL | change))
    assert caught.value.path == path
    assert any(problem.startswith(path) for problem in caught.value.problems)
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_all_problems_are_listed() -> None:
    """A repair round needs every message, not the first."""
    with pytest.raises(InvalidOutput) as caught:
        Output.of(Bill).parse(json.dumps(BILL | {"category": "Food", "issued": 3}))
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("```json\n{}\n```", "not JSON"),
        ('{"title": "a"', "text ends"),
        ('{"title": "a", "title": "b"}', "twice"),
        ('{"title": NaN}', "NaN"),
        ('{"title": 1e999}', "too large"),
        ('{"title": %s}' % ("9" * 500), "digits"),
        ("[" * 100_000, "nested"),
        ('{"title": "a"} {"title": "b"}', "not JSON"),
        ('{"title": "' + "a" * 9_000_000 + '"}', "longer"),
    ],
)
def test_only_strict_json_is_read(text: str, why: str) -> None:
    """Readers disagree about duplicate keys, NaN and depth, so none of them is accepted."""
    with pytest.raises(InvalidOutput, match=why):
        Output.of(Clause).parse(text)


def test_a_recursive_model_is_sent_without_a_root_reference() -> None:
    """Gemini refuses a lone `$ref` at the root."""
    output = Output.of(Clause)
    assert output.wire.json_schema["type"] == "object"
    assert output.parse('{"title": "1", "parts": [{"title": "1.1", "parts": []}]}').parts[0].title == "1.1"


def test_a_choice_at_the_root_is_wrapped() -> None:
    """A root `anyOf` is answered with 400 by some models."""
    output = Output.of(Card | Cash)
    assert set(output.wire.json_schema["properties"]) == {"value"}
    assert output.parse('{"value": {"kind": "cash"}}') == Cash(kind="cash")
    with pytest.raises(InvalidOutput):
        output.parse('{"kind": "cash"}')


@pytest.mark.parametrize(
    ("spec", "text", "value"),
    [
        (Tags, '["a"]', Tags(["a"])),
        (list[int], "[1, 2]", [1, 2]),
        (Decimal, '{"value": 12.30}', Decimal("12.3")),
        (bool, "true", True),
        (int | None, '{"value": null}', None),
        (dict[str, list[date]], '{"due": ["2026-01-01"]}', {"due": [date(2026, 1, 1)]}),
        ({"type": "object", "properties": {"a": {"const": "x"}}}, '{"a": "x"}', {"a": "x"}),
    ],
)
def test_other_types(spec: Any, text: str, value: Any) -> None:
    """Root models, containers, scalars and plain JSON Schema."""
    assert Output.of(spec).parse(text) == value


@pytest.mark.parametrize("text", ["Meals", " Meals\n", '"Meals"'])
def test_an_enum_is_asked_for_as_an_enum(text: str) -> None:
    """Strings of an Enum go as text/x.enum, whose answer is the bare word."""
    output = Output.of(Category)
    assert output.wire.mime_type == "text/x.enum"
    assert output.parse(text) is Category.meals


@pytest.mark.parametrize("text", ["meals", "Meals and travel", "", '"Meal', "null"])
def test_an_enum_takes_nothing_near(text: str) -> None:
    """A word that is not among the members is no answer."""
    with pytest.raises(InvalidOutput):
        Output.of(Category).parse(text)


def test_labels_go_by_number() -> None:
    """The label comes from our list, never from the model's spelling."""
    output = Output.labels(["billing", "refund"])
    assert "0: billing\n1: refund" in output.wire.json_schema["properties"]["index"]["description"]
    assert output.parse('{"index": 1}') == "refund"
    for wrong in ('{"index": 2}', '{"index": -1}', '{"index": "refund"}', '{"index": true}', '"refund"', "{}"):
        with pytest.raises(InvalidOutput):
            output.parse(wrong)


def test_several_labels() -> None:
    """A list of numbers, each once."""
    output = Output.labels(["a", "b", "c"], several=True)
    assert output.parse('{"indexes": [2, 0]}') == ("c", "a")
    assert output.parse('{"indexes": []}') == ()
    with pytest.raises(InvalidOutput):
        output.parse('{"indexes": [1, 1]}')


def test_choices_that_are_not_words_go_by_number() -> None:
    """An IntEnum or a Literal of numbers has no text/x.enum."""
    assert Output.of(Level).parse('{"index": 1}') is Level.high
    assert Output.of(Literal[10, 20]).parse('{"index": 0}') == 10


@pytest.mark.parametrize("labels", [[], ["a", "a"], ["a", " "], ["a", 1]])
def test_labels_that_cannot_be_told_apart_are_refused(labels: list[Any]) -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidOption):
        Output.of(labels)


@pytest.mark.parametrize(
    ("schema", "keyword"),
    [
        ({"type": "objekt"}, "type"),
        ({"$ref": "https://example.com/schema.json"}, r"\$ref"),
        ({"$ref": "#/$defs/missing"}, r"\$ref"),
        ({"type": "string", "pattern": "("}, "pattern"),
        ({"type": "string", "pattern": r"\p{Nonsense}"}, "pattern"),
        ({"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}, r"\$ref"),
        ({"minimum": "3"}, "minimum"),
        ({"not": 3}, "not"),
    ],
)
def test_a_schema_that_cannot_be_used_names_its_keyword(schema: dict[str, Any], keyword: str) -> None:
    """Nothing is fetched, and nothing is sent that would be answered with 400."""
    with pytest.raises(InvalidOption, match=f"`{keyword}`"):
        Output.of(schema)


def test_what_no_schema_can_be_made_of_is_refused() -> None:
    """A live object has no JSON form."""
    with pytest.raises(InvalidOption, match="no schema"):
        Output.of(threading.Event)


def test_the_digest_follows_content() -> None:
    """Equal schemas have equal digests; a changed description does not."""
    schema = {"type": "object", "properties": {"a": {"type": "string", "description": "x"}}}
    changed = {"type": "object", "properties": {"a": {"type": "string", "description": "y"}}}
    assert Output.of(schema).digest == Output.of(dict(reversed(schema.items()))).digest
    assert Output.of(schema).digest != Output.of(changed).digest


ARGUMENTS = {
    "type": "object",
    "properties": {"merchant": {"type": "string"}, "total": {"type": "number"}},
    "required": ["merchant"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("args", [{"merchant": "A", "total": 3}, '{"merchant": "A", "total": 3}'])
def test_arguments_that_fit(args: Any) -> None:
    """As a mapping or as JSON text."""
    assert validate_arguments(ARGUMENTS, args) == {"merchant": "A", "total": 3}


@pytest.mark.parametrize(
    "args",
    [{}, {"merchant": 1}, {"merchant": "A", "x": 1}, {"merchant": "A", "total": float("nan")}, [], "[]", "{", None],
)
def test_arguments_that_do_not_fit(args: Any) -> None:
    """Undeclared, missing, wrongly typed, or not an object."""
    with pytest.raises(InvalidOutput):
        validate_arguments(ARGUMENTS, args)


OUTPUTS = [Output.of(spec) for spec in (Bill, Clause, Category, ["a", "b"], Decimal, dict[str, Any])]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=80) | json_values.map(json.dumps) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1"))
)
def test_only_our_errors_escape_the_parser(text: str) -> None:
    """Whatever comes back, it is a value or an InvalidOutput."""
    for output in OUTPUTS:
        try:
            output.parse(text)
        except InvalidOutput:
            continue


keywords = st.sampled_from(
    ["type", "properties", "items", "anyOf", "oneOf", "allOf", "enum", "const", "required", "$ref", "minimum", "not",
     "additionalProperties", "prefixItems", "pattern", "format", "multipleOf", "maxItems", "$defs", "if", "then"]
)  # fmt: skip
pieces = st.recursive(
    st.sampled_from(["object", "string", "number", "null", "#", "#/$defs/a", "date", True, False, 0, 1, -1, 2.5, None]),
    lambda inner: st.dictionaries(keywords | st.just("a"), inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(keywords, pieces, max_size=5), json_values)
def test_only_our_errors_escape_any_schema(schema: dict[str, Any], value: Any) -> None:
    """A schema is translated or refused; a value is accepted or refused."""
    try:
        Output.of(schema).check(value)
    except GeminiError:
        return


@settings(max_examples=60, deadline=None)
@given(st.builds(Bill.model_construct, issued=st.dates(), category=st.sampled_from(Category),
                 payment=st.builds(Cash, kind=st.just("cash"), change=st.decimals(0, 999, places=2))))  # fmt: skip
def test_what_a_model_writes_it_reads_again(bill: Bill) -> None:
    """Serialised by pydantic, parsed by us, the value is the same."""
    text = TypeAdapter(Bill).dump_json(bill, by_alias=True, exclude_unset=True).decode()
    read = Output.of(Bill).parse(text)
    assert (read.issued, read.category, read.payment) == (bill.issued, bill.category, bill.payment)
