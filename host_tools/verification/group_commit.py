"""One host for many callers: whoever waits shares the next commit (HOST §12)."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from firmware_model.errors import KeyfobError
from host_tools.vault.group_thread import GroupThread
from host_tools.verification.attempts import Attempt, HostAnswer, Said
from host_tools.verification.host import Host

GROUP_MAX = 128
"""Attempts decided together: nobody waits for more than these."""

_Result = TypeVar("_Result")


_Asked = Attempt | Callable[[Host], Any]


class SharedHost(GroupThread[Host, _Asked]):
    """A host in a thread of its own, for any number of threads or one event loop.

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
        said = self.submit(Attempt(codes, now_seconds, token, user)).result()
        if isinstance(said, KeyfobError):
            raise said
        assert isinstance(said, HostAnswer)
        return said

    def run(self, act: Callable[[Host], _Result]) -> "Future[_Result]":
        """Return what `act` will return, which is called with the host in its thread."""
        return self.put(act)

    def closed(self) -> Exception:
        """Return what is raised for a caller who asks after the end: our own fault."""
        return AssertionError("the host is closed")

    def take(self, waiting: deque[tuple[_Asked, "Future[Any]"]]) -> list[tuple[_Asked, Any]]:
        """Take attempts up to the next other act, or that act alone."""
        group = [waiting.popleft()]
        while (
            isinstance(group[-1][0], Attempt)
            and waiting
            and isinstance(waiting[0][0], Attempt)
            and len(group) < GROUP_MAX
        ):
            group.append(waiting.popleft())
        return group

    def answer(self, store: Host, group: Sequence[tuple[_Asked, "Future[Any]"]]) -> None:
        """Decide a group's attempts together, or carry out its one act."""
        asked = [each for each, _ in group]
        try:
            if isinstance(asked[0], Attempt):
                said = store.verify_all([each for each in asked if isinstance(each, Attempt)])
            else:
                said = [asked[0](store)]
        except BaseException as error:  # noqa: BLE001 - raised where the answer is waited for
            for _, future in group:
                future.set_exception(error)
            return
        for (_, future), answer in zip(group, said, strict=True):
            if future.set_running_or_notify_cancel():
                future.set_result(answer)
