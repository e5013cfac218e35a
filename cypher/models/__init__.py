"""Versions of the trained model, and what people decided that a model can learn from."""
