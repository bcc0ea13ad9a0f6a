"""The small flows, on the local reader where it can honestly work and on scripted answers where it cannot."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

import pytest

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.flows import (
    ask_folder,
    document_repository,
    moderate_content,
    read_feedback,
    reason_in_steps,
    research_papers,
    triage_requests,
    use_tools,
)
from prefect_gemini.flows.agents.tools import _listing, calculate
from prefect_gemini.flows.moderation import amoderate
from prefect_gemini.flows.passages import Passage, synthesize
from prefect_gemini.flows.repository import read_tree
from prefect_gemini.gemini.errors import (
    DocumentNotFound,
    InvalidOption,
    InvalidOutput,
    InvalidRequest,
    LeashExceeded,
    ServiceError,
)
from prefect_gemini.testing import LocalGemini, blocked, error, function_call, function_calls, json_reply, text

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

SOURCES = ("feedback", "content", "requests", "papers", "root", "folder", "documents")
NOTES = {
    "boiler.txt": "The boiler in hall 2 was serviced on 3 May. Its pressure valve was replaced by Ms Lindqvist.\n\n"
    "The next service of the boiler is due in November.",
    "canteen.txt": "The canteen serves lunch from noon. On Fridays there is fish soup with bread and butter.",
    "lift.txt": "The lift stopped twice in April. A technician changed the door sensor of the lift on Monday.",
}


@pytest.fixture
def model(gemini: LocalGemini) -> GeminiModel:
    """A model whose calls go to the test's own server."""
    return GeminiModel(model="flash", credentials=GeminiCredentials(service="local", base_url=gemini.base_url))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of notes."""
    place = tmp_path / "notes"
    place.mkdir()
    for name, words in NOTES.items():
        (place / name).write_text(words)
    return place


async def test_a_chain_of_five_builds_each_step_on_those_before(gemini, model, tmp_path):
    """Five calls, each with what was said before; each is timed and priced; the last is the answer."""
    gemini.script([text(f"Said {number}.") for number in range(5)])
    done = await reason_in_steps("How many tiles?", model=model, output=str(tmp_path))
    assert done.text == "Said 4."
    assert [step.name for step in done.steps] == ["understand", "plan", "work", "check", "answer"]
    assert done.cost == sum(step.cost for step in done.steps) > 0
    last = gemini.journal.generate_calls[-1].body["contents"][0]["parts"][0]["text"]
    assert all(f"Said {number}." in last for number in range(4))
    assert (tmp_path / "reason.md").read_text() == "Said 4.\n"


async def test_the_local_reader_refuses_to_reason(model, folder):
    """No made-up chain: the flow fails at the first step, with a way out."""
    with pytest.raises(InvalidRequest, match="does not reason"):
        await reason_in_steps("How many tiles does the floor need?", model=model)
    with pytest.raises(Exception, match="GOOGLE_API_KEY"):
        await reason_in_steps("What was replaced?", documents=str(folder), model=model)


async def test_three_tools_answer_a_question_about_a_folder(gemini, model, tmp_path):
    """List, read, reckon: each call is in the table, each turn in the steps."""
    (tmp_path / "a.txt").write_text("Total 12.50")
    (tmp_path / "b.txt").write_text("Total 7.25")
    gemini.script(
        [
            function_call("list_files"),
            function_calls(("read_file", {"name": "a.txt"}), ("read_file", {"name": "b.txt"})),
            function_call("calculate", {"expression": "12.50 + 7.25"}),
            text("19.75 in all."),
        ]
    )
    done = await use_tools("What do they sum to?", str(tmp_path), model=model)
    assert done.text == "19.75 in all."
    assert [row["call"] for row in done.rows] == ["list_files", "read_file", "read_file", "calculate"]
    results = str(gemini.journal.generate_calls[-1].body["contents"])
    assert "19.75" in results
    assert "Total 7.25" in results
    assert len(done.steps) == 8


async def test_the_tools_read_nothing_outside_the_folder_and_end_on_the_leash(gemini, model, tmp_path):
    """A model that asks for the password file is told no; one that never stops is stopped."""
    (tmp_path / "a.txt").write_text("Total 12.50")
    gemini.script([function_call("read_file", {"name": "/etc/passwd"}), text("I may not.")])
    done = await use_tools("Read it.", str(tmp_path), model=model)
    assert done.rows[0]["status"] == "refused"
    assert "root:" not in str(gemini.journal.generate_calls[-1].body)
    gemini.script(
        [lambda request: function_call("calculate", {"expression": f"1 + {len(request['contents'])}"})], times=None
    )
    with pytest.raises(LeashExceeded):
        await use_tools("Count for ever.", str(tmp_path), model=model, steps=3)


@pytest.mark.parametrize(
    ("expression", "value"), [("(12.50 + 3) * 2", "31.0"), ("-1 / 4", "-0.25"), ("0.1+0.2", "0.3")]
)
def test_reckoning_is_exact(expression, value):
    """Decimals, not binary fractions."""
    assert calculate(expression) == value


@pytest.mark.parametrize("expression", ["__import__('os')", "2 ** 99999999", "1 / 0", "x + 1", "'a' * 9"])
def test_reckoning_runs_nothing_else(expression):
    """No names, calls, powers or texts."""
    with pytest.raises((ValueError, ArithmeticError, SyntaxError)):
        calculate(expression)


async def test_a_folder_answers_with_the_passages_the_answer_rests_on(model, folder, tmp_path):
    """Retrieval by vectors, an answer in the passages' own words, every line with its source."""
    done = await ask_folder(
        "When was the boiler serviced?", str(folder), model=model, embedding=_embedder(model), passages=2
    )
    assert "The boiler in hall 2 was serviced on 3 May." in done.text
    assert "[1] boiler.txt" in done.text
    assert done.rows[0]["place"] == "boiler.txt"
    assert [step.name for step in done.steps] == ["read 3 passages", "embed passages", "embed question", "answer"]
    again = await ask_folder(
        "What colour is the lift?", str(folder), model=model, embedding=_embedder(model), passages=1
    )
    assert again.steps[1].from_ledger
    assert again.rows[0]["place"] == "lift.txt"
    assert "**No answer.**" in again.text
    assert again.failures[0]["document"] == "the answer"


