"""Reading meetings: what was promised, decided, asked and talked about, quoted from who said it."""
