"""Ctrl-C in the middle of a command: what is under way is kept, one sentence says what now, and nothing is paid twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from prefect_gemini.testing import Pace, json_reply

pytestmark = pytest.mark.xdist_group("prefect")


def test_ctrl_c_keeps_what_was_paid_for(gemini, ledger_url, tmp_path):
    """As a terminal sends it: to the command and to the Prefect server it has started, which records the end."""
    gemini.script(json_reply({"date": None, "total": 1.5}), times=None)
    gemini.pace = Pace(first_token_s=1.0)
    mails, out = tmp_path / "mails.jsonl", tmp_path / "out.jsonl"
    mails.write_text("\n".join(json.dumps({"id": f"m{n}", "text": f"Total 1.5, number {n}"}) for n in range(40)))
    command = [sys.executable, "-c", "from prefect_gemini.cli import main; main()", "bulk", str(mails)]
    environment = os.environ | {
        "GOOGLE_GEMINI_BASE_URL": gemini.base_url,
        "GEMINI_API_KEY": "any",
        "PREFECT_HOME": str(tmp_path / "prefect"),
    }
    with subprocess.Popen(
        [*command, "--text", "text", "--concurrency", "4", "--output", str(out)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        while not any(entry.whole for entry in gemini.journal.generate_calls):
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.strip().splitlines()[-1].startswith("Stopped. What was answered is kept")
    assert "Traceback" not in said
    answered = sum(entry.whole for entry in gemini.journal.generate_calls)
    assert answered == len(gemini.journal.generate_calls) == len(out.read_text().splitlines()) < 40
    with sqlite3.connect(ledger_url.removeprefix("sqlite:///")) as ledger:
        assert ledger.execute("select count(*) from gemini_calls where serves").fetchone() == (answered,)
    with sqlite3.connect(tmp_path / "prefect" / "prefect.db") as prefect:
        assert prefect.execute("select state_type from flow_run").fetchall() == [("CRASHED",)]
