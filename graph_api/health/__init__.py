"""The health of sources and their credentials, and what can be watched of them."""
