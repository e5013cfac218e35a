"""What feeds what: edges, traversals, history."""
