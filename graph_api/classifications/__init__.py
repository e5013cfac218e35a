"""What data is, who says so, and how sensitive that makes it."""
