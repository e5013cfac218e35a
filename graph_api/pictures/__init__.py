"""Pictures of lineage: what surrounds an asset, laid out, drawn, and written in the formats of other tools."""
