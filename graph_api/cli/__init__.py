"""The command line ``pursight``."""

from graph_api.cli.group import main

__all__ = ["main"]
