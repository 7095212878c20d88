"""The subcommands that this package offers."""
