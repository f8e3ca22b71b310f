"""The files of a run: which they are, what is in them, and how they are written."""
