"""The language server: what lint finds, in an editor.

An editor talks to `session`, which keeps the open `documents` and has `checks` made of them by the
`analyser`, a process of its own (`worker`, `checker`) that takes one of the `jobs` after the other.
What is found becomes `diagnostics`; `answers` gives the pages (`hover`) and the `actions` that are
asked for. Only what speaks the protocol imports pygls.
"""
