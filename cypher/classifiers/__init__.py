"""The vocabulary of classifications: classifiers of one's own with their versions, and what is in force."""
