"""The language server: what lint finds, in an editor.

The editor talks to `session`, which knows the open `documents` and has them checked by `analyser`,
a process of its own (`worker`, `checker`), one `jobs` after the other. What comes back is turned
into `diagnostics`, `actions` and `hover`. Only the modules that speak the protocol import pygls.
"""
