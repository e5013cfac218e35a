"""What things are and what always holds: identities, errors, settings, domain values and graph declarations. No I/O."""
