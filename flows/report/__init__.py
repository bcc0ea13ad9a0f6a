"""What every HTML report shares: the shell round it, pictures of pages, places on them."""
