"""Who asked for what, by day: figures that logs of statements gave, and what they may tell a reader."""
