"""The clause pack: wording that is a clause, wording that only looks like it, and questions that mean it."""

from __future__ import annotations

import pytest

from prefect_gemini.local.reader.contracts.find import Question, answers
from prefect_gemini.local.reader.contracts.pack import CLAUSES, clause_for
from prefect_gemini.local.reader.intake import page_of_text
from prefect_gemini.local.reader.resolve import Reading

IS = [
    ("governing_law", "Any dispute shall be decided under, and this Agreement governed by, the laws of Ireland."),
    ("governing_law", "The laws of the Province of Alberta shall apply to this contract."),
    ("jurisdiction", "Each party submits to the exclusive jurisdiction of the courts of Dublin."),
    ("expiration", "This Agreement shall remain in effect for five years from its date."),
    ("renewal", "Customer has the option to extend the lease for two further periods of 12 months each."),
    ("notice_of_non_renewal", "It renews unless a party notifies the other in writing, sixty days before the term expires, that it does not wish to renew."),
    ("termination_for_convenience", "Buyer may cancel this contract for convenience on 30 days' notice."),
    ("termination_for_cause", "If a party breaches this Agreement, the other may terminate it after ten days."),
    ("anti_assignment", "Licensee shall not assign or transfer its rights hereunder without Licensor's consent."),
    ("change_of_control", "Customer may terminate on thirty days' notice if there is a change in control of Vendor."),
    ("cap_on_liability", "Vendor's aggregate liability is limited to the fees paid in the preceding year."),
    ("cap_on_liability", "No action arising out of this contract may be brought more than one year after the cause of action arose."),
    ("uncapped_liability", "The foregoing limitation does not apply to a party's indemnification obligations."),
    ("insurance", "Contractor shall maintain commercial general liability insurance of $2,000,000 per occurrence."),
    ("warranty_duration", "Seller warrants the goods against defects for one year after delivery."),
    ("liquidated_damages", "For each day of delay Builder shall pay $500 as liquidated damages and not as a penalty."),
    ("license_grant", "Author hereby grants Publisher a worldwide right and license to use the photographs."),
    ("ip_ownership_assignment", "Consultant hereby assigns to Company all right, title and interest in the inventions."),
    ("audit_rights", "Licensor shall have the right to inspect the books and records of Licensee."),
    ("exclusivity", "Grower shall sell all of its berries exclusively to Packer."),
    ("non_compete", "For two years Seller shall not own or operate any business that competes with the Company."),
    ("no_solicit_of_employees", "Neither party will solicit for employment or hire the employees of the other."),
    ("most_favored_nation", "The prices shall be no less favorable than those offered to any other customer."),
    ("minimum_commitment", "Dealer shall order at least 200 units in every quarter."),
    ("revenue_sharing", "Publisher shall pay a royalty of 8% of net sales."),
    ("right_of_first_refusal", "Tenant shall have a right of first refusal to buy the building."),
    ("covenant_not_to_sue", "Licensee shall not contest the validity of the trademarks."),
    ("third_party_beneficiary", "There are no third-party beneficiaries of this Agreement."),
    ("confidentiality", "Recipient shall hold the information in confidence and shall not disclose it."),
    ("service_levels", "Provider guarantees an availability of 99.5 % and grants service credits below it."),
    ("data_protection", "Provider shall notify Customer of any security breach that affects personal data."),
    ("indemnification", "Seller shall indemnify and hold harmless Buyer from all claims."),
    ("force_majeure", "No party is liable for delay caused by acts of God or events beyond its control."),
    ("price_changes", "Provider may increase the fees by no more than 5 % a year."),
]  # fmt: skip

IS_NOT = [
    ("governing_law", "Acme is a corporation organized and existing under the laws of the State of Delaware."),
    ("governing_law", "The parties shall comply with all applicable laws of the European Union."),
    ("termination_for_convenience", "Either party may terminate this Agreement if the other is in material breach and fails to cure it."),
    ("exclusivity", "Licensor grants a non-exclusive licence to use the maps."),
    ("exclusivity", "The courts of London have exclusive jurisdiction."),
    ("exclusivity", "This is the sole and exclusive remedy of the buyer."),
    ("non_compete", "The price shall be competitive with prices in the market."),
    ("non_compete", "Nothing in this Agreement prevents a party from developing competing products."),
    ("anti_assignment", "Consultant hereby assigns all right, title and interest in the inventions to Company."),
    ("license_grant", "Nothing herein shall be construed as granting any license under a patent."),
    ("ip_ownership_assignment", "Neither party may assign this Agreement without prior written consent."),
    ("audit_rights", "Buyer may inspect the goods on delivery and reject units that are broken."),
    ("insurance", "Contractor pays its own taxes, wages and health insurance for its staff."),
    ("minimum_commitment", "Tenant shall give at least sixty days' notice."),
    ("minimum_commitment", "Builder shall carry insurance with a minimum coverage of $1,000,000."),
    ("revenue_sharing", "In no event is a party liable for lost profits or revenue."),
    ("liquidated_damages", "Customer may cancel without penalty."),
    ("change_of_control", '"Affiliate" means any entity under common control with a party.'),
    ("no_solicit_of_employees", "The parties are independent contractors and not employees of one another."),
    ("renewal", "Seller may extend the time for delivery."),
    ("most_favored_nation", "The results of the study were favorable."),
    ("expiration", "The duty of confidentiality shall survive for five years after termination of this Agreement."),
]  # fmt: skip


