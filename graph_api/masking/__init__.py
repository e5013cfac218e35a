"""Rows of datasets as the caller may see them, and the rules by which they are masked."""
