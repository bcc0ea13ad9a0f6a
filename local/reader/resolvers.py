"""Every module that registers resolvers; importing this one makes the reader know all roles."""

from __future__ import annotations

from prefect_gemini.local.reader.receipts import receipts as receipts
