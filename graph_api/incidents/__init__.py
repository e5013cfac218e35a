"""Incidents, as the API shows them."""
