"""The manual of `varsync lint`."""

from __future__ import annotations

from varsync.manual import COLOURS, TRACEBACK, Manual

MANUAL = Manual(
    groups={
        "Rules": "select ignore extend_select per_file_ignores",
        "Files": "exclude extend_exclude force_exclude respect_gitignore stdin_filename context",
        "Output": "output_format output_file statistics color quiet verbose",
        "Exit code": "fail_on exit_zero exit_non_zero_on_fix",
        "Fixes": "fix unsafe_fixes fix_only diff show_fixes fixable unfixable",
        "Old findings": "baseline add_noqa ignore_noqa",
        "Configuration": "config isolated show_settings show_files",
        "Proof": "prove argument replicas workers",
        "Speed": "jobs no_cache cache_dir watch",
    },
    examples={
        "varsync lint": "Check the project in the current folder.",
        "varsync lint --select VS1,VS2 --ignore VS213 src train.ipynb": "Run some rules on some files.",
        "varsync lint --diff --unsafe-fixes": "Show what could be mended; --fix writes it.",
        "varsync lint --output-format sarif -o findings.sarif --exit-zero": "Write a file for GitHub.",
        "varsync lint --config 'target.strategies = [\"TPUStrategy\"]'": "Set one key.",
        "varsync lint --prove train.py": "Run the script, and hold the findings to what it does.",
        "varsync lint --prove train.py -- --epochs 1": "The same, with the script's arguments.",
        "varsync lint --stdin-filename src/a.py - < edited.py": "Check what an editor holds.",
    },
    exits={
        "0": "Nothing is wrong, or no finding is as severe as --fail-on.",
        "1": "There are findings, or --diff would change something.",
        "2": "It can't run: a missing path, an unknown rule, a broken configuration.",
    },
    environment={
        "VARSYNC_CACHE_DIR": "Where the cache is, like --cache-dir.",
        "VARSYNC_NO_CACHE": "1 is --no-cache.",
        **COLOURS,
        **TRACEBACK,
    },
)
