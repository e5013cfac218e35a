"""Classifications and the sensitivity that follows from them."""
