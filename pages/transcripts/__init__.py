"""Who said what when: transcripts in every form they are exported in, read into one type.

It stands beside the pages because both the client and the local server read transcripts, and one parser
must say the same to both.
"""

from prefect_gemini.pages.transcripts.read import is_transcript, parse_transcript
from prefect_gemini.pages.transcripts.transcript import Cue, NoCues, Transcript, TranscriptError

__all__ = ["Cue", "NoCues", "Transcript", "TranscriptError", "is_transcript", "parse_transcript"]
