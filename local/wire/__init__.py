"""HTTP: the Gemini REST wire on both surfaces, with state, faults and a journal."""
