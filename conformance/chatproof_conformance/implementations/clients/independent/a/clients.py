"""All clients: name, shell, what it does, ids that it breaks (main first), the situation in which it shows, subtle or not."""

import json
import os

FAULTY = [
    # CLIENT-1
    ("f01-name-dollar", "threads", "The pattern for the name of a join ends with $, which in Python also matches before a last LF, so 'alice\\n' is sent as a join.", [1, 2], "connect (or join) with a name that is valid but for one LF at its end", True),
    ("f02-stale-outbox", "selectors", "A frame that failed because the connection had ended stays in the outbox and goes out first on the next connection, before the join.", [1, 14], "the server ends a connection, say (is reported as failed), connect again", True),
    ("f03-early-write", "node", "The state 'joined' of the last connection is reset only when the next TCP connection is there, where the join is written: what is said before that is written before the join.", [1, 14], "second connection after a joined one, with a say right behind the connect", True),
    # CLIENT-2
    ("f04-private-length", "asyncio", "The length of a private message counts the target in code points instead of bytes, so frames longer than 1024 bytes are sent.", [2], "private message to a non-ASCII target whose frame is a few bytes too long", True),
    ("f05-vertical-tab", "threads", "Its own JSON writer spells U+000B as \\v, which JSON does not have.", [2, 14], "content (public or private) with U+000B", True),
    # CLIENT-3
    ("f09-tail-as-text", "threads", "What is left after the last LF of a read is kept as text decoded with errors ignored: a character that is cut there loses its first bytes.", [3, 10], "one segment with a whole frame and a part of the next one that ends inside a multi-byte character", True),
    ("f11-64-a-read", "asyncio", "At most 64 frames are taken from one read; the others wait until more data comes.", [3], "a burst of more than 64 frames in one segment, then silence", True),
    ("f12-strips-reads", "mailbox", "Each read is stripped of leading white space to skip blank lines; an LF that comes at the start of a read is lost.", [3, 10], "the LF of a frame comes in a segment of its own (or first in a segment), or a cut directly before a space inside a text", True),
    ("f14-splitlines", "selectors", "Frames go through str.splitlines, which also splits at raw U+2028, U+2029, U+0085 in a string and at CR between tokens.", [3, 10], "a frame with unescaped U+2028, U+2029 or U+0085 in its content, or CR as white space between tokens", True),
    ("f15-buffer-limit", "asyncio", "The limit of 8192 bytes is applied to all that is in the buffer, not to a frame: a large read is thrown away.", [3, 10], "many short frames, together more than 8192 bytes, in one read", True),
    ("f16-stale-partial", "threads", "A partial frame is thrown away if the rest comes more than 0.4 s later.", [3, 10], "a frame in two segments with a pause of more than 0.4 s between them", True),
    ("f17-buffer-survives", "mailbox", "The receive buffer is not emptied for a new connection: half a frame of the last one is put before the first frame.", [3, 13], "a connection ends in the middle of a frame, then a second connection", True),
    ("f18-end-clears", "node", "Frames are shown one a turn of the event loop, and the end of the stream clears those that are still queued.", [3, 10], "a burst of frames directly followed by the end of the stream", True),
    # CLIENT-4
    ("f19-unhashable-type", "threads", "A type that is an array or object raises TypeError in the reader thread, which dies: nothing is shown any more.", [4, 7], "a frame whose type is [] or {}", True),
    ("f21-delivered-one", "asyncio", "delivered is checked with 'in (True, False)', so the numbers 1, 0 and 1.0 are taken too.", [4], "private_confirmation with delivered 1 or 0", True),
    ("f22-told-once", "mailbox", "A problem with the same words is told only once in the life of the process.", [4], "two bad frames of the same sort with good messages between them", True),
    ("f23-rest-of-read", "selectors", "After a bad frame the other frames of the same read are dropped.", [4, 3, 10], "a bad frame and good ones behind it in one segment", True),
    ("f25-replaced-bytes", "node", "Bytes that are not UTF-8 are decoded with replacement characters and the message is shown.", [4], "a frame that is valid but for bytes that are not UTF-8 in its content", False),
    ("f26-bad-is-refusal", "asyncio", "While the join is not answered, a bad frame is taken for the refusal; the notice of the join is then not taken.", [4, 13], "a bad frame before the answer to the join", True),
    # CLIENT-5
    ("f28-kind-overwritten", "selectors", "All members of the message are merged into what is shown, so an unknown member 'event' or 'kind' changes what it is shown as.", [5, 10], "a valid message with an unknown member named kind or event", True),
    ("f30-depth-16", "asyncio", "A message with more than 16 levels of nesting is refused.", [5], "an unknown member with 17 to 32 levels", True),
    ("f31-sender-first", "mailbox", "The name of a public message is taken from 'sender' if there is one, else from 'username'.", [5, 10], "a public message with the unknown member sender", True),
    ("f32-hasown", "node", "Members are looked up with message.hasOwnProperty(), so an unknown member of that name makes the message fail.", [5], "a valid message with an unknown member hasOwnProperty", True),
    # CLIENT-6
    ("f33-second-refusal", "threads", "Only the first refusal on a connection is told.", [6], "two refusals on one connection", True),
    ("f34-own-words", "selectors", "If the error has the code username_taken, username_invalid or server_full, the client shows words of its own instead of the server's.", [6], "refusal with a code and with a text that the client could not guess", True),
    ("f35-refusal-held", "asyncio", "A refusal is held for 80 ms and not shown if the connection ends meanwhile.", [6], "error server_full directly followed by the end of the stream", True),
    # CLIENT-7
    ("f38-half-frame-end", "threads", "An end in the middle of a frame is not told: it waits for the rest.", [7], "half a frame, then FIN or reset", True),
    ("f39-told-flag", "selectors", "The flag that the end has been told is not reset for the next connection.", [7], "the end of the second connection of a process", True),
    ("f40-end-before-join", "asyncio", "The end of a connection on which it has not joined is not told.", [7], "the server ends the connection before it answers the join", True),
    ("f42-end-only", "node", "Only 'end' is handled, not 'close': a reset is not told.", [7], "reset by the server", False),
    # CLIENT-8
    ("f43-echo-set", "mailbox", "Own messages are shown when they are sent, and what has been shown is kept without repetitions: of two equal ones that come back only the first is left out.", [8], "the same content said twice before the first one comes back", True),
    ("f44-same-second", "threads", "A public message with user, content and timestamp of the last one is taken for a duplicate and not shown.", [8], "one user sends the same content twice in one second", True),
    ("f45-listeners", "node", "Each connect adds the listener for messages again: after a second connect each message is shown twice.", [8], "any message on the second connection of a process", True),
    # CLIENT-9
    ("f48-reason-decides", "asyncio", "Whether a private message was delivered is taken from the absence of reason, not from delivered.", [9, 10], "delivered false without reason, or delivered true with a reason", True),
    ("f49-failed-once", "threads", "Failed private messages are tracked as a set of targets: of several to one target that are not delivered only the first is told.", [9], "two private messages to one absent target before the first confirmation", True),
    # CLIENT-10
    ("f51-strips-ansi", "mailbox", "Terminal sequences are removed with their visible characters: ESC[31m loses [31m too.", [10], "text with an ESC sequence", True),
    ("f52-isprintable", "asyncio", "Characters that are not isprintable() are replaced, among them no-break space, ideographic space and private use characters.", [10], "text or name with U+00A0, U+3000 or U+E000", True),
    ("f53-one-spelling", "threads", "The spelling of a name is cached by its lower case form: Alice is shown as alice if alice spoke first.", [10], "two users whose names differ in case only", True),
    ("f54-dollar", "node", "The content is put into a template with String.replace, which gives $$, $& and $' a meaning.", [10], "content with $$ or $& or $' or $`", True),
    # CLIENT-11
    ("f57-sorted-by-time", "selectors", "The messages of one read are sorted by timestamp, which is wrong over midnight and if the server's clock is set back.", [11], "23:59:59 and then 00:00:00 in one segment", True),
    ("f58-links-first", "asyncio", "A message with a link is prepared in the background for 80 ms and shown after those that came behind it.", [11], "content with http:// or https:// directly followed by another message", True),
    # CLIENT-12
    ("f60-rest-at-end", "selectors", "What is left in the buffer at the end of the stream is handled as a frame although it has no LF.", [12], "a complete object without LF, then the end of the stream", True),
    ("f61-shown-before-check", "mailbox", "An own message is shown before its length is checked, so one that is refused as too long is shown as a message.", [12], "say with a content that is too long", True),
    ("f62-scrollback", "asyncio", "After a second join the last five public messages of the first connection are shown again as messages.", [12, 8], "second connection of a process after public messages on the first", True),
    # CLIENT-13
    ("f64-name-as-pattern", "threads", "The name is searched in the notice as a regular expression without being escaped, so it does not find a+b or (x or c++.", [13], "join under a name with characters that are special in patterns, such as a+b, who?, [x], *", True),
    ("f66-first-name", "asyncio", "After a refusal, a join under another name still waits for the notice of the first name, so the client never takes itself for joined.", [13], "refusal, join under another name", True),
    ("f68-old-reader", "threads", "What the reader of the last connection gets is handled as if it came from the present one: the end of the old is told as the end of the new one, which is then dead.", [13, 7, 14], "connect while a connection is open", True),
    # CLIENT-14
    ("f69-public-first", "selectors", "What was kept until the join is sent with the public messages first, then the private ones.", [14], "say_privately and then say before the join is answered", True),
    ("f73-sends-again", "asyncio", "A public message that has not come back after 0.7 s is sent again.", [14], "the server returns an own message late or not at all", True),
    ("f75-kept-after-refusal", "selectors", "What was kept before a refusal is not dropped and is sent when a join under another name succeeds.", [14, 6], "say before the join is answered, refusal, join under another name", True),
    # CLIENT-15
    ("f77-escaped-length", "threads", "The length is measured on the frame with non-ASCII escaped, but what would be sent is UTF-8.", [15], "non-ASCII content that fits as UTF-8 but not as escapes", True),
    ("f78-utf16-name", "node", "The length of a name that the user gives is limited to 32 UTF-16 units.", [15], "connect, join or target with 17 to 32 characters beyond U+FFFF", True),
    ("f80-known-users", "mailbox", "A private message is refused if its target has not been seen in a notice or as a sender on this connection.", [15], "private message to a user who was there before (or to nobody)", True),
    ("f81-category-cf", "selectors", "Names are checked with the Unicode categories Cc, Cf, Zl, Zp: U+00AD, U+061C or U+E0001 are refused, U+2065 is let through.", [15, 1, 2], "name or target with U+00AD, U+0600, U+061C, U+E0020 (refused) or U+2065 (sent)", True),
    # CLIENT-16
    ("f83-kept-dropped", "selectors", "A leave before the join is answered drops what was kept, without a word.", [16, 14], "connect, say, leave at once (or end of input), with a server that answers the join a little later", True),
    ("f84-paced", "asyncio", "Frames go out at most every 40 ms, and a leave drops those that still wait.", [16, 14], "several say and then leave or end of input in one burst", True),
    ("f85-stays-when-refused", "mailbox", "A leave after a refusal does not end the connection.", [16], "refusal, then leave (input stays open)", True),
    ("f86-linger-at-end", "threads", "At the end of its input it closes with SO_LINGER 0, which is a reset; leave is in order.", [16], "end of standard input while connected", True),
    # CLIENT-17
    ("f87-write-after-end", "node", "What is said after the connection has ended is written to the dead socket and the error is ignored.", [17], "say or say_privately after the server has ended a connection that had joined", False),
    ("f88-silent-after-leave", "threads", "What is said after the user's own leave is dropped without a word.", [17], "leave, then say, while the server has not yet closed its side", True),
]

