"""What is checked: a server that runs already, or one that the harness starts."""
