"""Who serves whom: a lone caller itself, of those that wait the first, for the rest a thread."""

import itertools
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import get_ident
from types import FrameType
from typing import TypeVar

import pytest

from host_tools.client.closing import Closing
from host_tools.vault import shared_store
from host_tools.vault.shared_store import Caller, SharedStore

_Result = TypeVar("_Result")


class Book(Closing):
    """A store that knows who wrote what, in which group, and whether it is closed."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.writers: list[int] = []
        self.is_closed = False
        self.is_free = threading.Event()
        self.is_free.set()
        self.reached = threading.Event()

    def write(self, words: list[str]) -> None:
        assert not self.is_closed
        self.groups.append(words)
        self.writers.append(get_ident())
        self.reached.set()
        assert self.is_free.wait(30)

    def close(self) -> None:
        self.is_closed = True


class SharedBook(SharedStore[Book, str]):
    def serve(self, store: Book, group: Sequence[Caller[str]]) -> None:
        try:
            store.write([caller.asked for caller in group])
        except BaseException as error:  # noqa: BLE001 - raised where the answer is waited for
            for caller in group:
                caller.set_exception(error)
            return
        for caller in group:
            caller.set_result(caller.asked.upper())

    def closed(self) -> Exception:
        return LookupError("it is closed")


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def shared(book: Book) -> Iterator[SharedBook]:
    shared = SharedBook(lambda: book)
    yield shared
    Threads().submit(shared.close).result(30)
    assert book.is_closed


class Threads:
    """Runs each function in a thread of its own, which keeps nobody from ending."""

    def submit(self, act: Callable[..., _Result], *given: object) -> "Future[_Result]":
        future: Future[_Result] = Future()

        def run() -> None:
            try:
                future.set_result(act(*given))
            except BaseException as error:  # noqa: BLE001 - raised by `result`
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        return future


@pytest.fixture
def threads() -> Threads:
    return Threads()


def busy(book: Book, threads: Threads, shared: SharedBook) -> "Future[str]":
    """A first caller who is at work, until `book.is_free` is set."""
    book.reached.clear()
    book.is_free.clear()
    first: Future[str] = threads.submit(shared.ask, "first")
    assert book.reached.wait(30)
    return first


def until(holds: Callable[[], bool]) -> None:
    for _ in range(30_000):
        if holds():
            return
        threading.Event().wait(0.001)
    raise AssertionError


def test_a_lone_caller_is_served_in_its_own_thread(book: Book, shared: SharedBook) -> None:
    before = threading.active_count()
    assert [shared.ask(word) for word in ("a", "b")] == ["A", "B"]
    assert book.writers == [get_ident()] * 2
    assert threading.active_count() == before


def test_of_those_that_wait_the_first_serves_all(
    book: Book, shared: SharedBook, threads: Threads
) -> None:
    first = busy(book, threads, shared)
    said: list[Future[tuple[str, int]]] = []
    for count, word in enumerate("abc", 1):
        said.append(threads.submit(lambda word: (shared.ask(word), get_ident()), word))
        until(lambda: len(shared._waiting) == count)  # noqa: B023 - called at once
    assert not first.done()
    assert not any(each.done() for each in said)
    book.is_free.set()
    answers = [each.result(30) for each in said]
    assert [word for word, _ in answers] == ["A", "B", "C"]
    assert book.groups == [["first"], ["a", "b", "c"]]
    assert book.writers[1] == answers[0][1]


def test_for_those_that_cannot_wait_a_thread_leads(
    book: Book, shared: SharedBook, threads: Threads
) -> None:
    assert shared.put("alone").result(30) == "ALONE"
    first = busy(book, threads, shared)
    said = [shared.put("a"), threads.submit(shared.ask, "b")]
    until(lambda: len(shared._waiting) == 2)
    cancelled = shared.put("c")
    assert cancelled.cancel()
    book.is_free.set()
    assert [each.result(30) for each in (first, *said)] == ["FIRST", "A", "B"]
    assert book.groups[-1] == ["a", "b", "c"]
    assert book.writers[0] == book.writers[-1] != get_ident()


def test_a_caller_who_is_interrupted_leaves_nobody_waiting(
    book: Book, shared: SharedBook, threads: Threads
) -> None:
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    first, main = busy(book, threads, shared), get_ident()

    def interrupt() -> "Future[str]":
        until(lambda: len(shared._waiting) == 1)
        last = threads.submit(shared.ask, "last")
        until(lambda: len(shared._waiting) == 2)
        signal.pthread_kill(main, signal.SIGINT)
        return last

    interrupting = threads.submit(interrupt)
    with pytest.raises(KeyboardInterrupt):
        shared.ask("main")
    last = interrupting.result(30)
    book.is_free.set()
    assert [first.result(30), last.result(30)] == ["FIRST", "LAST"]
    assert book.groups[1:] == [["main", "last"]]
    assert get_ident() not in book.writers


def interrupt_at(number: int) -> None:
    """Interrupt this thread where call `number` of shared_store.py begins, or one of its returns.

    These are the places at which Python lets a signal in.
    """
    events = itertools.count(1)

    def look(frame: FrameType, event: str, _: object) -> None:
        inside = frame.f_code.co_filename == shared_store.__file__
        if inside and event in ("call", "c_return") and next(events) == number:
            raise KeyboardInterrupt

    sys.setprofile(look)


def outlives_interrupt_at(number: int, threads: Threads, *, can_wait: bool) -> bool:
    """Whether a leader comes to its end, or is interrupted and the next caller and `close` do."""
    book = Book()
    shared = SharedBook(lambda: book)
    others: list[Future[str]] = []

    class LeadersBook(Closing):
        def write(self, words: list[str]) -> None:
            book.write(words)
            if not others:
                others.append(threads.submit(shared.ask, "b") if can_wait else shared.put("b"))
                until(lambda: len(shared._waiting) == 1)
                interrupt_at(number)

        def close(self) -> None:
            book.close()

    shared._store = LeadersBook()  # type: ignore[assignment]
    is_done = False
    try:
        with suppress(KeyboardInterrupt):
            shared.ask("a")
            is_done = True
    finally:
        sys.setprofile(None)
    assert [each.result(30) for each in others] == ["B"], number
    threads.submit(shared.close).result(30)
    assert book.is_closed
    return is_done


@pytest.mark.parametrize("can_wait", [True, False])
def test_wherever_a_leader_is_interrupted_the_lead_is_passed_on(
    threads: Threads, can_wait: bool
) -> None:
    number = 1
    while not outlives_interrupt_at(number, threads, can_wait=can_wait):
        number += 1
    assert number > 5, "it was interrupted at each call"


def test_wherever_a_lone_request_is_interrupted_the_store_can_be_closed(threads: Threads) -> None:
    for number in itertools.count(1):
        book = Book()
        shared = SharedBook(lambda: book)  # noqa: B023 - called at once
        said = None
        try:
            with suppress(KeyboardInterrupt):
                interrupt_at(number)
                said = shared.put("a")
        finally:
            sys.setprofile(None)
        assert threads.submit(shared.ask, "b").result(30) == "B"
        threads.submit(shared.close).result(30)
        if said is not None:
            assert said.result(30) == "A"
            break
    assert number > 5, "it was interrupted at each call"


def test_an_error_is_raised_where_it_was_asked_for_and_the_next_is_served(
    book: Book, shared: SharedBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: list[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(book, "write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            shared.ask("a")
        with pytest.raises(KeyboardInterrupt):
            shared.put("b").result(30)
    assert shared.ask("c") == "C"


def test_everybody_who_waits_is_answered_before_it_is_closed(threads: Threads) -> None:
    book = Book()
    shared = SharedBook(lambda: book)
    first = busy(book, threads, shared)
    said = [threads.submit(shared.ask, "a"), shared.put("b")]
    until(lambda: len(shared._waiting) == 2)
    closing = threads.submit(shared.close)
    until(lambda: shared._is_closing)
    for ask in (shared.ask, shared.put):
        with pytest.raises(LookupError):
            ask("late")
    assert not closing.done()
    book.is_free.set()
    closing.result(30)
    assert [each.result(30) for each in (first, *said)] == ["FIRST", "A", "B"]
    assert book.is_closed
    shared.close()