CONFORMING = [
    ("c01-keeps-until-joined", "selectors", "Keeps what is asked until it has joined, sends it then, and leaves out the notice by which it has joined.", "say before the join is answered"),
    ("c02-exits-when-refused", "selectors", "Ends the connection in order after a refusal, reports refused and disconnected, and exits with status 0; it answers join with unsupported.", "refused join"),
    ("c03-shows-late", "selectors", "Reports everything 150 ms late, in order.", "always"),
    ("c04-connects-late", "threads", "Waits 0.4 s before each connect; all later requests wait behind it.", "connect"),
    ("c05-more-events", "asyncio", "Reports additional events, additional members and blank lines.", "always"),
    ("c06-odd-spelling", "mailbox", "Spells each character as an escape, the members in reverse order, white space everywhere and CR LF; if that is too long, it writes the shortest form.", "whatever it sends"),
    ("c07-odd-segments", "threads", "Sends each frame in about a dozen segments and its LF alone, with blank lines before it.", "whatever it sends"),
    ("c08-shows-own-at-once", "mailbox", "Shows an own public message when it is sent and leaves it out when it comes back.", "say"),
    ("c09-harmless", "asyncio", "Spells control characters, separators and invisible formatting out as <U+001B>.", "texts with such characters"),
    ("c10-leaves-when-refused", "threads", "Ends the connection in order after a refusal, and answers join with unsupported.", "refused join"),
    ("c11-does-not-wait", "asyncio", "Sends messages directly behind the join without waiting for its answer; after a refusal it sends none.", "say before the join is answered"),
    ("c12-bare-members", "mailbox", "Leaves out the members that may be left out of joined, refused and failed.", "always"),
    ("c13-one-word-for-a-row", "selectors", "Several bad frames in a row (within 0.3 s, nothing else between them) share one problem.", "bad frames in a row"),
    ("c14-lenient", "asyncio", "Shows what it may show: duplicate members, lone surrogates (as U+FFFD), a byte order mark, frames of more than 8192 bytes.", "such frames"),
    ("c15-errors-as-failed", "threads", "Reports later errors as failed (of what it sent last) with the server's text, without the members of the request.", "error after it has joined"),
    ("c16-pretty", "node", "Writes JSON over several visual lines with CR and tabs, with type last; the compact form if that is too long.", "whatever it sends"),
]

KEEP = {"f69-public-first", "f75-kept-after-refusal", "f83-kept-dropped", "c01-keeps-until-joined", "c03-shows-late"}


def shell_of(name):
    if name.startswith("base-"):
        return name[5:].removesuffix("-keep")
    return {entry[0]: entry[1] for entry in FAULTY + CONFORMING}[name]


def policy_of(name):
    early = "keep" if name in KEEP or name.endswith("-keep") else "pipeline" if name == "c11-does-not-wait" else "refuse"
    return {"early": early, "echo": shell_of(name) == "mailbox"}


def base_of(name):
    return "base-" + shell_of(name) + ("-keep" if name in KEEP else "")


def catalogue():
    return [{"name": n, "kind": "faulty", "what": what, "breaks": [f"CLIENT-{i}" for i in ids], "situation": when, "subtle": subtle}
            for n, _, what, ids, when, subtle in FAULTY] + [
        {"name": n, "kind": "conforming", "what": what, "breaks": [], "situation": when, "subtle": True}
        for n, _, what, when in CONFORMING]


if __name__ == "__main__":
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "catalogue.json"), "w") as file:
        json.dump(catalogue(), file, indent=1, ensure_ascii=False)
    print(len(FAULTY), len(CONFORMING))
