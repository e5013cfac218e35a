"""Every change of the graph starts here: commands, connectors, formats, scan stages and the worker."""
