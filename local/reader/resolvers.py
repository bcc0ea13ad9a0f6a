"""Every module that registers resolvers; importing this one makes the reader know all roles."""

from __future__ import annotations

from prefect_gemini.local.reader import invoice_codes as invoice_codes
from prefect_gemini.local.reader import invoice_dates as invoice_dates
from prefect_gemini.local.reader import invoice_number as invoice_number
from prefect_gemini.local.reader import invoice_parties as invoice_parties
from prefect_gemini.local.reader import invoice_totals as invoice_totals
from prefect_gemini.local.reader import receipts as receipts