async def test_an_answer_that_cites_what_is_not_there_is_refused(gemini, model, folder):
    """Citations are checked by code, and a sentence without one is marked."""
    gemini.script([text("On 3 May [1]. Nobody knows.\nThe valve was new.")])
    done = await ask_folder(
        "When was the boiler serviced?", str(folder), model=model, embedding=_embedder(model), passages=1
    )
    assert "*(no passage cited)*" in done.text
    gemini.script([text("On 4 May [7].")])
    with pytest.raises(InvalidOutput, match=r"\[7\]"):
        await ask_folder(
            "When was the boiler mended?", str(folder), model=model, embedding=_embedder(model), passages=1
        )


async def test_an_empty_folder_is_an_error_not_an_empty_answer(model, tmp_path):
    """Nothing to read is said before anything is asked."""
    with pytest.raises(DocumentNotFound):
        await ask_folder("Anything?", str(tmp_path), model=model)


async def test_research_keeps_only_sentences_that_stand_in_their_paper(gemini, model, folder, tmp_path):
    """An invented quote is left out; the synthesis cites paper by number."""
    quotes = {
        "boiler": "Its pressure valve was replaced by Ms Lindqvist.\nThe boiler exploded and nobody was hurt at all.",
        "canteen": "On Fridays there is fish soup with bread and butter.",
        "lift": "A technician changed the door sensor of the lift on Monday.",
    }

    def quoting(request):
        words = str(request["contents"])
        if "numbered passages" in words:
            return text("A valve and a sensor were replaced [1] [3].")
        return text(next(said for name, said in quotes.items() if NOTES[f"{name}.txt"][:20] in words))

    gemini.script([quoting], times=None)
    done = await research_papers(str(folder), "what was replaced", model=model, output=str(tmp_path / "out"))
    assert [row["text"] for row in done.rows] == [
        "Its pressure valve was replaced by Ms Lindqvist.",
        quotes["canteen"],
        quotes["lift"],
    ]
    assert "- [1] boiler.txt\n- [3] lift.txt" in done.text
    assert (tmp_path / "out" / "research.csv").exists()


async def test_research_on_the_local_reader_quotes_and_cites(model, folder):
    """Without a language model the synthesis is made of the papers' own sentences, each with its paper."""
    done = await research_papers(str(folder), "the boiler", model=model, output="")
    assert "*(no passage cited)*" not in done.text
    assert "boiler.txt" in done.text


async def test_the_outline_of_a_repository_is_made_by_code(tmp_path):
    """Purposes and public names come from the source; hidden and binary files are left out."""
    (tmp_path / "tool.py").write_text(
        '"""Turns bolts."""\n\n\ndef turn():\n    """Turn one."""\n\n\ndef _hidden():\n    pass\n'
    )
    (tmp_path / "logo.png").write_bytes(b"\x89PNG\0")
    (tmp_path / ".secret").write_text("key")
    done = await document_repository(str(tmp_path), prose=False, output="")
    assert done.text == "# Outline\n\n- `tool.py`: Turns bolts.\n  - `turn`: Turn one."


