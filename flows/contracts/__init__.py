"""Contracts: an agreement is held against a playbook, every finding with its page."""

from prefect_gemini.flows.contracts.flow import ContractResult, review_contract
from prefect_gemini.flows.contracts.overdue import settle_approvals
from prefect_gemini.flows.contracts.playbook import Playbook
from prefect_gemini.flows.contracts.portfolio import PortfolioResult, review_portfolio
from prefect_gemini.flows.contracts.read import Reading, aread_contract, read_contract
from prefect_gemini.flows.contracts.review import Decision, Review
from prefect_gemini.flows.contracts.versions import ComparisonResult, compare_contracts

__all__ = [
    "ComparisonResult",
    "ContractResult",
    "Decision",
    "Playbook",
    "PortfolioResult",
    "Reading",
    "Review",
    "aread_contract",
    "compare_contracts",
    "read_contract",
    "review_contract",
    "review_portfolio",
    "settle_approvals",
]
