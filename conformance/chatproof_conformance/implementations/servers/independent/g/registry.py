"""All subjects: each is a base and a function that changes one thing of it."""
import base_asyncio
import base_select
import base_threads

BASES = {"threads": base_threads.Threads, "actors": base_threads.Actors, "select": base_select.Select,
         "pool": base_select.Pool, "aio": base_asyncio.Aio}
ALL = {}


class Subject:
    def __init__(self, name, base, ids, says, subtle, kind, change):
        self.name, self.base, self.ids, self.says = name, base, ids.split(), says
        self.subtle, self.kind, self.change, self.node = subtle, kind, change, base == "node"

    def build(self):
        kit = type("Kit", (BASES[self.base],), {})
        self.change(kit)
        return kit

    def row(self):
        row = dict(name=self.name, kind=self.kind, ids=self.ids, root=(self.ids or [""])[0], says=self.says,
                   subtle=self.subtle)
        if self.node:
            row.update(needs=["node"], language="javascript")
        return row


def fault(name, base, ids, says, subtle=True, kind="faulty"):
    def add(change):
        assert name not in ALL, name
        ALL[name] = Subject(name, base, ids, says, subtle, kind, change)
        return change
    return add


def fine(name, base, says):
    return fault(name, base, "", says, True, "conforming")


def subjects():
    import conforming, faults_chat, faults_frames, faults_load, faults_names, faults_node  # noqa
    return ALL
