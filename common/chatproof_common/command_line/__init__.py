"""The command ``chatproof``: its subcommands, the values of options, shell completion, the manual page."""
