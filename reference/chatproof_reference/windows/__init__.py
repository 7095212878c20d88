"""The Tkinter windows of server and client: thin over the logic, which knows no Tk."""
