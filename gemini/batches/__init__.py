"""Gemini's Batch API: half the price, answers within a day, each request paid once."""
