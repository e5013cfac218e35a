"""Delivery: HTTP, GraphQL, command line."""
