"""API tokens: hashes, roles and scopes."""
