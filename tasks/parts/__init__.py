"""What nodes share: the call, cascades, evidence, outcomes, steps and sums."""
