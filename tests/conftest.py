"""What holds for all tests."""

from __future__ import annotations

import signal

from hypothesis import HealthCheck, settings

# a machine that does much else is slow, and nothing is wrong
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# what is started in the background, as continuous integration may be, has Ctrl-C ignored, and so
# would have whatever the tests start and interrupt
signal.signal(signal.SIGINT, signal.default_int_handler)
