"""``python -m graph_api.cli`` is ``pursight``."""

from graph_api.cli.group import main

main()
