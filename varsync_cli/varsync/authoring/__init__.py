"""Rules of one's own: how one is begun, and held to its page."""
