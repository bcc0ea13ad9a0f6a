"""`prefect-gemini contract`: what it refuses before anything runs, and the form on the terminal."""

from __future__ import annotations

import io
import sys

import pytest

from prefect_gemini.cli import app, contract_decide


def leave(*words: str) -> int:
    """The exit status of a command line."""
    with pytest.raises(SystemExit) as left:
        app(list(words))
    return int(str(left.value.code))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("contract", "nosuch.pdf"), "there is no file 'nosuch.pdf'"),
        (("contract", "compare", __file__, "nosuch.pdf"), "there is no file 'nosuch.pdf'"),
        (("contract", "portfolio"), "name at least one folder"),
        (("contract", "decide", "not-an-id"), "is no flow run's id"),
    ],
)
def test_the_obvious_mistakes_are_one_line_and_status_2(words, said, capsys):
    """Nothing was started."""
    assert leave(*words) == 2
    told = capsys.readouterr()
    assert said in " ".join(told.err.split())
    assert not told.out


@pytest.mark.parametrize("command", [(), ("compare",), ("portfolio",), ("decide",), ("waiting",)])
def test_every_command_has_help(command, capsys):
    """It says what the command does."""
    app(["contract", *command, "--help"], exit_on_error=False, result_action="return_value")
    told = capsys.readouterr().out
    assert f"Usage: prefect-gemini contract{' ' if command else ''}{' '.join(command)}" in told
    assert len(told) > 100


def test_decisions_are_taken_from_options():
    """`all` first, then single clauses; amended wording after the equals sign."""
    chosen = contract_decide._given(["cap", "law"], ("all",), (), ("cap=No less than two years' fees = good",))
    assert chosen == {
        "cap": {"choice": "amend", "amended_text": "No less than two years' fees = good"},
        "law": {"choice": "accept"},
    }


def test_a_clause_that_is_not_asked_about_is_named(capsys):
    """A slip of the pen decides nothing."""
    with pytest.raises(SystemExit) as left:
        contract_decide._given(["cap", "law"], ("cup",), (), ())
    assert left.value.code == 2
    assert "does not ask about cup" in capsys.readouterr().err


def test_without_a_terminal_what_is_missing_is_named(capsys, monkeypatch):
    """A script is told which options it lacks instead of being asked."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(SystemExit):
        contract_decide._ask({"schema": {"properties": {}}, "description": ""}, ["cap", "law"], {"law": {}})
    assert "Not decided: cap" in capsys.readouterr().err


def test_what_is_said_of_one_clause_outweighs_what_is_said_of_all():
    """To accept all but one is to reject that one; two answers for one clause are an error."""
    given = contract_decide._given(["cap", "audit", "term"], ("all",), ("cap",), ("term=Three years of it.",))
    assert {key: answer["choice"] for key, answer in given.items()} == {
        "cap": "reject",
        "audit": "accept",
        "term": "amend",
    }
    with pytest.raises(SystemExit):
        contract_decide._given(["cap"], ("cap",), ("cap",), ())
    with pytest.raises(SystemExit):
        contract_decide._given(["cap"], ("all",), ("all",), ())
