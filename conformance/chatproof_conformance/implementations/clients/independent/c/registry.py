"""The list of all subjects, filled by the decorators."""

from ios import EARLY, IOS

SUBJECTS = {}


def add(name, letter, kind, ids, says, subtle, io=None, early=None):
    def decorate(client):
        client.early = early or EARLY[letter]
        SUBJECTS[name] = {"client": client, "io": io or IOS[letter], "letter": letter, "kind": kind, "ids": ids.split(), "says": says, "subtle": subtle}
        return client
    return decorate


def faulty(name, letter, ids, says, subtle=True, io=None, early=None):
    return add(name, letter, "faulty", ids, says, subtle, io, early)


def conforming(name, letter, says, io=None, early=None):
    return add(name, letter, "conforming", "", says, True, io, early)


NODE = {  # name: (kind, ids, says, subtle)
    "node-decodes-reads": ("faulty", "CLIENT-3 CLIENT-10", "Decodes each read on its own: a character that is split between two reads becomes U+FFFD.", False),
    "node-rest-at-end": ("faulty", "CLIENT-12", "Takes what stands after the last LF at the end of the connection for a frame.", False),
    "node-name-in-units": ("faulty", "CLIENT-15", "Counts a name in UTF-16 units, and so refuses to join under 17 to 32 emoji.", True),
    "node-size-in-units": ("faulty", "CLIENT-2", "Measures its frames in UTF-16 units, not in bytes.", False),
    "node-prototype-members": ("faulty", "CLIENT-4", "Copies a message with Object.assign, so that a member __proto__ supplies the members that are missing, and shows it.", True),
    "node-null-crash": ("faulty", "CLIENT-4", "Takes null for an object, as typeof does, and dies of the frame `null`.", True),
    "node-dollar-replaced": ("faulty", "CLIENT-10", "Puts texts into a line with String.replace, which gives $$, $& and $' in them a meaning.", True),
    "node-destroys-soon": ("faulty", "CLIENT-16", "Destroys its socket 0.3 seconds after it was asked to leave, whatever is still to be written.", True),
    "node-spread-frames": ("conforming", "", "Writes its JSON with tabs and CRs between the tokens and fills every frame up to exactly 1024 bytes with spaces.", True),
    "node-paced": ("conforming", "", "Waits 20 ms before every frame, the join included, and leaves only after the last one.", True),
}


SPARE = """
node-size-in-units splits-at-line-separators node-decodes-reads node-rest-at-end node-destroys-soon private-after-end-silent node-null-crash
full-window-drops noncharacters-refused node-name-in-units same-second-same-words own-shown-then-refused double-click-guard kept-after-refusal
shown-until-nul leave-drops-kept content-as-template joined-survives-switch sent-again-after-error second-end-untold problem-told-once
client-types-ignored private-to-self-hidden taken-name-changed
""".split()


def catalogue():
    for name, it in SUBJECTS.items():
        if not name.startswith("base-"):
            yield {"name": name, "kind": it["kind"], "ids": it["ids"], "root": (it["ids"] or [""])[0], "says": it["says"], "subtle": it["subtle"]}
    for name, (kind, ids, says, subtle) in NODE.items():
        ids = ids.split()
        yield {"name": name, "kind": kind, "ids": ids, "root": (ids or [""])[0], "says": says, "subtle": subtle, "needs": ["node"], "language": "javascript"}
