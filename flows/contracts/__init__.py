"""Contracts: an agreement is held against a playbook, every finding with its page."""
