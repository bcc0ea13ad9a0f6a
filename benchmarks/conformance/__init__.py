"""google-genai's own test-suite, run against the local server."""
