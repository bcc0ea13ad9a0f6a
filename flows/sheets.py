"""Rows as a CSV file that a spreadsheet can open without running anything in it."""

from prefect_gemini.tasks.parts.sheets import safe_cell, write_sheet

__all__ = ["safe_cell", "write_sheet"]
