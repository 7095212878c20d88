"""What all packages of chatproof need and is no protocol; it imports none of the others."""
