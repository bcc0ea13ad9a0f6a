"""What a call brings: prompts, texts and documents, made into one reading."""

from __future__ import annotations

import re
import wave
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from prefect_gemini.local.engine import EngineRefusal, GenerateCall
from prefect_gemini.local.reader.contracts.text import is_contract
from prefect_gemini.local.reader.resolve import Kind, Reading
from prefect_gemini.local.reader.speech.weights import NoWeights
from prefect_gemini.local.reader.speech.weights import installed as speech_installed
from prefect_gemini.local.reader.speech.whisper import hear
from prefect_gemini.pages import Box, Page, PageError, instructions_in, read_pages
from prefect_gemini.pages.transcripts import Transcript, is_transcript, parse_transcript

TEXT_TYPES = ("text/", "application/json", "application/xml", "application/x-yaml", "message/rfc822")

LONGEST_SEARCHED = 200_000
"""Letters of a page that are searched for words to a program."""

LONG_PROMPT = 400
"""A text part of more letters than this, beside a shorter one, is material to read and not an instruction."""


@dataclass(frozen=True)
class Intake:
    """The contents of a call, sorted.

    Args:
        prompt: what the caller wants done, as far as a text part says it.
        texts: material given as text.
        pages: material given as images, PDFs or text, in order; texts as pages of their own.
        responded: results of functions that the caller has run, newest last.
        heard: what is said in a recording that was sent; its text is among `texts` too.
    """

    prompt: str
    texts: tuple[str, ...]
    pages: tuple[Page, ...]
    responded: tuple[dict[str, Any], ...] = ()
    heard: Transcript | None = None

    @property
    def material(self) -> str:
        """All that may be quoted, as text."""
        return "\n\n".join(page.text for page in self.pages)

    @cached_property
    def transcript(self) -> Transcript | None:
        """The meeting that was sent; None where it is none."""
        if self.heard is not None:
            return self.heard
        spoken = [text for text in self.texts if is_transcript(text)]
        return parse_transcript(max(spoken, key=len)) if spoken else None

    def reading(self) -> Reading:
        """The pages as the resolvers see them; a prompt alone is its own material."""
        pages = self.pages or (page_of_text(self.prompt, 1),)
        if not is_contract(pages):  # of an agreement whole sentences are judged, not lines
            pages = tuple(_spoken_to_people(page) for page in pages)
        return Reading(pages, kind_of(pages), self.prompt)


def take_in(call: GenerateCall) -> Intake:
    """Sort the parts of a call's user turns.

    Raises:
        EngineRefusal: a part that cannot be read: audio, video, a broken file.
    """
    prompts: list[str] = []
    texts: list[str] = []
    pages: list[Page] = []
    responded: list[dict[str, Any]] = []
    heard: Transcript | None = None
    for turn in call.contents:
        if turn.get("role") == "model":
            continue
        parts = [part for part in turn.get("parts", ()) if not part.get("thought")]
        spoken = [part["text"] for part in parts if part.get("text")]
        files = [part for part in parts if "inlineData" in part]
        responded = [part["functionResponse"] for part in parts if "functionResponse" in part]
        material = _material(spoken, beside=bool(files))
        prompts.extend(text for text in spoken if text not in material)
        texts.extend(material)
        pages.extend(page_of_text(text, 1) for text in material)
        for part in files:
            if _kind(part["inlineData"]).startswith(("audio/", "video/")):
                heard = _listen(part["inlineData"])
                texts.append(heard.written())
                pages.append(page_of_text(heard.written(), 1))
            else:
                pages.extend(_read(part["inlineData"], texts))
    return Intake("\n".join(prompts), tuple(texts), tuple(pages), tuple(responded), heard)


def _spoken_to_people(page: Page) -> Page:
    """The page without the lines that tell a reading program what to do: they are about the answer, not the matter."""
    told = instructions_in(page.text) if len(page.text) <= LONGEST_SEARCHED else ()
    if not told:
        return page
    lines = [
        [(word.text, word.box, word.confidence) for word in line]
        for line in page.lines
        if not any(line[0].start < one.end and line[-1].end > one.start for one in told)
    ]
    return Page.from_lines(page.number, page.width, page.height, lines, source=page.source, turns=page.turns)


def kind_of(pages: tuple[Page, ...]) -> Kind:
    """Tell receipts from invoices by their words and shape; anything without amounts is text."""
    text = "\n".join(page.text for page in pages[:4]).lower()
    amounts = len(re.findall(r"\d[.,]\d{2}(?!\d)", text))
    if amounts < 2 and not re.search(r"\b(total|invoice|receipt|rechnung|facture|factuur|quittung)\b", text):
        return "text"
    receipt = sum(bool(re.search(pattern, text)) for pattern in _RECEIPT)
    invoice = sum(bool(re.search(pattern, text)) for pattern in _INVOICE)
    if all(page.source == "ocr" for page in pages):
        narrow = any(page.height > 1.6 * page.width for page in pages)
        return "receipt" if len(pages) == 1 and (narrow or receipt + 1 >= invoice) else "invoice"
    return "receipt" if receipt > invoice else "invoice"


