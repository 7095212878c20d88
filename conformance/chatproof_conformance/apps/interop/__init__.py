"""Every client against every server through a tap: both sides judged, and who broke what is named."""
