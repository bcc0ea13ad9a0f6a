"""Reading tables: columns under their headings, rows that may run over."""
