"""Everything that can be read: what a file really is, and whether it can be sent, before anybody pays for it."""
