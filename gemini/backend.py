"""Where the calls go: Vertex AI, the Gemini Developer API, or the local server."""
