"""Rules that are not ours: a folder of theirs holds two files a rule, as `catalog` does.

A folder is named by a configuration (`ci.my_rules`, from its own folder) or by an installed
distribution (entry point group `varsync.rules`). To know its rules their files are listed and read;
their code is imported when one of them is run, and not before.
"""
