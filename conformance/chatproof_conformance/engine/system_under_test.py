"""What a run checks, as the plugin knows it: a server or a client, and the session of each case with it."""

from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.engine.client_under_test import ClientUnderTest
from chatproof_conformance.engine.server_under_test import ServerUnderTest

CaseSession = ServerSession | ClientSession
SystemUnderTest = ServerUnderTest | ClientUnderTest
