"""Every module that registers resolvers; importing this one makes the reader know all roles."""

from __future__ import annotations

from prefect_gemini.local.reader.invoices import codes as codes
from prefect_gemini.local.reader.invoices import dates as dates
from prefect_gemini.local.reader.invoices import number as number
from prefect_gemini.local.reader.invoices import parties as parties
from prefect_gemini.local.reader.invoices import totals as totals
from prefect_gemini.local.reader.receipts import receipts as receipts
