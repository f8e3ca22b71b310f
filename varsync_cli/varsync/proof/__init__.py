"""Findings held to runs of the scripts that they are found in."""
