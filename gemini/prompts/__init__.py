"""Prompts with names and versions: what they say, and where they are kept."""

from prefect_gemini.gemini.prompts.prompt import Prompt
from prefect_gemini.gemini.prompts.store import PromptStore, PromptVersion

__all__ = ["Prompt", "PromptStore", "PromptVersion"]