async def test_the_overview_of_a_repository_is_written_and_its_file_names_checked(gemini, model, tmp_path):
    """One call gets the tree; a file it names and that is not there is said."""
    (tmp_path / "tool.py").write_text('"""Turns bolts."""\n')
    gemini.script([text("Start with `tool.py`, then read `engine.py`.")])
    done = await document_repository(str(tmp_path), model=model, output="")
    assert "not in the tree: engine.py" in done.text
    assert "==== tool.py" in str(gemini.journal.generate_calls[0].body)


async def test_the_local_reader_writes_no_overview(model, tmp_path):
    """It says so, instead of quoting code as documentation."""
    (tmp_path / "tool.py").write_text('"""Turns bolts."""\n')
    with pytest.raises(ServiceError, match="does not write"):
        await document_repository(str(tmp_path), model=model, output="")


async def test_feedback_is_judged_by_the_schema_and_counted(gemini, model, tmp_path):
    """Sentiment, confidence and key points a text; an unsure one is for a person; the CSV has them all."""
    table = tmp_path / "feedback.csv"
    table.write_text("id,text\n1,Great product but slow shipping\n2,Meh\n")

    def judged(request):
        if "Great product" in str(request["contents"]):
            return json_reply({"sentiment": "positive", "confidence": 0.8, "key_points": ["product", "slow shipping"]})
        return json_reply({"sentiment": "neutral", "confidence": 0.4})

    gemini.script([judged], times=2)
    done = await read_feedback(str(table), text="text", model=model, output=str(tmp_path / "out"))
    assert [(row["sentiment"], row["look"]) for row in done.rows] == [("positive", ""), ("neutral", "yes")]
    assert "- slow shipping (1)" in done.text
    assert len(list(csv.DictReader((tmp_path / "out" / "feedback.csv").open()))) == 2


async def test_feedback_on_the_local_reader_fails_and_says_why(model, folder):
    """A judgement with a confidence is not printed anywhere, so the reader has none to copy."""
    with pytest.raises(ServiceError, match="None of 3 documents"):
        await read_feedback(str(folder), model=model, output="")


async def test_moderation_hears_the_filter_first_and_the_policy_second(gemini, model, tmp_path):
    """A prompt that the service blocks is a verdict; thresholds reach the service."""
    table = tmp_path / "posts.jsonl"
    posts = ["You are all wonderful.", "I will hurt you.", "Something the filter stops."]
    table.write_text("".join(json.dumps({"id": str(place), "text": post}) + "\n" for place, post in enumerate(posts)))

    def judged(request):
        words = str(request["contents"])
        if "filter stops" in words:
            return blocked("SAFETY", category="DANGEROUS_CONTENT")
        return json_reply({"index": 1 if "hurt" in words else 5})

    gemini.script([judged], times=3)
    done = await moderate_content(str(table), text="text", threshold="BLOCK_LOW_AND_ABOVE", model=model, output="")
    assert [(row["verdict"], row["by"]) for row in done.rows] == [
        ("allowed", "policy"),
        ("refused", "policy"),
        ("refused", "filter"),
    ]
    settings = gemini.journal.generate_calls[0].body["safetySettings"]
    assert {one["threshold"] for one in settings} == {"BLOCK_LOW_AND_ABOVE"}
    assert not done.failures


