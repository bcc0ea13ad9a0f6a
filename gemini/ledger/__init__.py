"""What was paid for: kept before its value is used, and never paid for twice."""
