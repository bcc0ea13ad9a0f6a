"""How Google speaks: messages, errors, event streams, pages, and what is refused."""
