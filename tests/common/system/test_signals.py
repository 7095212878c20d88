import asyncio
import contextlib
import signal
import threading
import time

import pytest

from chatproof_common.system import signals


@pytest.fixture(autouse=True)
def restored():
    before = {number: signal.getsignal(number) for number in (*signals.STOP, *signals.REPORT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    with signals.interrupted_by_stop_signals():
        """From here on nobody has asked."""


def test_signals_call_what_they_are_to_with_their_number():
    came = []
    signals.call_at((*signals.STOP, *signals.REPORT), came.append)
    for number in (*signals.REPORT, *signals.STOP):
        signal.raise_signal(number)
    assert came == [*signals.REPORT, *signals.STOP]


def test_what_is_asked_to_end_is_interrupted_and_afterwards_ends_as_before():
    before = signal.getsignal(signals.TERMINATE)
    with pytest.raises(KeyboardInterrupt), signals.interrupted_by_stop_signals():
        signal.raise_signal(signals.TERMINATE)
    assert signal.getsignal(signals.TERMINATE) is before


def test_the_end_of_the_terminal_interrupts_too_unless_it_is_ignored():
    (hang_up,) = signals.HANG_UP
    with pytest.raises(KeyboardInterrupt), signals.interrupted_by_stop_signals():
        signal.raise_signal(hang_up)
    signal.signal(hang_up, signal.SIG_IGN)
    with signals.interrupted_by_stop_signals():
        signal.raise_signal(hang_up)
    signals.call_at(signals.STOP, lambda _: pytest.fail("it was to be ignored"))
    signal.raise_signal(hang_up)


@pytest.mark.parametrize(("numbers", "code"), [([], 130), (["SIGINT"], 130), (["SIGTERM"], 143), (["SIGHUP"], 129)])
def test_the_exit_code_is_that_of_a_shell(numbers, code):
    with contextlib.suppress(KeyboardInterrupt), signals.interrupted_by_stop_signals():
        for name in numbers:
            signal.raise_signal(getattr(signal, name))
    assert signals.stop_status() == code


def test_the_first_other_signal_than_ctrl_c_gives_the_exit_code():
    with signals.interrupted_by_stop_signals():
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)
    assert signals.stop_status() == 143


def test_a_thread_leaves_the_signals_alone():
    seen = []

    def look():
        with signals.interrupted_by_stop_signals():
            seen.append(signal.getsignal(signals.TERMINATE))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signals.TERMINATE)]


def test_ctrl_c_can_be_left_to_another_process():
    signals.ignore_interrupts()
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", signals.STOP)
def test_each_signal_that_asks_to_stop_interrupts(number):
    with pytest.raises(KeyboardInterrupt), signals.interrupted_by_stop_signals():
        signal.raise_signal(number)


def test_whoever_is_to_outlive_its_terminal_does_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with signals.interrupted_by_stop_signals():
            signals.call_at(signals.HANG_UP, pytest.fail)
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


class Swallows:
    """Python drops what is raised in here, as it does in callbacks of the garbage collector."""

    def __del__(self):
        signal.raise_signal(signal.SIGINT)
        time.sleep(0)  # here the interrupt is raised


@pytest.mark.parametrize("hooked", [False, True])
def test_an_interrupt_that_is_swallowed_comes_again(monkeypatch, hooked):
    dropped = []

    def run():
        if hooked:  # as pytest does, after we have begun
            monkeypatch.setattr("sys.unraisablehook", dropped.append)
        Swallows()
        time.sleep(30)

    with pytest.raises(KeyboardInterrupt), signals.interrupted_by_stop_signals():
        run()
    assert not dropped


@pytest.mark.parametrize("number", signals.STOP)
@pytest.mark.parametrize("where", ["in the coroutine", "between two steps", "while the loop sleeps"])
def test_an_interrupt_cancels_the_coroutine_of_a_loop_and_lets_it_end(number, where):
    ended = []

    async def work():
        loop = asyncio.get_running_loop()
        timer = threading.Timer(0.1, signal.pthread_kill, (threading.main_thread().ident, number))
        try:
            if where == "in the coroutine":
                signal.raise_signal(number)
            elif where == "between two steps":
                loop.call_soon(signal.raise_signal, number)
            else:
                timer.start()
            await asyncio.sleep(30)
        finally:
            timer.cancel()
            await asyncio.sleep(0.01)
            ended.append(number)

    with pytest.raises(KeyboardInterrupt), signals.interrupted_by_stop_signals():
        signals.run_until_interrupted(work())
    assert ended == [number]


def test_a_second_interrupt_ends_a_coroutine_that_does_not_end():
    async def work():
        try:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(30)
        finally:
            asyncio.get_running_loop().call_later(0.1, signal.raise_signal, signal.SIGINT)
            await asyncio.sleep(30)

    with pytest.raises(KeyboardInterrupt), signals.interrupted_by_stop_signals():
        signals.run_until_interrupted(work())


def test_a_coroutine_that_is_cancelled_by_others_is_not_taken_for_interrupted():
    async def work():
        asyncio.current_task().cancel()
        await asyncio.sleep(30)

    with pytest.raises(asyncio.CancelledError), signals.interrupted_by_stop_signals():
        signals.run_until_interrupted(work())


def test_a_loop_goes_on_and_ends_if_no_thread_can_wake_it_up(monkeypatch):
    monkeypatch.setattr(asyncio.SelectorEventLoop, "_write_to_self", lambda _: None)

    async def work():
        return await asyncio.to_thread(lambda: "done")

    assert signals.run_until_interrupted(work()) == "done"
