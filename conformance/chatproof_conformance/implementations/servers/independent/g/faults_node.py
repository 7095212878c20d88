"""The subjects in Node.js; their code is in chat.js."""
from registry import fault


def node(name, ids, says, subtle=True):
    fault(name, "node", ids, says, subtle)(None)


node("node-prototype-names", "JOIN-1 CONFIRM-2 LEAVE-7",
     "Users are kept in a plain object, so that inherited keys such as 'constructor' or '__proto__' count as joined users.")
node("node-prototype-types", "ERROR-3",
     "Handlers are looked up by type in a plain object, so that types such as 'toString' call an inherited function and get no error.")
node("node-dollar-patterns", "PUBLIC-2",
     "The content of a public message goes through String.replace as the replacement, so that $$, $&, $` and $' in it are interpreted.")
node("node-shared-decoder", "FRAME-2 PUBLIC-1",
     "All connections share one streaming decoder, so that a character cut between two reads gets mixed with what another connection sends.")
node("node-early-reset-crash", "LEAVE-7 JOIN-12",
     "The error listener of a socket is added only after the join, so that a reset before the join ends the whole process.")
