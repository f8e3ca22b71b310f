"""What is known of files and findings from one run to the next."""
