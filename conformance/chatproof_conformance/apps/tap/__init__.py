"""A proxy between any client and any server that shows, records and judges what passes, and can worsen the network."""
