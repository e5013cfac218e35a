"""Finding assets by name, by words and by meaning."""
