"""What an answer must look like: told to Gemini as far as it listens, and checked against the author's own words."""
