"""What `chatproof explain` knows: Markdown files for requirements, causes, error codes and terms, and their reader."""
