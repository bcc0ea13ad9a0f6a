"""What code finds in the text of an agreement: outline, defined terms, references, lengths of time, deadlines."""

from __future__ import annotations

import datetime

import lawyer
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect_gemini.flows.contracts.approval import subject_of
from prefect_gemini.flows.contracts.compare import compare
from prefect_gemini.flows.contracts.deadlines import deadlines_of, entries_of
from prefect_gemini.flows.contracts.definitions import check_definitions, definitions_of
from prefect_gemini.flows.contracts.facts import Proven, prove
from prefect_gemini.flows.contracts.findings import find
from prefect_gemini.flows.contracts.models import ClauseAnswer, DayFact, Facts, LawFact, MoneyFact, Party, SpanFact
from prefect_gemini.flows.contracts.outline import Outline
from prefect_gemini.flows.contracts.parts import merge_answers, merge_facts, split
from prefect_gemini.flows.contracts.playbook import Clause
from prefect_gemini.flows.contracts.read import Reading
from prefect_gemini.flows.contracts.references import check_references
from prefect_gemini.flows.contracts.review import Review
from prefect_gemini.flows.contracts.spans import (
    Span,
    UnknownCountry,
    after,
    before,
    is_business_day,
    last_business_day,
    spans_in,
)
from prefect_gemini.flows.ics import write_calendar
from prefect_gemini.gemini.evidence.grounding import Source
from prefect_gemini.pages import instructions_in

DAY = datetime.date


def test_the_outline_has_articles_sections_items_and_exhibits():
    """Numbers as they are referred to, each with its stretch; a wrapped line that begins with a reference is none."""
    text = """1. DEFINITIONS
1.1 "Fees" means the fees under
Section 5 (Payment) of this Agreement.
2. SERVICE
2.1 The Service has parts:
(a) one,
(b) two.
5. PAYMENT
5.1 Thirty days.
EXHIBIT A: PRICES
"""
    outline = Outline(text)
    assert [one.number for one in outline.sections] == [
        "1",
        "1.1",
        "2",
        "2.1",
        "2.1(a)",
        "2.1(b)",
        "5",
        "5.1",
        "Exhibit A",
    ]
    assert outline.by_number["5"].title == "PAYMENT"
    assert outline.at(text.index("two")).number == "2.1(b)"
    assert text[outline.by_number["2"].start : outline.by_number["2"].end].endswith("two.\n")


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("as set out in Section 2.9.", "dangling_reference"),
        ("as set out in Section 9.", "dangling_reference"),
        ("under Sections 2.1, 2.2 and 2.7.", "dangling_reference"),
        ("as set out in Section 3 (Term).", "wrong_reference"),
        ("the Fees (as defined in Section 2.1) are due.", "wrong_reference"),
        ("as listed in Exhibit C.", "missing_attachment"),
        ("as set out in Section 2.1.", ""),
        ("as set out in Section 3 (Payment).", ""),
        ("as set out in Exhibit A.", ""),
        ("under Section 409A of the Internal Revenue Code.", ""),
        ("under Section 12 of the Lease.", ""),
        ("under Section 13(d) of the Exchange Act.", ""),
        ("Bankruptcy Code Section 365(n) applies.", ""),
    ],
)
def test_references_that_lead_nowhere_or_elsewhere_are_found(said, code):
    """References to other documents and to laws are left alone."""
    text = f"""1. DEFINITIONS
1.1 "Fees" means what is owed.
2. SERVICE
2.1 It is hosted.
2.2 It is kept running.
3. PAYMENT
3.1 Payment is made {said}
4. TERM
4.1 One year.
EXHIBIT A
"""
    found = check_references(Outline(text), definitions_of(text))
    assert [one.code for one in found] == ([code] if code else [])
    assert all(one.quote in text and one.section == "3.1" for one in found)


@pytest.mark.parametrize(
    "definition",
    [
        '"Licensed Products" means the goods.',
        "“Licensed Products” shall mean the goods.",
        'the goods listed below (the "Licensed Products").',
        'the goods (collectively, the "Licensed Products" or "Goods").',
        "the goods, hereinafter called the Licensed Products.",
        "The Licensed Products as defined in Exhibit A are goods.",
        "Licensed Products: the goods.",
    ],
)
def test_however_a_term_is_defined_it_is_defined(definition):
    """Every way that agreements define terms counts."""
    text = f"{definition}\nThe buyer pays for the Licensed Products, and returns any Licensed Product that is broken."
    assert check_definitions(Outline(text), definitions_of(text)) == ()


