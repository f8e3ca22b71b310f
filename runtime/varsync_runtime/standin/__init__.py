"""The module `tensorflow` of a simulated process.

standin.install()       # `import tensorflow` gives the stand-in from now on
standin.uninstall()     # and what it was before
"""

from varsync_runtime.standin.hook import install, uninstall
from varsync_runtime.standin.placeholders import NotModelled

__all__ = ["NotModelled", "install", "uninstall"]
