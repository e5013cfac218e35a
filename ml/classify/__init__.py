"""What a column holds, by rules: names, data types, shapes of values, check digits, small dictionaries."""
