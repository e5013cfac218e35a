"""Selections compiled to one Cypher statement per root field, whose answer needs no completion."""
