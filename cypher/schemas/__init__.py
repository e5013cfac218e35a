"""Versions of the schemas of datasets, and what their columns were."""
