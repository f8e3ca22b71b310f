"""Data that a script would download: its local copy, else data of the same form that is made up."""
