"""A lint run: what is checked, fixed, silenced, kept for later, and said."""
