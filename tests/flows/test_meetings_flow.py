"""The meetings flow over the samples that come with the project, on the local reader."""

from __future__ import annotations

import csv
import datetime
import re
import sqlite3
from pathlib import Path

import icalendar
import pytest
from prefect.client.orchestration import get_client

from prefect_gemini.blocks import GeminiCredentials, GeminiModel
from prefect_gemini.flows import process_meetings
from prefect_gemini.flows.meetings import MeetingsResult
from prefect_gemini.flows.meetings.inbox import one_each
from prefect_gemini.flows.meetings.store import MeetingStore, series_of
from prefect_gemini.gemini.costs.estimate import Estimate
from prefect_gemini.gemini.errors import DocumentNotFound, InvalidOption
from prefect_gemini.testing import json_reply

pytestmark = [pytest.mark.usefixtures("prefect_server"), pytest.mark.xdist_group("prefect")]

FIRST, SECOND = "product-sync-2026-03-02.vtt", "product-sync-2026-03-09.txt"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the run of this module writes."""
    return tmp_path_factory.mktemp("meetings")


@pytest.fixture(scope="module")
async def result(prefect_server: None, examples: Path, folder: Path) -> MeetingsResult:
    """One run over both meetings of the series and a broken file; what each test looks at."""
    inbox = folder / "inbox"
    inbox.mkdir()
    for name in (FIRST, SECOND):
        (inbox / name).write_bytes((examples / "meetings" / name).read_bytes())
    (inbox / "broken.vtt").write_text("00:00:01.000 --> 00:00:02.000\nno header")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", f"sqlite:///{folder / 'ledger.db'}")
        return await process_meetings(str(inbox), output=str(folder / "out"))


async def test_promises_have_their_owner_day_and_second(result):
    """What a reader of the transcript would write down."""
    (first, _) = result.meetings
    found = {(item.owner, str(item.due), item.start) for item in first.meeting.of("action")}
    assert ("Tomasz Nowak", "2026-03-04", 27.5) in found
    assert ("Tomasz Nowak", "2026-03-06", 56.5) in found
    assert ("Jonas Weber", "2026-03-13", 177.5) in found
    assert any("four euros and ten cents" in item.text for item in first.meeting.of("decision"))
    assert any("contracts" in item.quote for item in first.meeting.of("question"))


async def test_every_time_is_that_of_a_cue(result):
    """Inside the recording, and the words of the quote begin there."""
    for one in result.meetings:
        for item in one.meeting.items:
            cue = one.meeting.cues[item.cue]
            assert item.start == cue.start
            assert item.quote.split()[0] in cue.text
            assert item.start <= item.end <= one.meeting.duration


async def test_speaking_times_add_up(result):
    """By code, from the cues."""
    (first, second) = result.meetings
    assert sum(voice.seconds for voice in first.meeting.voices) == pytest.approx(
        sum(cue.end - cue.start for cue in first.meeting.cues), abs=0.5
    )
    assert {voice.name for voice in second.meeting.voices} == {
        "Ines Ferreira",
        "Tomasz Nowak",
        "Jonas Weber",
        "Priya Raman",
    }


async def test_the_summary_is_called_what_it_is(result):
    """The local reader quotes; the report and the artifact say so."""
    assert all(one.meeting.extractive for one in result.meetings)
    assert "quoted sentences, not written" in result.report.read_text()


async def test_a_broken_file_is_reported_and_the_others_are_read(result):
    """With its reason and what to do."""
    (failure,) = result.failures
    assert (failure.name, failure.failure.kind) == ("broken.vtt", "CorruptDocument")
    assert failure.failure.hint


async def test_the_second_meeting_says_what_is_still_open(result):
    """With what is overdue and where it is spoken of; only a person closes an item."""
    (_, second) = result.meetings
    carried = result.carried[second.digest]
    report = next(one for one in carried if "installation report" in one.text)
    assert (report.overdue, report.said_done, report.start) == (True, True, 10.0)
    with MeetingStore(result.database) as store:
        store.close_item(report.id, moment=datetime.datetime.now(datetime.UTC))
        assert report.id not in {one.id for one in store.open_before(second)}


async def test_rows_sheet_and_calendar_hold_the_same_items(result):
    """Each proven task once; in the calendar those with a day."""
    tasks = [item for one in result.meetings for item in one.meeting.of("action")]
    with result.csv.open(newline="", encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == len(tasks)
    events = icalendar.Calendar.from_ical(result.calendar.read_bytes()).walk("VEVENT")
    assert sorted(event.decoded("dtstart") for event in events) == sorted(item.due for item in tasks if item.due)
    with sqlite3.connect(result.database) as database:
        (rows,) = database.execute("select count(*) from meeting_items where kind = 'action'").fetchone()
    assert rows == len(tasks)


async def test_every_mark_of_the_timeline_leads_to_its_words(result):
    """No link of the report is dead, and nothing is fetched."""
    html = result.report.read_text()
    targets = set(re.findall(r'id="([^"]+)"', html))
    links = set(re.findall(r'href="#([^"]+)"', html))
    assert links
    assert links <= targets
    assert "http" not in re.sub(r"<meta[^>]*>", "", html)


async def test_a_second_run_pays_for_nothing_and_keeps_what_was_closed(result, folder, monkeypatch):
    """The ledger has every answer; a person's mark stays."""
    monkeypatch.setenv("PREFECT_INTEGRATIONS_GEMINI_LEDGER_URL", f"sqlite:///{folder / 'ledger.db'}")
    before = _statuses(result.database)
    again = await process_meetings(str(folder / "inbox"), output=str(folder / "out"))
    assert all(one.from_ledger for one in again.meetings)
    assert _statuses(result.database) == before


