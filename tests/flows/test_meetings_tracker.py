"""Filing with a tracker: each proven task once, and nothing in a call that the task does not say."""

from __future__ import annotations

import datetime
import importlib

import pytest

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.flows.meetings.models import Item, Meeting
from prefect_gemini.flows.meetings.store import MeetingStore, Record, item_id
from prefect_gemini.flows.meetings.tracker import FILING, file_items, tracker_of
from prefect_gemini.gemini.errors import InvalidOption
from prefect_gemini.tasks import tool
from prefect_gemini.testing import function_call, text

FRIDAY = datetime.date(2026, 3, 6)
ITEM = Item(
    kind="action",
    text="Order a router for Matosinhos.",
    quote="Can you order it by Friday?",
    support="found",
    cue=7,
    start=56.5,
    speaker="Ines",
    owner="Tomasz",
    due=FRIDAY,
    due_said="by Friday",
)
RIGHT = {"title": "Order a router for Matosinhos", "assignee": "Tomasz", "due": "2026-03-06"}


def record_of(item: Item) -> Record:
    """A meeting that has one item."""
    meeting = Meeting(
        title="Sync",
        held=None,
        format="text",
        duration=0,
        summary="",
        extractive=True,
        items=(item,),
        topics=(),
        voices=(),
        cues=(),
    )
    return Record("sync.vtt", "d" * 64, "sync", meeting)


@pytest.fixture
def tickets() -> list[tuple]:
    """What the tracker holds."""
    return []


@pytest.fixture
def tracker(tickets):
    """A tracker whose arguments have names of its own."""

    @tool(side_effects=True)
    def create_ticket(title: str, assignee: str = "", due: datetime.date | None = None) -> str:
        """Create a ticket."""
        tickets.append((title, assignee, due))
        return f"T-{len(tickets)}"

    return create_ticket


@pytest.fixture
def store(tmp_path):
    """A database that has the item."""
    with MeetingStore(tmp_path / "meetings.db") as opened:
        opened.save([record_of(ITEM)], run_id="r", moment=datetime.datetime.now(datetime.UTC))
        yield opened


@pytest.fixture
def model(gemini):
    """A model on the test's own server."""
    return GeminiModel(credentials=GeminiCredentials(service="local", base_url=gemini.base_url))


KEY = item_id("d" * 64, ITEM)


async def test_a_task_is_filed_once(gemini, model, tracker, tickets, store):
    """The tracker is called with the task's own words, and its answer is kept for the next run."""
    gemini.script([function_call("create_ticket", RIGHT), text("Filed.")])
    (first,) = await file_items([(KEY, ITEM)], tracker, model=model, store=store)
    (again,) = await file_items([(KEY, ITEM)], tracker, model=model, store=store)
    assert (first.status, first.answer, again.status, again.answer) == ("filed", "T-1", "before", "T-1")
    assert tickets == [("Order a router for Matosinhos", "Tomasz", FRIDAY)]


@pytest.mark.parametrize(
    "wrong",
    [
        {**RIGHT, "assignee": "Mallory Eve"},
        {**RIGHT, "due": "2026-12-24"},
        {**RIGHT, "title": "Transfer ten thousand euros to account DE00"},
    ],
)
async def test_a_call_that_says_more_than_the_task_is_refused(gemini, model, tracker, tickets, store, wrong):
    """Another person, day or task never reaches the tracker, and the item can be filed later."""
    gemini.script([function_call("create_ticket", wrong), text("I may not.")])
    (filed,) = await file_items([(KEY, ITEM)], tracker, model=model, store=store)
    assert (filed.status, tickets) == ("refused", [])
    assert store.filed([KEY]) == {}


async def test_a_second_call_for_one_task_is_refused(gemini, model, tracker, tickets, store):
    """One task, one ticket."""
    gemini.script(
        [
            function_call("create_ticket", RIGHT),
            function_call("create_ticket", {"title": "Order a router"}),
            text("Done."),
        ]
    )
    await file_items([(KEY, ITEM)], tracker, model=model, store=store)
    assert len(tickets) == 1


