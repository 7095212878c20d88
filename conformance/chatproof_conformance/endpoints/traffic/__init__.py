"""Generated traffic: a state machine drives several connections."""