@pytest.mark.parametrize(
    ("used", "terms"),
    [
        ("The buyer pays the Service Fees and, if late, the Service Fees twice.", ["Service Fees"]),
        ("The buyer pays, under the Chief Executive Officer's eye, to the Bank of England.", []),
        ("The buyer, in the State of New York, pays by the end of January.", []),
        ("The buyer may use the Documentation.", []),
    ],
)
def test_terms_that_are_never_defined_are_found(used, terms):
    """Names and titles are no terms, and one capital is a slip of the pen."""
    found = check_definitions(Outline(used), definitions_of(used))
    assert [one.message.split("'")[1] for one in found] == terms


def test_the_samples_have_what_they_were_written_to_have():
    """The clean agreement has nothing; in the risky one every planted fault is found."""
    clean, risky = (lawyer.sample(name) for name in ("01-hosting-clean", "02-hosting-risky"))
    for text, expected in (
        (clean, set()),
        (risky, {"Section 9.4", "Section 12", "Exhibit B", "'Data'", "'Subscription Term'", "'Authorized Users'"}),
    ):
        outline, terms = Outline(text), definitions_of(text)
        remarks = [*check_references(outline, terms), *check_definitions(outline, terms)]
        found = {name for name in expected if any(name in one.message for one in remarks)}
        assert found == expected
        assert len(remarks) <= len(expected) + 1
    assert instructions_in(clean) == ()
    assert instructions_in(risky)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("thirty (30) days", [Span(30, "days")]),
        ("a 12-month period", [Span(12, "months")]),
        ("five business days", [Span(5, "business_days")]),
        ("ninety-day notice", [Span(90, "days")]),
        ("one hundred and twenty (120) calendar days", [Span(120, "days")]),
        ("one hundred eighty days", [Span(180, "days")]),
        ("two (2) years and six months", [Span(2, "years"), Span(6, "months")]),
        ("for a year", [Span(1, "years")]),
        ("the other day", []),
    ],
)
def test_lengths_of_time_are_read_as_agreements_write_them(text, spans):
    """Words, digits, both; business days apart from days."""
    assert list(spans_in(text)) == spans


@pytest.mark.parametrize(
    ("day", "span", "expected"),
    [
        (DAY(2026, 1, 31), Span(1, "months"), DAY(2026, 2, 28)),
        (DAY(2024, 2, 29), Span(1, "years"), DAY(2025, 2, 28)),
        (DAY(2026, 12, 15), Span(2, "months"), DAY(2027, 2, 15)),
        (DAY(2026, 11, 27), Span(1, "business_days"), DAY(2026, 11, 30)),
        (DAY(2026, 11, 24), Span(2, "weeks"), DAY(2026, 12, 8)),
    ],
)
def test_calendar_arithmetic(day, span, expected):
    """Months end where they end; weekends are no business days."""
    assert after(day, span) == expected


@given(
    st.dates(DAY(1990, 1, 1), DAY(2090, 1, 1)), st.integers(0, 400), st.sampled_from(["days", "weeks", "business_days"])
)
def test_there_and_back_is_never_later(day, length, unit):
    """Counting back undoes counting on, up to the weekend the day itself was in."""
    span = Span(length, unit)
    back = before(after(day, span), span)
    assert (
        back == day
        if unit != "business_days" or is_business_day(day)
        else day <= back <= day + datetime.timedelta(2) or back <= day
    )


def test_public_holidays_are_no_business_days():
    """Christmas moves a deadline to the day before; an unknown country is an error that says what to write."""
    assert last_business_day(DAY(2026, 12, 26), country="DE") == DAY(2026, 12, 24)
    assert not is_business_day(DAY(2026, 7, 3), country="US")
    with pytest.raises(UnknownCountry) as failure:
        is_business_day(DAY(2026, 1, 1), country="XX")
    assert "US" in failure.value.hint


@pytest.mark.parametrize(
    ("proven", "expected"),
    [
        (Proven(effective=DAY(2026, 3, 1), term=Span(1, "years")), {"effective": DAY(2026, 3, 1), "expires": DAY(2027, 2, 28)}),
        (Proven(expires=DAY(2026, 12, 31), notice=Span(90, "days")), {"expires": DAY(2026, 12, 31), "notice": DAY(2026, 10, 2)}),
        (
            Proven(effective=DAY(2020, 1, 31), term=Span(1, "years"), renewal=Span(1, "years"), automatic=True, notice=Span(2, "months")),
            {"effective": DAY(2020, 1, 31), "renews": DAY(2027, 1, 31), "notice": DAY(2026, 11, 30)},
        ),
        (Proven(effective=DAY(2020, 1, 1)), {"effective": DAY(2020, 1, 1)}),
        (Proven(automatic=True, renewal=Span(1, "years")), {}),
    ],
)  # fmt: skip
def test_deadlines_follow_from_the_facts(proven, expected):
    """Renewals are followed to the term that runs today; what does not follow is not guessed."""
    found = deadlines_of(proven, today=DAY(2026, 11, 24))
    assert {one.kind: one.day for one in found} == expected


