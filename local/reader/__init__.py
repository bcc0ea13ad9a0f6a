"""An extractive engine: it copies values from pages, says where each stands, and refuses what it cannot read."""
