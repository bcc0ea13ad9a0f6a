"""How many calls at once and how fast, for all clients of a process."""
