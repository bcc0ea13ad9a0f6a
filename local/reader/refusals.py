"""What only a language model can do, recognised by how it is asked for, and refused with a word on what to do instead."""

from __future__ import annotations

import re

from prefect_gemini.local.engine import EngineRefusal

USE_GEMINI = "Set GOOGLE_API_KEY, or a Google Cloud project with application-default credentials, to use Gemini."

_WRITE = r"\b(?:write|compose|draft|create|generate|invent|make up|come up with|produce|give me|schreibe?|[ée]cri[st]|schrijf)\b"
_LANGUAGE = (
    r"(?:english|german|french|spanish|italian|dutch|portuguese|polish|russian|chinese|mandarin|japanese|korean|arabic|"
    r"turkish|hindi|danish|swedish|norwegian|finnish|greek|czech|deutsch|englisch|fran[çc]ais|anglais)"
)

REFUSALS: tuple[tuple[str, re.Pattern[str], str], ...] = tuple(
    (what, re.compile(pattern, re.IGNORECASE | re.DOTALL), instead)
    for what, pattern, instead in (
        (
            "translate",
            rf"\btranslat(?:e|es|ed|ion|ing)\b|\b[üu]bersetz\w*|\btradu(?:is|ire|ction|cir|zca)\w*|\bvertaal\w*|\b(?:say|put|write|answer|reply)\b[^.?!]{{0,60}}\bin {_LANGUAGE}\b",
            "",
        ),
        (
            "write code",
            rf"(?:{_WRITE}|\b(?:fix|debug|refactor|implement|optimi[sz]e|complete)\b)[^.?!]{{0,60}}\b(?:code|function|script|program|python|javascript|typescript|java|sql|query|regex|html|css|unit tests?|class|algorithm)\b",
            "Functions can be *called* locally: declare them as tools.",
        ),
        (
            "rewrite text",
            r"\b(?:rewrite|rephrase|reword|paraphrase|proofread|copy-?edit|polish|simplify|shorten|expand|umformulier\w*|reformul\w*)\b|\bcorrect (?:the|my|this|all)?\s*(?:grammar|spelling)\b|\bimprove (?:the|my|this) (?:text|wording|style|writing)\b|\bmake (?:it|this|the text) (?:more )?(?:formal|polite|shorter|longer|friendl\w+|clearer|sound)\b",
            "",
        ),
        (
            "make pictures",
            rf"(?:{_WRITE}|\b(?:draw|paint|sketch|design|render)\b)[^.?!]{{0,30}}\b(?:image|picture|photo|drawing|illustration|logo|icon|painting|diagram)\b",
            "",
        ),
        (
            "write fiction",
            rf"{_WRITE}[^.?!]{{0,80}}\b(?:poem|haiku|limerick|fairy tale|short story|song|lyrics|joke|gedicht|blague)\b",
            "",
        ),
        (
            "write prose",
            rf"{_WRITE}[^.?!]{{0,80}}\b(?:story|essay|e-?mail|letter|article|blog|post|tweet|speech|reply|response|paragraph|review|slogan|tagline|ad|advert\w*|text|documentation|report|description|email|sentence|dialog(?:ue)?|names?|ideas?|brief)\b",
            "It can quote: ask for a summary, which is the document's own sentences.",
        ),
        (
            "describe what a picture shows",
            r"\b(?:describe|caption|explain|identify)\b[^.?!]{0,40}\b(?:image|picture|photo(?:graph)?|scene|drawing|chart|graph|figure|person|people|object)s?\b|\bwhat(?:'s| is| are| do you see| can you see)\b[^.?!]{0,20}\b(?:in|on|shown in) (?:this|the) (?:image|picture|photo(?:graph)?|drawing|video)\b|\b(?:how many|count)\b[^.?!]{0,30}\b(?:people|persons|objects|cars|dogs|cats)\b",
            "It reads print in pictures: ask for the values you need with a schema.",
        ),
        (
            "tell who speaks",
            r"\bdiari[sz]\w*|\bwho is speaking\b|\bidentify the speakers?\b",
            "A transcript with names can be read.",
        ),
        (
            "reason",
            r"\b(?:step by step|think (?:about|through|carefully)|reason(?:ing)?\b|prove that|derive|solve|calculate|compute|brainstorm|weigh (?:up )?the|pros and cons)|\b(?:why|how come)\b[^?]{0,200}\?|\b(?:compare|contrast|evaluate|assess|critique|analy[sz]e|explain|recommend|suggest|advise|predict|forecast|estimate|diagnos\w+|plan)\b",
            "It reads values with a schema, and code can reckon with them.",
        ),
        (
            "converse",
            r"^\W*(?:how are you|who are you|what(?:'s| is) your (?:name|opinion)|what do you think|tell me (?:a|about)\b|let'?s (?:talk|chat|play)|can you help|i feel|good (?:morning|evening)|thank you|thanks)\b",
            "",
        ),
    )
)
"""What it is, how it is asked for, and what the reader can do instead. The first that fits names the refusal."""

ALWAYS = frozenset({"translate", "rewrite text", "write fiction"})
"""Refused even beside a word that asks for a summary: its sentences would be taken for the translation."""


def refuse_writing(prompt: str, *, quoting: bool) -> None:
    """Refuse a prompt that asks for what a language model must write.

    Args:
        prompt: what the caller wants, without the material.
        quoting: it also asks for a summary or a quote, which the reader gives.

    Raises:
        EngineRefusal: UNIMPLEMENTED, with what is not done and what to do instead.
    """
    for what, pattern, instead in REFUSALS:
        if (what in ALWAYS or not quoting) and pattern.search(prompt):
            said = f"The local reader does not {what}: it copies values and quotes sentences."
            raise EngineRefusal(" ".join(filter(None, (said, instead, USE_GEMINI))), status="UNIMPLEMENTED")