def test_entries_keep_their_identity():
    """The same document exports the same entries, so that a calendar updates and does not double them."""
    deadlines = deadlines_of(Proven(expires=DAY(2027, 1, 1)), today=DAY(2026, 1, 1))
    once, again = (entries_of(deadlines, name=name, digest="d" * 64) for name in ("old name", "new name"))
    assert [one.uid for one in once] == [one.uid for one in again]


TEXT = 'This Agreement is dated 2 May 2026 between Alpha Ltd ("Alpha") and Beta Ltd. The term is three (3) years. It costs $1,200 a year under the laws of Ohio.'


@pytest.mark.parametrize(
    ("facts", "value", "codes"),
    [
        (Facts(agreement_date=DayFact(date="2026-05-02", quote="is dated 2 May 2026")), ("agreed", DAY(2026, 5, 2)), []),
        (Facts(agreement_date=DayFact(date="2026-02-05", quote="is dated 2 May 2026")), ("agreed", DAY(2026, 5, 2)), ["facts_disagree"]),
        (Facts(agreement_date=DayFact(date="2026-05-02", quote="made on the second of May")), ("agreed", None), ["unsupported_fact"]),
        (Facts(term=SpanFact(length=36, unit="months", quote="The term is three (3) years.")), ("term", Span(36, "months")), []),
        (Facts(term=SpanFact(length=5, unit="years", quote="The term is three (3) years.")), ("term", Span(3, "years")), ["facts_disagree"]),
        (Facts(term=SpanFact(quote="The term is three (3) years.")), ("term", Span(3, "years")), []),
        (Facts(money=(MoneyFact(amount=1300, currency="USD", quote="It costs $1,200 a year"),)), ("term", None), ["facts_disagree"]),
        (Facts(parties=(Party(name="Gamma", quote="Gamma Ltd of Ohio"),)), ("term", None), ["unsupported_fact"]),
        (Facts(governing_law=LawFact(law="Ohio", quote="the laws of Ohio")), ("term", None), []),
    ],
)  # fmt: skip
def test_facts_hold_only_where_their_passage_says_so(facts, value, codes):
    """Code reads days, lengths and amounts again; a passage that is not there proves nothing."""
    proven = prove(facts, Source(TEXT))
    name, expected = value
    assert getattr(proven, name) == expected
    assert [one.code for one in proven.remarks] == codes


def test_a_long_agreement_is_cut_between_sections_with_its_definitions():
    """Nothing is lost, nothing is too long, and each part but the first begins with the definitions."""
    body = "".join(f"\n\n{number}. SECTION {chr(64 + number)}\n\n" + "Words of it. " * 120 for number in range(2, 12))
    text = '1. DEFINITIONS\n\n1.1 "Fees" means what is owed for the year.' + body
    parts = split(Outline(text), definitions_of(text), characters=4000)
    assert "".join(text[part.start : part.end] for part in parts) == text
    assert all(len(part.text) <= 4200 for part in parts)
    assert all('"Fees" means' in part.text for part in parts)
    assert all(text[part.start :].lstrip().startswith(part.sections[0]) for part in parts[1:])
    assert len(parts) > 3


@given(st.text(alphabet="ab .\n", max_size=5000), st.integers(1000, 3000))
def test_cutting_loses_nothing(text, characters):
    """Whatever the text: the parts are the text."""
    parts = split(Outline(text), {}, characters=characters)
    assert "".join(text[part.start : part.end] for part in parts) == text
    assert all(part.end - part.start <= characters for part in parts)


def test_answers_of_parts_are_merged_with_their_origin():
    """Present in any part is present; parts that disagree leave the position unclear."""
    one = ClauseAnswer(present=True, quotes=("a",), position="preferred")
    other = ClauseAnswer(present=True, quotes=("a", "b"), position="unacceptable")
    absent = ClauseAnswer(present=False)
    assert merge_answers([absent, one]) == (one, (2,))
    merged, where = merge_answers([one, absent, other])
    assert (merged.quotes, merged.position, where) == (("a", "b"), "unclear", (1, 3))
    assert merge_answers([absent, absent]) == (ClauseAnswer(present=False), ())
    law = LawFact(law="Ohio", quote="x")
    party = Party(name="A", quote="x")
    facts = merge_facts(
        [Facts(parties=(party,)), Facts(governing_law=law, parties=(party, Party(name="B", quote="y")))]
    )
    assert [one.name for one in facts.parties] == ["A", "B"]
    assert facts.governing_law == law


