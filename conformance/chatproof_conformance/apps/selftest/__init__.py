"""The harness on trial: it must find every faulty server, under a right id, and leave the conforming ones alone."""
