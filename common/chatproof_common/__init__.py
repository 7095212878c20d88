"""What all packages of chatproof need, apart from the protocol; it imports none of the others."""
