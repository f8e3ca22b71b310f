"""Which configuration holds: files, what they extend, the command line, and what they may say."""
