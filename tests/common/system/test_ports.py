import itertools
import socket
import sys

from chatproof_common.system.ports import free_port
from chatproof_common.system.processes import PIPE, Process


def test_ports_are_below_those_that_the_system_lends():
    assert all(1024 < free_port() < 32768 for _ in range(300))


def test_a_port_is_not_given_twice_in_a_row_nor_if_it_is_in_use():
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        given = [free_port() for _ in range(300)]
    assert port not in given
    assert all(one != other for one, other in itertools.pairwise(given))
    assert port in [free_port() for _ in range(300)]


def test_two_processes_never_have_the_same_ports():
    take = "print(*[free_port() for _ in range(255)], flush=True); input()"
    script = f"from chatproof_common.system.ports import free_port; {take}"
    runs = [Process([sys.executable, "-c", script], stdin=PIPE, stdout=PIPE) for _ in range(3)]
    ports = [set(run.stdout.readline().split()) for run in runs]
    for run in runs:
        run.finish()
    assert len(set().union(*ports)) == 3 * 255


def test_a_program_that_has_asked_for_a_port_ends_with_all_sockets_closed():
    script = "from chatproof_common.system.ports import free_port; free_port()"
    run = Process([sys.executable, "-X", "dev", "-c", script], stdout=PIPE, stderr=PIPE)
    assert run.finish() == ("", "")
