"""Numbered, forward only; a released file is never edited."""
