"""The space of conversations with a client: acts, how their frames are written, and the stream that carries them."""
