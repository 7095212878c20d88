import signal
import threading

import pytest

from chatproof_common.system import signals


@pytest.fixture(autouse=True)
def restored():
    before = {number: signal.getsignal(number) for number in (*signals.STOP, *signals.REPORT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_signals_call_what_they_are_to_with_their_number():
    came = []
    signals.call_at((*signals.STOP, *signals.REPORT), came.append)
    for number in (*signals.REPORT, *signals.STOP):
        signal.raise_signal(number)
    assert came == [*signals.REPORT, *signals.STOP]


def test_what_is_asked_to_end_is_interrupted_and_afterwards_ends_as_before():
    before = signal.getsignal(signals.TERMINATE)
    with pytest.raises(KeyboardInterrupt), signals.terminated_as_interrupted():
        signal.raise_signal(signals.TERMINATE)
    assert signal.getsignal(signals.TERMINATE) is before


def test_a_thread_leaves_the_signals_alone():
    seen = []

    def look():
        with signals.terminated_as_interrupted():
            seen.append(signal.getsignal(signals.TERMINATE))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signals.TERMINATE)]


def test_ctrl_c_can_be_left_to_another_process():
    signals.ignore_interrupts()
    signal.raise_signal(signal.SIGINT)
