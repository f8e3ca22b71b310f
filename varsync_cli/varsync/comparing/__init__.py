"""What if: a script with other numbers of replicas and other modes, side by side."""
