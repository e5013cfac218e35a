"""Assets: containment, columns, tags, descriptions."""
