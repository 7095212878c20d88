"""A hostile server: ``endless_server.py MODE PORT`` sends to whoever connects, for ever, as fast as it is read."""

import json
import socket
import sys
import threading

CHATTER = {"type": "system", "message": "on and on", "timestamp": "12:00:00"}
ERROR = {"type": "error", "message": "no"}
MODES = {
    "small": json.dumps(CHATTER).encode() + b"\n",
    "large": json.dumps({**CHATTER, "message": "x" * 8000}).encode() + b"\n",
    "errors": json.dumps(ERROR).encode() + b"\n",
    "blank": b"\n",
    "no-lf": b"x",
    "slow": json.dumps(CHATTER).encode() + b"\n",
}


def serve(connection, mode):
    pause = threading.Event()
    try:
        while True:
            connection.sendall(MODES[mode] * (1 if mode == "slow" else 65_536 // len(MODES[mode])))
            pause.wait(0.01 if mode == "slow" else 0)
    except OSError:
        connection.close()


def main():
    mode, port = sys.argv[1], int(sys.argv[2])
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, mode), daemon=True).start()


if __name__ == "__main__":
    main()
