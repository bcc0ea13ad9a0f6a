"""Choosing labels by the words a text shares with their names, descriptions and examples."""

from prefect_gemini.local.reader.labels.choose import choose_label as choose_label
from prefect_gemini.local.reader.labels.choose import labels_of as labels_of