def about(sentence: str) -> Reading:
    """A page with one sentence between two that say nothing."""
    return Reading((page_of_text(f"The parties met in spring.\n\n{sentence}\n\nThe annex lists the colours.", 1),))


@pytest.mark.parametrize(("clause", "sentence"), IS)
def test_a_clause_is_found_by_its_wording(clause: str, sentence: str) -> None:
    """And quoted word for word, nothing beside it."""
    assert [hit.passage.text for hit in answers(about(sentence), Question(clause))] == [sentence]


@pytest.mark.parametrize(("clause", "sentence"), IS_NOT)
def test_what_only_looks_like_a_clause_is_none(clause: str, sentence: str) -> None:
    """The same words in another sense are not quoted."""
    assert answers(about(sentence), Question(clause)) == []


@pytest.mark.parametrize(
    ("name", "question", "clause"),
    [
        ("non_compete", "", "non_compete"),
        ("capOnLiability", "", "cap_on_liability"),
        ("limitation_of_liability", "", "cap_on_liability"),
        ("Governing Law", "", "governing_law"),
        ("notice_period_to_terminate_renewal", "", "notice_of_non_renewal"),
        ("auto_renewal", "", "renewal"),
        ("no_solicitation_of_customers", "", "no_solicit_of_customers"),
        ("mfn", "", "most_favored_nation"),
        ("clause_7", "Which passages say what law governs?", "governing_law"),
        ("q3", "Who owns the intellectual property that is created?", "ip_ownership_assignment"),
        ("", "Which passages let a party audit the records of the other?", "audit_rights"),
    ],
)
def test_names_and_questions_mean_clauses(name: str, question: str, clause: str) -> None:
    """By the key first, by the question where the key tells nothing."""
    found = clause_for(name, question)
    assert found is not None
    assert found.name == clause


def test_a_question_of_nothing_known_means_no_clause() -> None:
    """It is answered by the words it shares with the text."""
    assert clause_for("colour", "Which colour is the casing?") is None


def test_every_clause_answers_to_its_own_name() -> None:
    """And its patterns compile."""
    for name, clause in CLAUSES.items():
        assert clause_for(name) is clause
        assert answers(about("Nine herons stood in the shallow water."), Question(name)) == []


@pytest.mark.parametrize(
    ("name", "quote"),
    [
        ("expiration", "1.1 This Agreement takes effect on June 1, 2021"),
        ("renewal", "1.2 The Agreement will automatically renew"),
        ("notice_of_non_renewal", "1.2 The Agreement will automatically renew"),
        ("termination_for_convenience", "2.2 Osprey may terminate"),
        ("minimum_commitment", "3.1 Osprey shall purchase a minimum"),
        ("exclusivity", "3.2 Larkfield appoints Osprey as its exclusive"),
        ("license_grant", "4.1 Larkfield grants Osprey"),
        ("audit_rights", "5.1 Osprey shall keep complete books"),
        ("warranty_duration", "6.1 Larkfield warrants"),
        ("uncapped_liability", "7.3 The limitations"),
        ("confidentiality", "8.1 Each party shall keep"),
        ("anti_assignment", "9.1 Neither party may assign"),
        ("governing_law", "9.2 This Agreement shall be governed"),
    ],
)
def test_clauses_of_an_agreement(contract: Reading, name: str, quote: str) -> None:
    """The first quote is the clause."""
    assert answers(contract, Question(name))[0].passage.text.startswith(quote)


@pytest.mark.parametrize(
    "name",
    [
        "non_compete",
        "insurance",
        "no_solicit_of_employees",
        "most_favored_nation",
        "liquidated_damages",
        "change_of_control",
        "ip_ownership_assignment",
        "revenue_sharing",
    ],
)
def test_clauses_an_agreement_does_not_have(contract: Reading, name: str) -> None:
    """Nothing is quoted for what is not there."""
    assert answers(contract, Question(name)) == []


def test_a_question_in_its_own_words_is_answered_by_shared_words() -> None:
    """Rare words count most; a question about what is not mentioned has no answer."""
    reading = about("The casing is painted in signal green by the paint shop in Trondheim.")
    assert answers(reading, Question("", "Where is the casing painted?"))[0].passage.text.startswith("The casing")
    assert answers(reading, Question("", "Who insures the submarine?")) == []
