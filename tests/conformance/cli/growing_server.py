"""A server in the making, at level 3 of SPEC.md, appendix A: ``growing_server.py PORT LEAVES``.

It knows no names in use, no private messages and no errors. How often each leave is told is ``LEAVES``: 1 is right.
"""

import asyncio
import json
import sys
import time

people = {}


def tell(kind, **members):
    frame = {"type": kind, **members, "timestamp": time.strftime("%H:%M:%S")}
    for one in list(people):
        one.write(json.dumps(frame).encode() + b"\n")


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            if not line.strip(b" \t\r\n"):
                continue
            message = json.loads(line)
            if message["type"] == "join":
                people[writer] = message["username"]
                tell("system", message=f"{message['username']} joined the chat")
            elif message["type"] == "message":
                tell("message", username=people[writer], content=message["content"])
    except (OSError, ValueError, LookupError, TypeError):
        pass
    name = people.pop(writer, None)
    writer.close()
    for _ in range(int(sys.argv[2]) if name else 0):
        tell("system", message=f"{name} left the chat")


async def main():
    await (await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))).serve_forever()


asyncio.run(main())
