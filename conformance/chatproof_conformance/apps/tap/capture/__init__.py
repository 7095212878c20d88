"""What passes as a capture that Wireshark opens: packets made of what was read and written."""
