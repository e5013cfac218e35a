"""Where data comes from: registering and testing connections."""
