"""Whole programs on real TensorFlow and on the simulator: recorded with the one, compared without it.

The programs are tests/programs/*.py and what `generator` makes; see tests/programs/README.md.
"""
