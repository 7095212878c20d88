"""Known failures: which do not fail a run, until when, and which of them are known no longer."""
