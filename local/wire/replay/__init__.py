"""Real replies, recorded once and served again: the cassette, what writes it, and what plays it."""
