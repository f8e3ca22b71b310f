"""What is written to a terminal, and what its user does: colours, progress, Ctrl-C."""
