"""What the help of each command says besides its options: a module for each, read for help alone."""
