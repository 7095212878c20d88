"""The reference client in its program mode, with one fault that the first argument names."""

import json
import os
import sys
import time

from chatproof_reference.client import client, incoming, link, program

FAULTS = {}


def fault(function):
    FAULTS[function.__name__.replace("_", "-")] = function
    return function


def retell(change):
    """Let what the client tells pass through a function that may change it, leave it out, or tell more."""
    as_driver_event = program.as_driver_event

    def changed(event):
        told = as_driver_event(event)
        return told and change(told)

    program.as_driver_event = changed


def before_each_frame(act):
    """Let something happen before a frame of the server is handled."""
    handle = incoming.Session._handle_frame  # noqa: SLF001  a fault is put where it hurts

    def handled(session, frame):
        act(bytes(frame))
        yield from handle(session, frame)

    incoming.Session._handle_frame = handled  # noqa: SLF001  the same


@fault
def none():
    """Leave it as it is."""


@fault
def joins_under_any_name():
    client.join_message = lambda username: {"type": "join", "username": username}
    client.to_frame = lambda message: json.dumps(message).encode() + b"\n"


@fault
def cuts_long_messages():
    def cut(content, target=None):
        content = content[:400] if len(content) > 400 else content
        private = {"type": "private_message", "target": target, "content": content}
        return {"type": "message", "content": content} if target is None else private

    client.chat_message = cut


@fault
def takes_each_read_for_frames():
    read = link.Link.read
    link.Link.read = lambda self: (data := read(self)) and data.rstrip(b"\n") + b"\n"


@fault
def dies_of_nan():
    def die(frame):
        if b"NaN" in frame:
            sys.stderr.write("no number: NaN\n")
            sys.stderr.flush()
            os._exit(3)

    before_each_frame(die)


@fault
def hangs_at_unknown_members():
    before_each_frame(lambda frame: b'"x-extra"' in frame and time.sleep(600))


@fault
def takes_itself_for_joined():
    retell(lambda told: {"event": "joined"} if told["event"] == "refused" else told)


@fault
def hides_the_end():
    retell(lambda told: None if told["event"] == "disconnected" and not told["by_user"] else told)


@fault
def shows_own_messages_twice():
    retell(lambda told: sys.stdout.write(json.dumps(told) + "\n") and told if told.get("own") else told)


@fault
def hides_failures():
    retell(lambda told: None if told["event"] == "failed" and told["sent"] else told)


@fault
def writes_what_is_no_json():
    retell(lambda told: sys.stdout.write("debug: here\n") and told)


@fault
def ends_with_an_error():
    raise SystemExit("no license found")


@fault
def cannot_whisper():
    handle = program._handle  # noqa: SLF001  as above

    def handled(chat, request):
        if request["do"] == "say_privately":
            program._write({"event": "unsupported", "do": "say_privately", "reason": "no private messages here"})  # noqa: SLF001  as above
        else:
            handle(chat, request)

    program._handle = handled  # noqa: SLF001  as above


if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.exit(program.run_program_mode())
