"""Other engines than the simulation: what runs a script and tells the same events."""