_RECEIPT = (
    r"\breceipt\b|\bkassenbon\b|\bquittung\b|\bbon\b|\bticket\b|\bre[cs]u\b|\bresit\b|\bkvitto\b|\bbewirtungsbeleg\b",
    r"\bcash\b|\btunai\b|\bbargeld\b|\bbar\b|\besp[eè]ces\b|\befectivo\b|\bcontant\b|\bcontanti\b",
    r"\bchange\b|\br[uü]ckgeld\b|\bcambio\b|\bwisselgeld\b|\bresto\b|\bbaki\b",
    r"\bcashier\b|\bserver\b|\btable\b|\bkassierer\b|\bkasse\b|\bbediener\b|\btisch\b|\bterminal\b|\bcaisse\b|\bkassa\b|\bserved by\b",
    r"thank ?you|thank u|terima kasih|vielen dank|danke|merci|gracias|grazie|bedankt|tack\b|tak for|dzi[eę]kuj",
    r"\bvisa\b|\bmastercard\b|\bmaestro\b|\bgirocard\b|\bcontactless\b|\bkontaktlos\b|\bkreditkarte\b|\bec-?karte\b",
)

_INVOICE = (
    r"\bdue date\b|\bpayment due\b|\bf[aä]llig|\bzahlbar\b|[eé]ch[eé]ance|\bvervaldatum\b|\bscadenza\b|\bvencimiento\b",
    r"\binvoice (no|number|#|date)\b|\brechnungs(-?nr|nummer|datum)|\bfacture n|\bfactuur(nummer|datum)|\bnumero fattura\b",
    r"\biban\b|\bbic\b|\bswift\b|\bbank account\b|\bbankverbindung\b",
    r"\bbill(ed)? to\b|\bship to\b|\bkundennummer\b|\bkunden-?nr|\bcustomer (no|number|id)\b|\bleverings?\w*|\bklantnummer\b",
    r"\bpayment terms\b|\bzahlungsbedingungen\b|\bnet \d\d days\b|\bskonto\b|\bconditions de (paiement|r[eè]glement)\b|\bbetalingstermijn\b",
    r"\bust-?id\b|\bvat (id|no|reg)|\bn[°o] tva\b|\bbtw-?(nr|nummer)\b|\bsteuernummer\b",
)


def page_of_text(text: str, number: int) -> Page:
    """Lay plain text on a page of one unit by one line a character, so that columns in it stay columns."""
    lines: list[list[tuple[str, Box, float]]] = []
    rows = text.splitlines() or [""]
    for row, line in enumerate(rows):
        words = [
            (match[0], Box(float(match.start()), 2.0 * row, float(match.end()), 2.0 * row + 1.0), 1.0)
            for match in re.finditer(r"\S+", line.expandtabs(8))
        ]
        lines.append(words)
    width = max((len(line.expandtabs(8)) for line in rows), default=1) or 1
    return Page.from_lines(number, float(width), 2.0 * len(rows), lines, source="text")


def _material(spoken: list[str], *, beside: bool) -> list[str]:
    """Which text parts are material: of several, the long ones and all behind the first; a lone one is the prompt."""
    if beside or len(spoken) < 2:
        return []
    longest = max(spoken, key=len)
    return list(spoken[1:]) if longest is not spoken[0] or len(longest) <= LONG_PROMPT else [longest]


def _read(inline: dict[str, Any], texts: list[str]) -> tuple[Page, ...]:
    kind = _kind(inline)
    data: bytes = inline["data"]
    if kind.startswith(TEXT_TYPES):
        text = data.decode("utf-8", errors="replace")
        texts.append(text)
        return (page_of_text(text, 1),)
    try:
        return read_pages(data, kind)
    except PageError as broken:
        raise EngineRefusal(str(broken), status="INVALID_ARGUMENT") from broken


def _listen(inline: dict[str, Any]) -> Transcript:
    """What is said in a recording, where speech to text is installed.

    Raises:
        EngineRefusal: it is not, or the recording is no WAV file.
    """
    kind = _kind(inline)
    use_gemini = "Set GOOGLE_API_KEY, or a Google Cloud project with application-default credentials, to use Gemini."
    if kind.startswith("video/"):
        raise EngineRefusal(
            f"The local reader does not watch {kind}: it reads print. {use_gemini}", status="UNIMPLEMENTED"
        )
    if not speech_installed():
        raise EngineRefusal(
            f"The local reader does not listen to or watch {kind} as it is. `pip install 'prefect-gemini[audio]'` adds "
            f"speech to text for WAV files. {use_gemini}"
        )
    if kind not in ("audio/wav", "audio/x-wav", "audio/wave"):
        raise EngineRefusal(f"Speech to text on this machine reads WAV files, not {kind}. {use_gemini}")
    try:
        return hear(inline["data"])
    except (wave.Error, EOFError) as broken:
        raise EngineRefusal(f"The WAV file is not plain PCM: {broken}.", status="INVALID_ARGUMENT") from broken
    except NoWeights as missing:
        raise EngineRefusal(f"No speech to text on this machine: {missing}. {use_gemini}") from missing


def _kind(inline: dict[str, Any]) -> str:
    return str(inline.get("mimeType", "")).partition(";")[0].strip().lower()
