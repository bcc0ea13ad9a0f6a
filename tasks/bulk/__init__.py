"""What `each` is made of: items, shards, progress, and where results are written."""
