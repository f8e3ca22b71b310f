"""The manual of `varsync simulate`."""

from __future__ import annotations

from varsync.manual import COLOURS, TRACEBACK, Manual

MANUAL = Manual(
    groups={
        "Replicas": "replicas workers seed module engine",
        "Limits": "max_steps timeout",
        "Report": "output_format report_file html trace values lint line mode quiet color exit_zero",
    },
    examples={
        "varsync simulate train.py -n 4": "Run a script on 4 replicas.",
        "varsync simulate train.py -- --epochs 1": "Pass arguments to the script.",
        "varsync simulate -m package.train --max-steps 20": "Run a module, 20 steps of it.",
        "varsync simulate train.ipynb -q --report-file report.json": "Run a notebook, for programs.",
    },
    exits={
        "0": "Nothing is wrong.",
        "1": "Errors or warnings were observed, or the engines do not agree.",
        "2": "It can't run.",
        "3": "The script itself failed.",
    },
    environment={
        "TF_CONFIG": "The cluster of a multi-worker script, where --workers is not given.",
        **COLOURS,
        **TRACEBACK,
    },
)
