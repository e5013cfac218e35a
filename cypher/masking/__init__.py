"""Rules of masking, the key of marks, and what a sample of a dataset is judged by."""
