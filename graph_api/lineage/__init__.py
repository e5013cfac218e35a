"""What feeds what: neighbourhoods, impact, edges drawn by hand."""