async def test_triage_on_the_local_reader_sorts_by_words(model, tmp_path):
    """Queues by what they are described with, urgent ones first, the gist in the customer's words."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "1.txt").write_text("My parcel has not arrived. The tracking of my order has not moved for a week.")
    (inbox / "2.txt").write_text("The app crashes with an error on start. We cannot work, please help immediately.")
    (inbox / "3.txt").write_text("I was charged twice on the last invoice and would like a refund of one payment.")
    done = await triage_requests(str(inbox), model=model, output=str(tmp_path / "out"))
    assert [(row["queue"], row["urgent"]) for row in done.rows] == [
        ("technical", "urgent"),
        ("delivery", ""),
        ("billing", ""),
    ]
    assert (tmp_path / "out" / "triage.csv").exists()


DRY = {
    "feedback": (read_feedback, {}, 3, ""),
    "moderation": (moderate_content, {}, 3, ""),
    "triage": (triage_requests, {}, 9, ""),
    "research": (research_papers, {"about": "the boiler"}, 3, "The synthesis is not in the bill"),
    "repository": (document_repository, {}, 1, "made by code"),
    "outline": (document_repository, {"prose": False}, 0, "made by code"),
    "ask": (
        ask_folder,
        {"question": "When was the boiler serviced?"},
        5,
        "Tokens of texts to be embedded are estimated",
    ),
    "tools": (use_tools, {"task": "What do they sum to?"}, 1, "the leash ends them: 8 turns, $0.25"),
    "reason": (reason_in_steps, {"task": "How many tiles?"}, 1, "Each step builds on the answer before it"),
}


@pytest.mark.parametrize(("flow", "options", "calls", "note"), DRY.values(), ids=DRY)
async def test_a_dry_run_counts_and_sends_and_writes_nothing(
    gemini, model, folder, tmp_path, flow, options, calls, note
):
    """Every call that can be known is counted; what cannot be is said, and nothing is generated or embedded."""
    source = next(name for name in flow.parameters.properties if name in SOURCES)
    state = await flow(
        **{source: str(folder)}, **options, model=model, output=str(tmp_path / "out"), dry_run=True, return_state=True
    )
    assert state.name == "Dry run"
    estimate = await state.result()
    assert (estimate.calls, estimate.documents) == (calls, 0 if flow is use_tools else 3)
    assert any(note in one for one in estimate.notes) or not note
    assert not estimate.unread
    assert {entry.kind for entry in gemini.journal.entries} <= {"count"}
    assert not (tmp_path / "out").exists()


async def test_a_dry_run_goes_on_where_the_ledger_has_the_answer(gemini, model):
    """A chain that was paid for up to its third step is counted from there."""
    gemini.script([text("One."), text("Two."), error(400)])
    with pytest.raises(InvalidRequest):
        await reason_in_steps("How many tiles?", model=model)
    estimate = await reason_in_steps("How many tiles?", model=model, dry_run=True)
    assert (estimate.in_ledger, estimate.calls) == (2, 1)
    assert estimate.sentence.startswith("1 calls, 2 already paid for")


def _embedder(model: GeminiModel) -> GeminiModel:
    return model.model_copy(update={"model": "gemini-embedding-001"})


async def test_a_policy_without_allowed_is_refused(model, folder):
    """Everything would offend against something."""
    with pytest.raises(InvalidOption, match="allowed"):
        await amoderate.fn("hello", policy={"spam": "advertising"}, model=model)


def test_a_tree_is_read_without_git_and_runs_nothing_of_its_own(tmp_path, monkeypatch):
    """The tree's own configuration may name a program; and a machine may have no git."""
    (tmp_path / "a.py").write_text("pass\n")
    ran, hook = tmp_path / ".ran", tmp_path / ".hook"
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "a.py"], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "config", "core.fsmonitor", str(hook)], check=True)
    assert "a.py" in [one.path for one in read_tree.fn(str(tmp_path))]
    assert not ran.exists()
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert [one.path for one in read_tree.fn(str(tmp_path))] == ["a.py"]


def test_a_link_out_of_the_folder_is_not_listed(tmp_path):
    """The files of the folder are listed all the same; what lies outside may not be read anyway."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.txt").write_text("a")
    (tmp_path / "b.txt").write_text("b")
    (root / "b.txt").symlink_to(tmp_path / "b.txt")
    assert _listing(root.resolve()).function() == ["a.txt"]


async def test_what_a_paper_cites_is_no_citation_of_ours(gemini, model):
    """Papers number their sources in the same brackets; and a model may name two passages in one."""
    found = [
        Passage(document="a.pdf", page=2, text="Valves fail in spring [2]."),
        Passage(document="b.pdf", page=1, text="Pumps do not [57]."),
    ]
    gemini.script([text("Valves fail in spring (2). [1]\nBoth were measured. [1, 2]")])
    said, _ = await synthesize(found, "valves", model=model)
    assert "spring (2)." in str(gemini.journal.generate_calls[0].body)
    assert "Both were measured. [1][2]" in said
    assert "no passage cited" not in said
    gemini.script([text("Both were measured. [1, 3]")])
    with pytest.raises(InvalidOutput, match="cites passages"):
        await synthesize(found, "pumps", model=model)


async def test_reasoning_about_an_empty_folder_asks_nothing(gemini, model, tmp_path):
    """An answer without the documents that were named would only look like one."""
    with pytest.raises(DocumentNotFound, match="no document"):
        await reason_in_steps("Who pays?", documents=str(tmp_path), model=model)
    assert not gemini.journal.generate_calls
