"""Tests of data that a script would download."""
