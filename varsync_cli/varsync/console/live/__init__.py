"""What is seen of a simulated run while it goes on, below what its script writes to the terminal."""
