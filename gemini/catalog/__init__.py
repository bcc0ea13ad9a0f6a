"""Every Gemini model: its limits, its dates, its successor, and which one to take for which work."""
