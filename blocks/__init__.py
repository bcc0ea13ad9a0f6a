"""What a person saves in the Prefect UI: who to call, how, and with what limits.

Importing this package registers the blocks; Prefect does so at start-up through the
`prefect.collections` entry point, so nothing here may import google-genai or prefect-gcp.
"""

from prefect_gemini.blocks.credentials import GeminiCredentials
from prefect_gemini.blocks.model import GeminiModel

__all__ = ["GeminiCredentials", "GeminiModel"]
