"""Function calls by reading: which function a text speaks of, and which of its words are the arguments."""

from prefect_gemini.local.reader.functions.calls import calls_in as calls_in
from prefect_gemini.local.reader.functions.choice import choose_function as choose_function
