"""What people are asked about classifications, what they answer, and what is learnt from it."""
