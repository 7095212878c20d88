"""Shell completion: scripts for three shells, each of which asks this program what could stand at the cursor."""
