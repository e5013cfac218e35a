"""Text and values in, labels and vectors out; knows no database."""
