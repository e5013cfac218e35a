"""Working on runs: what a worker does with a task, and what stages hand to each other."""
