"""What datasets were judged by, what waits to be judged anew, and previews of that."""
