"""The traffic of a finding for other programs: diagrams, scripts, saved recordings."""
