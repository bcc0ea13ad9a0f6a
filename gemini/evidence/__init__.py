"""Where in the document each value is printed, found by code and not by the model."""
