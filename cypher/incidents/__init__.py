"""What happened to datasets and has to be seen to."""