async def test_the_ui_shows_report_tables_progress_and_link(result):
    """The run's artifacts are there for the Prefect UI."""
    async with get_client() as client:
        artifacts = await client.read_artifacts(limit=200)
    keys = {one.key for one in artifacts if str(one.flow_run_id) == result.flow_run_id}
    assert keys == {
        "meetings-progress",
        "meetings-report",
        "meetings-actions",
        "meetings-decisions",
        "meetings-still-open",
        "meetings-failures",
        "meetings-evidence",
    }


async def test_a_dry_run_shows_the_bill_and_writes_nothing(examples, tmp_path):
    """Before anything is spent."""
    found = await process_meetings(str(examples / "meetings" / FIRST), output=str(tmp_path / "out"), dry_run=True)
    assert isinstance(found, Estimate)
    assert found.bills
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"timezone": "Berlin"}, InvalidOption),
        ({"tracker": "no.such:thing"}, InvalidOption),
        ({}, DocumentNotFound),
    ],
)
async def test_a_mistake_is_said_before_anything_is_read(tmp_path, arguments, error):
    """A wrong zone, a tracker that is not there, a folder without meetings."""
    with pytest.raises(error):
        await process_meetings(str(tmp_path), output=str(tmp_path / "out"), **arguments)


async def test_an_empty_folder_is_fine_for_a_schedule(tmp_path):
    """A folder of recordings may be empty in the evening."""
    quiet = await process_meetings(str(tmp_path), output=str(tmp_path / "out"), empty_is_ok=True)
    assert quiet.meetings == ()


async def test_what_gemini_makes_up_is_flagged_and_counted_nowhere(gemini, examples, tmp_path):
    """A time on the wrong cue is corrected, a quote nobody said proves nothing, and the e-mail has neither."""
    item = {"speaker": "Tomasz Nowak", "time": "00:02:00", "owner": "Tomasz", "due": "by Wednesday"}
    gemini.script(
        [
            json_reply(
                {
                    "summary": "The pilot went well.",
                    "decisions": [],
                    "action_items": [
                        {"task": "Send the report.", "quote": "I'll send the installation report", **item},
                        {"task": "Pay a million.", "quote": "I will pay you a million euros", **item},
                    ],
                    "open_questions": [],
                    "topics": [{"title": "Pilot", "start": "00:00:08", "summary": None, "sentiment": "positive"}],
                }
            )
        ]
    )
    model = GeminiModel(credentials=GeminiCredentials(service="local", base_url=gemini.base_url))
    found = await process_meetings(str(examples / "meetings" / FIRST), model=model, output=str(tmp_path))
    (meeting,) = (one.meeting for one in found.meetings)
    (kept,) = meeting.of("action")
    assert (kept.start, str(kept.due), "corrected" in kept.notes[0]) == (27.5, "2026-03-04", True)
    assert [one.text for one in meeting.unproven] == ["Pay a million."]
    assert "million" not in found.csv.read_text()
    assert "million" not in re.search(r"<pre>(.*?)</pre>", found.report.read_text(), re.DOTALL)[1]
    (call,) = gemini.journal.generate_calls
    assert "[00:00:27] Tomasz Nowak: I'll send the installation report" in str(call.body)


@pytest.mark.parametrize(
    ("name", "series"),
    [
        (FIRST, "product sync"),
        (SECOND, "product sync"),
        ("GMT20260302-233000_Recording.transcript.vtt", "recording"),
        ("acdt_2026-02-02_068.corrected.vtt", "acdt"),
        ("2026-03-02.vtt", "2026-03-02"),
    ],
)
def test_a_series_is_the_name_without_its_date(name, series):
    """A file that is only a date is a series of its own."""
    assert series_of(name) == series


@pytest.mark.parametrize(
    ("sources", "kept"),
    [
        (["z/GMT1_Recording.m4a", "z/GMT1_Recording.transcript.vtt", "z/GMT1_Recording_1920x1080.mp4"], ["z/GMT1_Recording.transcript.vtt"]),
        (["z/a.wav", "z/b.vtt"], ["z/a.wav", "z/b.vtt"]),
        (["x/a.wav", "y/a.vtt"], ["x/a.wav", "y/a.vtt"]),
    ],
)  # fmt: skip
def test_a_recording_beside_its_transcript_is_not_heard_again(sources, kept):
    """It would be paid twice; what is left out is named."""
    found, left = one_each(sources)
    assert found == kept
    assert [path for path, _ in left] == [one for one in sources if one not in kept]


async def test_a_picture_is_no_meeting(examples, tmp_path):
    """Reported with what to do, before any call."""
    found = await process_meetings(str(examples / "receipts" / "01-cafe-berlin.jpg"), output=str(tmp_path))
    (failure,) = found.failures
    assert failure.failure.kind == "UnsupportedMedia"
    assert "WebVTT" in failure.failure.hint


def _statuses(database: str) -> dict[str, str]:
    with sqlite3.connect(database) as opened:
        return dict(opened.execute("select id, status from meeting_items").fetchall())
