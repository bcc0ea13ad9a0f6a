"""Reading receipts: who sold what, and sums that prove themselves."""
