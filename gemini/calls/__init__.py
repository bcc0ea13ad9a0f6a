"""One call seen through: checked, sent, retried by cause, and read into a whole reply or one typed error."""
