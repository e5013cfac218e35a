"""A language model behind an OpenAI-compatible endpoint, asked about columns that all tiers leave open; off unless it is configured."""
