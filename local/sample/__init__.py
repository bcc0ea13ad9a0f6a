"""Sample answers of the right shape, for tests of wiring."""
