"""What is left of a value that may not be shown whole, and where such values hide within text."""
