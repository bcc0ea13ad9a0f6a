"""Reading invoices: parties, numbers, dates, totals."""
