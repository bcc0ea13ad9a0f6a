"""The same job done by each contender: a script that runs in an environment of its own and prints what it took."""
