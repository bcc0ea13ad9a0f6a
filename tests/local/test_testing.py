"""What users hold in their own tests: the fixture, the marker, the block, assertions on what was sent."""

from __future__ import annotations

import os
import time

import pytest
from google import genai
from google.cloud import storage
from google.genai import errors, types

from prefect_gemini.cli.local import line
from prefect_gemini.local import LocalGemini
from prefect_gemini.testing import Fault, Pace, error, json_reply, local_gemini, reset, text

MODEL = "gemini-3.8-flash"


def ask(words: str = "hello", **config: object) -> str | None:
    client = genai.Client(api_key="k")
    return client.models.generate_content(model=MODEL, contents=words, config=config or None).text  # type: ignore[arg-type]


@pytest.mark.gemini(replies=[text("first"), text("second")], faults=[error(503), error(429, retry_after=1)])
def test_marker_scripts_and_faults(gemini: LocalGemini) -> None:
    """Faults strike once each, in order; then the script answers."""
    for code in (503, 429):
        with pytest.raises(errors.APIError) as raised:
            ask()
        assert raised.value.code == code
    assert [ask("again"), ask("again and again")] == ["first", "second"]
    assert gemini.journal.verdict().of("ran_past_quota")


def test_what_was_sent_can_be_asserted(gemini: LocalGemini) -> None:
    """Words, media, functions, model and count; a failure lists what was sent instead."""
    gemini.script(text("ok"), times=None)
    ask("read this receipt", system_instruction="be brief", temperature=0.5)
    client = genai.Client(api_key="k")
    client.models.generate_content(
        model="gemini-3.5-flash", contents=["and this", types.Part.from_bytes(data=b"x", mime_type="image/png")]
    )
    assert gemini.assert_sent(contains=["receipt", "brief"], times=1)[0].config["temperature"] == 0.5
    assert gemini.assert_sent(media="image/png")[0].model == "gemini-3.5-flash"
    gemini.assert_sent(contains="invoice", times=0)
    with pytest.raises(AssertionError, match=r"expected 2 request\(s\).*found 1.*\n.*'read this receipt'"):
        gemini.assert_sent(contains="receipt", times=2)
    assert gemini.sent[1].system_instruction == ""


def test_schema_and_functions_are_read_in_either_dialect(gemini: LocalGemini) -> None:
    """What the SDK sends in snake_case and in OpenAPI's types is found all the same."""
    gemini.script(json_reply({}), times=None)
    ask("x", response_mime_type="application/json", response_schema={"type": "OBJECT", "properties": {}})
    ask("y", tools=[{"function_declarations": [{"name": "book", "description": "d"}]}])
    assert gemini.sent[0].schema == {"type": "OBJECT", "properties": {}}
    assert gemini.assert_sent(function="book")[0].text == "y"


def test_block_hides_credentials_and_gives_them_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside, nothing in the environment leads to Google; outside, everything is as before."""
    monkeypatch.setenv("GOOGLE_API_KEY", "real")
    monkeypatch.delenv("GOOGLE_GEMINI_BASE_URL", raising=False)
    with local_gemini(text("here")) as gemini:
        assert "GOOGLE_API_KEY" not in os.environ
        assert ask() == "here"
        assert storage.Client(project="p").create_bucket("receipts").name == "receipts"
        assert gemini.storage.list("gs://receipts/") == []
    assert os.environ["GOOGLE_API_KEY"] == "real"
    assert "GOOGLE_GEMINI_BASE_URL" not in os.environ


@pytest.mark.gemini(
    replies=[text(str(number)) for number in range(8)], faults=[Fault(reset(), probability=0.5, seed=3)], rpm=100
)
def test_rules_strike_by_chance_and_repeatably(gemini: LocalGemini) -> None:
    """The same seed, the same calls."""
    went = []
    for number in range(8):
        try:
            ask(str(number))
            went.append("+")
        except Exception:
            went.append("-")
    assert "".join(went) == "".join("+" if entry.whole else "-" for entry in gemini.journal.generate_calls)
    assert {"+", "-"} == set(went)
    assert gemini.quota.rpm == 100


@pytest.mark.gemini(replies=[text("a")], pace=Pace(first_token_s=0.2), tpm=50)
def test_pace_and_quota_come_with_the_marker(gemini: LocalGemini) -> None:
    """An answer takes its time; a second one is over the tokens a minute until the clock is moved."""
    began = time.monotonic()
    assert ask("word " * 40) == "a"
    assert time.monotonic() - began >= 0.2
    with pytest.raises(errors.ClientError, match="429"):
        ask("word " * 40)
    gemini.quota.halve()
    assert gemini.quota.tpm == 25
    gemini.clock.move(61)
    gemini.script(text("b"))
    assert ask("word " * 4) == "b"


def test_a_script_that_runs_dry_fails_the_test() -> None:
    """The code under test may swallow the error; the block does not."""
    with pytest.raises(AssertionError, match="ran dry"), local_gemini(text("only one")):  # noqa: PT012
        ask()
        with pytest.raises(errors.ClientError, match="run dry"):
            ask()


@pytest.mark.gemini(replies=[text("a")], faults=[error(429, retry_after=2)])
def test_live_log_says_what_came_of_each_request(gemini: LocalGemini) -> None:
    """Status, model, tokens, who answered, and how long the client was asked to wait."""
    with pytest.raises(errors.ClientError):
        ask()
    ask()
    refused, answered = (line(entry).plain for entry in gemini.journal)
    assert "429" in refused
    assert refused.endswith("by fault  wait 2 s")
    assert "200" in answered
    assert MODEL in answered
    assert "tokens" in answered
    assert answered.endswith("by script")
