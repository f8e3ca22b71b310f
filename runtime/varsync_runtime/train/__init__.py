"""What stands around training: modules, checkpoints and their managers, moving averages, files."""
