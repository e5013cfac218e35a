"""How people are told of events: channels and what they send."""
