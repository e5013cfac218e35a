"""What people are asked about classifications, what they said, and what follows from it."""
