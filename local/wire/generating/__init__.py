"""One generation: from a checked request, through whoever answers, to Google's words for it."""
