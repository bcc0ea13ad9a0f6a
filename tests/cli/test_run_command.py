"""`prefect-gemini run`: a flow by its name, and one line for each mistake."""

from __future__ import annotations

import pytest

from prefect_gemini.cli.run import run


@pytest.mark.usefixtures("prefect_server")
@pytest.mark.xdist_group("prefect")
def test_a_flow_runs_and_shows_what_it_found(tmp_path, capsys):
    """Without a model: the outline of a tree, its file, and where the run is."""
    source, output = tmp_path / "source", tmp_path / "out"
    source.mkdir()
    (source / "tool.py").write_text('"""Turns bolts."""\n')
    with pytest.raises(SystemExit) as ended:
        run("repository", str(source), prose=False, output=str(output))
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert "Turns bolts." in shown
    assert "/runs/flow-run/" in shown
    assert "`tool.py`: Turns bolts." in (output / "repository.md").read_text()


@pytest.mark.usefixtures("prefect_server")
def test_a_dry_run_prints_the_bill(gemini, tmp_path, capsys, monkeypatch):
    """What can be counted, what cannot, and nothing is sent or written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "note.txt").write_text("The boiler was serviced on 3 May.")
    with pytest.raises(SystemExit) as ended:
        run("research", str(tmp_path / "note.txt"), about="the boiler", output="out", dry_run=True)
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "1 calls for 1 documents: about $" in shown
    assert "The synthesis is not in the bill" in shown
    assert not gemini.journal.generate_calls
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (("ask",), {"about": "x"}, "name a folder"),
        (("ask", "docs"), {}, "--about"),
        (("reason",), {}, "--about"),
        (("triage", "nosuch"), {}, "there is no file or folder 'nosuch'"),
    ],
)
def test_what_is_missing_is_said_in_one_line(arguments, options, said, capsys):
    """Before Prefect is started."""
    with pytest.raises(SystemExit) as stopped:
        run(*arguments, **options)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
