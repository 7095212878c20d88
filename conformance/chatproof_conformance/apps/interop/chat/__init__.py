"""One chat: a server, its clients with their drivers, the tap between them, and the conversation that they have."""
