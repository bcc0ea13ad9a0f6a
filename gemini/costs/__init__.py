"""What calls cost: dated prices, bills before spending, budgets, and reports of what was spent."""