@pytest.mark.parametrize(
    ("begins", "term", "ends"),
    [
        (DAY(2024, 2, 29), Span(1, "years"), DAY(2025, 2, 28)),
        (DAY(2026, 1, 31), Span(1, "months"), DAY(2026, 2, 28)),
        (DAY(2026, 8, 31), Span(6, "months"), DAY(2027, 2, 28)),
        (DAY(2026, 3, 31), Span(1, "months"), DAY(2026, 4, 30)),
        (DAY(2026, 3, 1), Span(1, "months"), DAY(2026, 3, 31)),
        (DAY(2023, 3, 1), Span(1, "years"), DAY(2024, 2, 29)),
    ],
)
def test_a_term_that_begins_at_the_end_of_a_month_ends_with_a_month(begins, term, ends):
    """Where the last month has no such day the term ends with it, not a day before."""
    (found,) = [one for one in deadlines_of(Proven(agreed=begins, term=term), today=begins) if one.kind == "expires"]
    assert found.day == ends


def test_a_month_to_month_agreement_is_followed_for_decades():
    """One of 1999 renews next month, and not in 2017."""
    old = Proven(agreed=DAY(1999, 1, 1), term=Span(1, "years"), renewal=Span(1, "months"), automatic=True)
    (found,) = deadlines_of(old, today=DAY(2026, 11, 24))
    assert found.day == DAY(2026, 12, 1)


@pytest.mark.parametrize(
    "proven",
    [
        Proven(expires=DAY(9999, 12, 31)),
        Proven(expires=DAY(9999, 12, 31), automatic=True, renewal=Span(1, "years")),
        Proven(effective=DAY(2020, 1, 1), term=Span(9999, "years")),
    ],
)
def test_the_end_of_the_calendar_is_no_error(proven, tmp_path):
    """An agreement for ever is written as one that ends in 9999; what lies beyond falls due for nobody."""
    found = deadlines_of(proven, today=DAY(2026, 11, 24))
    path = write_calendar(
        tmp_path / "a.ics",
        entries_of(found, name="a", digest="d" * 64),
        name="a",
        made_at=datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC),
    )
    assert path.read_bytes().count(b"BEGIN:VEVENT") == len(found)


@pytest.mark.parametrize(
    ("passage", "day", "says"),
    [
        ("This Agreement is dated 03/04/2026.", DAY(2026, 4, 3), "may also be 2026-03-04"),
        ("It takes effect on the day of the last signature.", DAY(2026, 4, 3), "finds no day"),
        ("This Agreement is dated 23/04/2026.", DAY(2026, 4, 23), ""),
        ("This Agreement is dated 3 April 2026 (03/04/2026).", DAY(2026, 4, 3), ""),
    ],
)
def test_a_day_that_is_not_clear_is_said_so(passage, day, says):
    """Day and month in either order, and a day that the model alone knows, are for a person to check."""
    found = prove(Facts(agreement_date=DayFact(date=day, quote=passage)), Source(passage))
    told = [one.message for one in found.remarks if one.code == "date_unclear"]
    assert (says in told[0]) if says else not told


@pytest.mark.parametrize(
    ("law", "remarks"), [("Delaware", 1), ("New York", 0), ("State of New York", 0), ("NEW YORK", 0)]
)
def test_a_law_that_its_passage_does_not_name_is_told(law, remarks):
    """A quote that is there proves nothing of another state."""
    passage = "It is governed by the laws of New York."
    found = prove(Facts(governing_law=LawFact(law=law, quote=passage)), Source(passage))
    assert len([one for one in found.remarks if one.code == "facts_disagree"]) == remarks


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ("It may be terminated upon\n30 days notice.", "It may be terminated upon\n60 days notice.", "reworded"),
        ("Late payments bear\n1.5 percent a month.", "Late payments bear\n2.5 percent a month.", "reworded"),
        ("12.1 Each party may terminate.", "13.2 Each party may terminate.", "same"),
        ("12 Term. It may end.", "13 Term. It may end.", "same"),
        ("It ends:\n(a) on notice;\n(b) by law.", "It ends:\n(b) on notice;\n(c) by law.", "same"),
    ],
)
def test_a_number_that_counts_is_no_number_of_a_section(before, after, change):
    """Renumbering changes nothing; a notice of 60 days at the beginning of a line does."""
    assert compare(*(_read(text) for text in (before, after))).clauses[0].change == change


def _read(text: str) -> Reading:
    clause = Clause(key="end", title="End", question="Which passages end it?", preferred="Thirty days.")
    answer = ClauseAnswer(present=True, quotes=(text,), position="preferred", reason="So it is.")
    found = find(clause, answer, Source(text), Outline(text))
    return Reading(name="a", digest="d", media_type="text/plain", playbook="p", playbook_title="P", findings=(found,), proven=Proven())  # fmt: skip


def test_a_form_is_about_one_text():
    """Where the document was replaced while the run was suspended, what was decided of the old one does not hold."""
    made = datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC)
    reviews = [Review(reading=_read(text), run_id="r", reviewed_at=made) for text in ("One.", "One.", "Two.")]
    first, same, other = (subject_of(one, one.reading.findings) for one in reviews)
    assert first == same != other
