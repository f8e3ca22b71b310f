"""The manual of `varsync rule`."""

from __future__ import annotations

from varsync.manual import COLOURS, TRACEBACK, Manual

MANUAL = Manual(
    groups={"Options": "every run test new output_format help"},
    examples={
        "varsync rule VS201": "Why it is bad, what TensorFlow does, how to write it.",
        "varsync rule VS201 --run": "Its bad program and its good one, simulated side by side.",
        "varsync rule --all --output-format json": "All rules, for programs.",
        "varsync rule --test my_rules": "Hold rules of your own to their pages.",
        "varsync rule --new ACM101-no-such-mode my_rules": "Begin a rule of your own.",
    },
    exits={
        "0": "The page was shown; with --test, every rule does what its page says.",
        "1": "With --test: a rule does not.",
        "2": "There is no such rule.",
    },
    environment={**COLOURS, **TRACEBACK},
)
