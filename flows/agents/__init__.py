"""Agent patterns: a chain of reasoning, a loop with tools, retrieval and synthesis; each step timed and priced."""

from prefect_gemini.flows.agents.reason import reason_in_steps
from prefect_gemini.flows.agents.retrieval import ask_folder
from prefect_gemini.flows.agents.tools import use_tools

__all__ = ["ask_folder", "reason_in_steps", "use_tools"]
