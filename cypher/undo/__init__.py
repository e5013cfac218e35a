"""What a run changed, and taking it back."""
