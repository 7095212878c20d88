"""How a run is reported to people and programs."""
