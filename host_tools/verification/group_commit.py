"""One host for many callers: whoever waits shares the next commit (HOST §12)."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from firmware_model.errors import KeyfobError
from host_tools.vault.shared_store import Caller, SharedStore
from host_tools.verification.attempts import Attempt, HostAnswer, Said
from host_tools.verification.host import Host

GROUP_MAX = 128
"""Attempts decided together: nobody waits for more than these."""

_Result = TypeVar("_Result")


_Asked = Attempt | Callable[[Host], Any]


class SharedHost(SharedStore[Host, _Asked]):
    """One host for any number of threads and an event loop.

    Attempts that come while a commit is on its way to the disk are decided together, and made
    durable by one commit; each is answered after that. Whatever else is asked of the host runs
    between two groups.
    """

    def submit(self, attempt: Attempt) -> "Future[Said]":
        """Return what will be said to an attempt; it is durable when the future is done."""
        return self.put(attempt)

    def verify(
        self, codes: Sequence[str], now_seconds: int, *, token: str = "", user: str = ""
    ) -> HostAnswer:
        """Decide on one code, or on consecutive ones; see `Host.verify`."""
        said = self.ask(Attempt(codes, now_seconds, token, user))
        if isinstance(said, KeyfobError):
            raise said
        assert isinstance(said, HostAnswer)
        return said

    def run(self, act: Callable[[Host], _Result]) -> "Future[_Result]":
        """Return what `act` will return, which is called with the host, by itself."""
        return self.put(act)

    def closed(self) -> Exception:
        """Return what is raised for a caller who asks after the end: our own fault."""
        return AssertionError("the host is closed")

    def take(self, waiting: deque[Caller[_Asked]]) -> list[Caller[_Asked]]:
        """Take attempts up to the next other act, or that act alone."""
        group = [waiting.popleft()]
        while (
            isinstance(group[-1].asked, Attempt)
            and waiting
            and isinstance(waiting[0].asked, Attempt)
            and len(group) < GROUP_MAX
        ):
            group.append(waiting.popleft())
        return group

    def serve(self, store: Host, group: Sequence[Caller[_Asked]]) -> None:
        """Decide a group's attempts together, or carry out its one act."""
        first = group[0].asked
        try:
            if isinstance(first, Attempt):
                asked = [each.asked for each in group if isinstance(each.asked, Attempt)]
                said = store.verify_all(asked)
            else:
                said = [first(store)]
        except BaseException as error:  # noqa: BLE001 - raised where the answer is waited for
            for caller in group:
                caller.set_exception(error)
            return
        for caller, answer in zip(group, said, strict=True):
            caller.set_result(answer)
