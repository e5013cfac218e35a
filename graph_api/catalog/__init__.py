"""Assets: what they are, what holds them, how people describe and tag them."""
