"""The manual of `varsync compare`."""

from __future__ import annotations

from varsync.manual import COLOURS, TRACEBACK, Manual

MANUAL = Manual(
    groups={
        "Variants": "replicas set_modes each_mode tolerance",
        "Runs": "seed max_steps timeout module engine",
        "Cost": "network latency bandwidth",
        "Output": "output_format output_file html quiet color",
    },
    examples={
        "varsync compare train.py -n 1,2,4": "Does it end the same, whatever the replicas?",
        "varsync compare train.py --set 'total: synchronization=ON_READ'": "What if it had another mode?",
        "varsync compare train.py --set 'a: aggregation=SUM; b: aggregation=MEAN'": "Or several?",
        "varsync compare train.py --set 'acc/*: synchronization=ON_WRITE'": "Or all of a metric?",
        "varsync compare train.py --each-mode total": "Which mode is right, and the cheapest?",
    },
    exits={
        "0": "All runs were made, whatever came of them.",
        "1": "The same, and TensorFlow does not agree (--engine both).",
        "2": "It can't run: a missing script, an unknown variable or mode, no TensorFlow.",
    },
    environment={**COLOURS, **TRACEBACK},
)
