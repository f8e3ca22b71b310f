"""The strategies, one module a kind."""
