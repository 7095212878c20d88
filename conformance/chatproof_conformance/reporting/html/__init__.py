"""Pages for people: one file each, with nothing to fetch and no script, light and dark, on paper and on a phone."""
