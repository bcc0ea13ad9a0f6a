"""What is printed where: the words of a page with their boxes, from a PDF's text layer or by OCR.

The lowest room of the house. It knows nothing of Gemini, Prefect or the local server; both the
server's reader and the client's evidence check stand on it, so that what the model says and what
the page says are compared by code that never asked the model.
"""

from prefect_gemini.pages.instructions import Instruction, instructions_in, speaks_to_program
from prefect_gemini.pages.read import PageError, read_pages
from prefect_gemini.pages.words import Box, Page, Word

__all__ = ["Box", "Instruction", "Page", "PageError", "Word", "instructions_in", "read_pages", "speaks_to_program"]
