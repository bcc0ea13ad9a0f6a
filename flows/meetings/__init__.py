"""Meetings: a transcript or recording becomes minutes whose every promise has its quote, its speaker and its second."""