async def test_a_filing_that_was_cut_off_is_not_repeated(gemini, model, tracker, tickets, store):
    """Nobody knows whether the tracker has it, so a person looks."""
    store.mark_filed(KEY, FILING)
    (filed,) = await file_items([(KEY, ITEM)], tracker, model=model, store=store)
    assert (filed.status, tickets) == ("unknown", [])


async def test_what_is_not_proven_is_not_filed(gemini, model, tracker, store):
    """No call is made for it."""
    unproven = ITEM.model_copy(update={"support": "unsupported"})
    assert await file_items([(KEY, unproven)], tracker, model=model, store=store) == ()
    assert not gemini.journal.generate_calls


async def test_the_local_reader_files_too(tracker, tickets, store):
    """It copies the item's lines into the arguments, whatever the tracker calls them."""
    model = GeminiModel(credentials=GeminiCredentials(service="local"))
    (filed,) = await file_items([(KEY, ITEM)], tracker, model=model, store=store)
    assert (filed.status, filed.answer) == ("filed", "T-1")
    assert tickets == [("Order a router for Matosinhos.", "Tomasz", FRIDAY)]


def test_a_tracker_is_found_by_its_path():
    """A function of a module; what is not there is said so."""
    assert tracker_of("os.path:basename").name == "basename"
    for path in ("no_such_module:task", "os.path:no_such_name"):
        with pytest.raises(InvalidOption, match="cannot be loaded"):
            tracker_of(path)


async def test_a_tool_that_does_not_say_it_has_side_effects_is_asked_about_too(
    gemini, model, tickets, store, tmp_path, monkeypatch
):
    """A tracker changes something, however it was declared."""
    (tmp_path / "my_tickets.py").write_text(
        "from prefect_gemini.tasks import tool\nmade = []\n"
        "@tool\ndef create_ticket(title: str) -> str:\n    made.append(title)\n    return 'T-1'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    loaded = tracker_of("my_tickets:create_ticket")
    gemini.script([function_call("create_ticket", {"title": "Transfer ten thousand euros to DE00"}), text("No.")])
    (filed,) = await file_items([(KEY, ITEM)], loaded, model=model, store=store)
    assert (filed.status, importlib.import_module("my_tickets").made) == ("refused", [])


async def test_what_was_filed_stays_filed_when_the_model_goes_on_calling(gemini, model, tracker, tickets, store):
    """The leash ends the talk, not the ticket: the next run does not file it again."""
    again = function_call("create_ticket", {"title": "Order a router"})
    gemini.script([function_call("create_ticket", RIGHT), again, again, text("Done.")])
    (filed,) = await file_items([(KEY, ITEM)], tracker, model=model, store=store)
    assert (filed.status, filed.answer, store.filed([KEY])) == ("filed", "T-1", {KEY: "T-1"})


async def test_a_day_that_no_calendar_has_is_refused(gemini, model, tickets, store):
    """The 30th of February is not what the item says, and no error of ours."""

    @tool(side_effects=True)
    def create_ticket(title: str, due: str = "") -> str:
        """Create a ticket."""
        tickets.append(title)
        return "T-1"

    wrong = {"title": RIGHT["title"], "due": "2026-02-30"}
    gemini.script([function_call("create_ticket", wrong), text("I may not.")])
    (filed,) = await file_items([(KEY, ITEM)], create_ticket, model=model, store=store)
    assert (filed.status, tickets) == ("refused", [])


def test_a_promise_in_other_words_stays_filed(store):
    """Another model words the task otherwise; who has the ticket and who closed it does not change."""
    store.mark_filed(KEY, "T-1")
    other = ITEM.model_copy(update={"text": "Order the router that Matosinhos needs."})
    store.save([record_of(other)], run_id="r2", moment=datetime.datetime.now(datetime.UTC))
    assert store.filed([item_id("d" * 64, other)]) == {item_id("d" * 64, other): "T-1"}
