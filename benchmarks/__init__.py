"""Measurements. Each is `python -m benchmarks.NAME --data DIR --limit N --json FILE`."""
