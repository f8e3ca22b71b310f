"""What holds for all tests."""

from __future__ import annotations

import signal

# what is started in the background, as continuous integration may be, has Ctrl-C ignored, and so
# would have whatever the tests start and interrupt
signal.signal(signal.SIGINT, signal.default_int_handler)
