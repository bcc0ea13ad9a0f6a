"""What the tester holds: scripts, faults, quotas, the clock, the journal, and the verdict on the client."""
