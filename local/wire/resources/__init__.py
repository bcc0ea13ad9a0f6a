"""What the server keeps: models, files, caches."""
