"""A folder of meetings: of a recording and its transcript, the transcript is read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from prefect_gemini.gemini.documents.media import claimed_type
from prefect_gemini.gemini.documents.media_kinds import RECORDINGS, TEXTS


def one_each(sources: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """The sources without recordings whose transcript is among them, and those with the reason.

    Zoom puts `GMT…_Recording.m4a`, `GMT…_Recording_1920x1080.mp4` and `GMT…_Recording.transcript.vtt` into one folder:
    they are one meeting, and hearing it again would be paid again.

    Args:
        sources: paths or URLs, in order.
    """
    written = {_meeting(one): one for one in sources if claimed_type(one) in TEXTS}
    kept, left = [], []
    for one in sources:
        transcript = written.get(_meeting(one)) if claimed_type(one) in RECORDINGS else None
        if transcript is None:
            kept.append(one)
        else:
            left.append((one, f"its transcript {PurePosixPath(transcript).name} is read instead"))
    return kept, left


def _meeting(path: str) -> str:
    """What the files of one meeting have in common: folder and name, without endings and picture sizes."""
    whole = PurePosixPath(path.replace("\\", "/"))
    stem = re.sub(r"\.(transcript|corrected|cc)$", "", whole.stem, flags=re.IGNORECASE)
    return f"{whole.parent}/{re.sub(r'_[0-9]+x[0-9]+$', '', stem)}"
