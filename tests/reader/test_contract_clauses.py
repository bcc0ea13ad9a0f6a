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
    ("governing_law", "This Agreement is to be construed according to the law of the State of Illinois."),
    ("governing_law", "The validity and interpretation of this Agreement shall be determined by Florida law."),
    ("governing_law", "THIS AGREEMENT SHALL BE DEEMED MADE IN AND GOVERNED BY GEORGIA LAW."),
    ("governing_law", "The internal laws of the State of Nevada shall govern the rights of the parties."),
    ("expiration", "The term of this Agreement shall begin on the Effective Date and end on December 31, 2012."),
    ("expiration", "This Agreement will become effective on the date signed and will remain in full force and effect for a period of ten years."),
    ("expiration", "The initial term is 24 months from the Launch Date."),
    ("expiration", "Unless earlier terminated in accordance with Section 9, this Agreement shall expire on the fifth anniversary of the Effective Date."),
    ("renewal", "Thereafter, this Agreement shall be extended automatically for additional twelve month periods."),
    ("renewal", "This Agreement may be renewed upon mutual written agreement for additional one-year terms."),
    ("renewal", "Upon expiration of the Initial Term, the Agreement shall continue on a month-to-month basis."),
    ("renewal", "Licensee shall have two consecutive options to renew the term for five years each."),
    ("notice_of_non_renewal", "Either party may elect not to renew by giving the other at least 60 days' written notice before the end of the term."),
    ("notice_of_non_renewal", "It shall be renewed automatically unless one party provides the other with written notice of termination not less than 30 days before the end of the then current term."),
    ("notice_of_non_renewal", "The agreement is extended year by year unless cancelled by either side in writing three months before expiry."),
    ("cap_on_liability", "IN NO EVENT WILL EITHER PARTY BE LIABLE FOR LOST PROFITS OR ANY FORM OF INDIRECT DAMAGES."),
    ("cap_on_liability", "Supplier's maximum liability under this contract shall be the purchase price of the goods."),
    ("cap_on_liability", "Licensor's total liability to Licensee shall in no case exceed $50,000."),
    ("cap_on_liability", "Except for indemnity obligations, neither party's liability shall exceed the amount of fees paid."),
    ("termination_for_convenience", "Company may, in its sole discretion, terminate this Agreement upon 60 days notice."),
    ("termination_for_convenience", "Distributor may terminate this Agreement for any reason or no reason on ninety (90) days prior written notice."),
    ("termination_for_convenience", "This Agreement may be terminated by either party upon thirty days written notice to the other."),
    ("termination_for_convenience", "Either party shall have the right to terminate at will by giving 3 months notice."),
    ("anti_assignment", "Neither this Agreement nor any rights hereunder may be assigned without prior written approval."),
    ("anti_assignment", "Consultant may not delegate or assign its duties."),
    ("anti_assignment", "This Agreement is personal to Franchisee and may not be transferred without Franchisor's written permission."),
    ("anti_assignment", "No assignment of this Agreement shall be valid unless the other party consents in writing."),
    ("audit_rights", "Licensee shall permit an independent accountant appointed by Licensor to examine its accounts."),
    ("audit_rights", "Buyer may visit and inspect Supplier's facilities upon reasonable notice."),
    ("audit_rights", "Records shall be available for audit for two years."),
    ("audit_rights", "Company shall make its books available for inspection by the Agent."),
    ("exclusivity", "Supplier shall not sell the Products to any other person in the Territory."),
    ("exclusivity", "Customer agrees to purchase all of its requirements of fuel from Seller."),
    ("exclusivity", "Company shall be the sole supplier of the beverages at the events."),
    ("exclusivity", "During the Term Network will not display advertising of competitors of Sponsor."),
    ("non_compete", "Distributor shall not sell products that compete with the Products."),
    ("non_compete", "During the term the Agent shall not represent any manufacturer of competing goods."),
    ("non_compete", "Executive agrees not to engage in any Competitive Business for one year."),
    ("non_compete", "Franchisee covenants that it will not have any interest in a similar restaurant within ten miles."),
    ("insurance", "Supplier shall at all times carry product liability cover with a reputable insurer naming Buyer as an additional insured."),
    ("insurance", "Tenant shall keep the Equipment insured against all risks."),
    ("insurance", "The policies of insurance shall name the City as additional insured."),
    ("warranty_duration", "The warranty shall run for eighteen months from shipment."),
    ("warranty_duration", "Developer warrants for a period of 90 days following acceptance that the software will perform."),
    ("warranty_duration", "Products are warranted for one (1) year from date of installation."),
    ("warranty_duration", "Any defects reported within 30 days of delivery will be corrected free of charge."),
    ("license_grant", "Subject to the terms hereof, Licensor hereby grants to Licensee and Licensee accepts a non-transferable license under the Patents."),
    ("license_grant", "Affiliate is permitted to use the Company logo on its web site."),
    ("license_grant", "Customer shall have a limited right to access and use the Service."),
    ("license_grant", "Sponsor may use the Team's name and logo in its advertising."),
    ("ip_ownership_assignment", "All inventions made by Contractor in the course of the work shall belong to Company."),
    ("ip_ownership_assignment", "Any improvements to the Product shall be owned exclusively by Licensor."),
    ("ip_ownership_assignment", "Title to the deliverables shall vest in Client upon payment."),
    ("ip_ownership_assignment", "Developer agrees to assign to Publisher all copyrights in the Work."),
    ("return_of_materials", "Following termination the Subscriber may download its data for sixty days."),
    ("return_of_materials", "All copies will be destroyed and the data erased when the term ends."),
    ("data_ownership", "Client retains title to Client Data and grants Vendor a licence to Client Data for support only."),
    ("minimum_commitment", "Distributor must achieve annual sales of not less than 10,000 units."),
    ("minimum_commitment", "Licensee shall pay a guaranteed minimum annual royalty of $100,000."),
    ("minimum_commitment", "Customer commits to spend at least $1 million over the Term."),
    ("minimum_commitment", "The minimum order quantity is 500 cases."),
    ("revenue_sharing", "Company shall pay Agent a commission of ten percent on all net sales."),
    ("revenue_sharing", "Licensee will pay Licensor royalties equal to 5% of Net Sales."),
    ("revenue_sharing", "Host shall receive 30% of gross advertising revenue."),
    ("revenue_sharing", "Partner is entitled to 50 percent of the profits."),
    ("liquidated_damages", "If Customer terminates early it shall pay a cancellation charge equal to three monthly fees."),
    ("liquidated_damages", "Contractor shall pay a penalty of $1,000 per day of delay."),
    ("liquidated_damages", "The parties agree that such sum is liquidated damages and not a penalty."),
    ("liquidated_damages", "Upon early termination Client shall pay a termination fee."),
    ("no_solicit_of_employees", "Client agrees not to hire any employee of Consultant for one year."),
    ("no_solicit_of_employees", "Neither party shall, directly or indirectly, recruit or induce any employee of the other to leave."),
    ("no_solicit_of_employees", "Customer shall not solicit the services of Vendor's personnel."),
    ("no_solicit_of_employees", "Franchisee shall not employ any person employed by Franchisor."),
    ("most_favored_nation", "Supplier shall offer Buyer prices as low as those charged to any other customer."),
    ("most_favored_nation", "If Licensor grants more favorable terms to another licensee, Licensee shall be entitled to them."),
    ("most_favored_nation", "Prices charged shall not exceed the lowest price charged to others."),
    ("change_of_control", "Either party may terminate if the other is acquired by a competitor."),
    ("change_of_control", "A change in the ownership of more than 50% of the shares shall require prior written consent."),
    ("change_of_control", "Any merger of Distributor shall be deemed an assignment requiring consent."),
    ("change_of_control", "Company may terminate upon the sale of substantially all of Dealer's assets or a change of control."),
    ("uncapped_liability", "The limits in Section 9 do not apply to death or personal injury caused by negligence."),
    ("uncapped_liability", "Except for breaches of confidentiality, neither party shall be liable for consequential damages."),
    ("uncapped_liability", "Nothing in this Agreement shall exclude liability for fraud."),
    ("uncapped_liability", "EXCEPT FOR ITS INDEMNIFICATION OBLIGATIONS, IN NO EVENT SHALL A PARTY'S LIABILITY EXCEED THE FEES."),
    ("compelled_disclosure", "A party may disclose information as far as it is compelled by a court order, after prompt notice."),
    ("permitted_use", "Recipient may use the information solely for the Purpose and show it only to staff who need to know it."),
    ("no_license", "Nothing in this Agreement shall be construed as granting a licence under any patent."),
    ("mutuality", "Each party may disclose information to the other, and each will protect what it receives."),
    ("confidential_information", '"Confidential Information" means everything that is marked confidential.'),
    ("confidentiality_exceptions", "The duty does not apply to information that is publicly available or was independently developed."),
    ("return_of_materials", "Upon request Recipient shall return or destroy all copies of the information."),
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
    ("confidential_information", "Confidential Information does not include what is public."),
    ("permitted_use", "Lessee shall use the premises for offices."),
    ("governing_law", "The terms are construed in accordance with applicable law."),
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
        ("notice_period", "", "notice_period"),
        ("notice_period", "How long before its end must notice be given to stop the renewal?", "notice_of_non_renewal"),
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
