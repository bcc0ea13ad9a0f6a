"""Reading contracts: their passages, the clauses in them, their parties, dates and periods; all quoted, none written."""
