"""The tray: every place of every line in turn, several lines at once (STATION §5)."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

from firmware_model.errors import BadAnswer, KeyfobError, NoAnswer, PortUnavailable
from firmware_model.units import NS_PER_MS, NS_PER_SECOND
from firmware_model.wire.primary import PrimaryTiming
from host_tools.client.link import Link
from host_tools.client.ports import Port, open_port
from host_tools.client.session import TokenSession
from host_tools.provisioning.station.confirm import DisplayReader
from host_tools.provisioning.station.desk import StationDesk
from host_tools.provisioning.station.ledger import Ledger
from host_tools.provisioning.station.place import StationEvent, TrayPlace
from host_tools.provisioning.station.shared_ledger import LineLedger, RunLedger, SharedLedger
from host_tools.provisioning.station.states import FailureCause
from host_tools.provisioning.station.visit import EventHandler, Visitor

POLL_TIMING = PrimaryTiming(response_ns=300 * NS_PER_MS, tries=5)
"""An empty place is asked for 1.5 s, so that a slow fob on a busy line is not passed over."""

STATION_TIMING = PrimaryTiming(tries=8)
"""More tries than for one command by hand: a visit is dozens of commands, and all must succeed."""

VISITS_MAX = 4
"""How often a fob is visited in a row that answers, but whose line loses bytes."""

ROUND_TRIP_SECONDS_MAX = 60
"""An answer that takes longer than this is no measure of a line."""

ROUNDS_MAX = 4
"""How often a place is asked for from which only pieces of answers come."""

NOISY_TRIES = 16
NOISY_INFORMATION_BYTES = 32
"""From the second visit on: more tries, and shorter frames, which a lost byte hits less often."""

WAIT_SECONDS = 0.5
"""Between two rounds, while the next fob is waited for."""

LEAVE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TrayLine:
    """One line of the tray: a port, and its places in order."""

    port: str
    places: tuple[TrayPlace, ...]


def lines(ports: Sequence[str], addresses: Sequence[int]) -> list[TrayLine]:
    """Return the lines at `ports`, each with the same addresses.

    Places are counted through: those of the second line follow those of the first. A place's
    bench channel follows from its address, as in a rack whose lines are equally long.
    """
    found = []
    for number, port in enumerate(ports):
        places = tuple(
            TrayPlace(
                port,
                address,
                position=number * len(addresses) + index,
                channel=number * max(addresses) + address,
            )
            for index, address in enumerate(addresses, 1)
        )
        found.append(TrayLine(port, places))
    return found


class Tray:
    """Works through lines, each in a thread of its own.

    Args:
        desk: what the run works with.
        open_ledger: opens the ledger; each line has its own.
        open_reader: opens whoever looks at the displays; each line has its own.
        on_event: is called from the lines' threads, by one of them at a time.
        wait: go round until every record at hand is done, for fobs that are plugged in one
            after the other; a line that goes away is opened again when it is back.
        timing: when to repeat, and when to give a fob up.
        poll: the same for asking whether there is one.
        enough: while waiting, whether no more fobs are waited for; asked after each event.
    """

    def __init__(
        self,
        desk: StationDesk,
        open_ledger: Callable[[], Ledger],
        open_reader: Callable[[], DisplayReader],
        on_event: EventHandler,
        *,
        wait: bool = False,
        timing: PrimaryTiming = STATION_TIMING,
        poll: PrimaryTiming = POLL_TIMING,
        enough: Callable[[], bool] | None = None,
    ) -> None:
        self._desk = desk
        self._open_ledger = open_ledger
        self._open_reader = open_reader
        self._on_event = on_event
        self._wait = wait
        self._timing = timing
        self._poll = poll
        self._enough = enough
        self.costs: list[str] = []
        """What each bad line cost, in a sentence; whole when `work` has returned."""
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._errors: list[KeyfobError] = []
        self._surprise: BaseException | None = None

    def work(self, lines: Sequence[TrayLine]) -> list[KeyfobError]:
        """Work through all `lines` and return what ended any of them early.

        KeyboardInterrupt ends each line after the fob it is at, and does not wait long for one
        that waits for a person: whatever it is cut off at, the next run goes on from there.
        """
        with ExitStack() as closing:
            shared = None
            if len(lines) > 1:
                shared = closing.enter_context(SharedLedger(self._open_ledger))
            self._work(lines, shared)
        if self._surprise is not None:
            raise self._surprise
        return self._errors

    def stop(self) -> None:
        """End each line after the fob it is at; for any thread."""
        self._stop.set()

    def _work(self, lines: Sequence[TrayLine], shared: SharedLedger | None) -> None:
        threads = [
            threading.Thread(target=self._line, args=(line, shared), daemon=True) for line in lines
        ]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        except BaseException:
            self._stop.set()
            for thread in threads:
                if thread.is_alive():
                    thread.join(LEAVE_SECONDS)
            raise

    def _line(self, line: TrayLine, shared: SharedLedger | None) -> None:
        try:
            with self._open_ledger() as own:
                ledger = own if shared is None else LineLedger(own, shared)
                reader = self._open_reader()
                try:
                    self._rounds(line, ledger, Visitor(self._desk, ledger, reader, self._emit))
                finally:
                    reader.close()
        except KeyfobError as error:
            self._end(error)
        except BaseException as error:  # noqa: BLE001 - raised again where `work` was called
            self._surprise = error
            self._stop.set()

    def _end(self, error: KeyfobError) -> None:
        with self._lock:
            self._errors.append(error)
        if not isinstance(error, PortUnavailable):
            self._stop.set()  # the others share what failed: ledger, clock, bench

    def _rounds(self, line: TrayLine, ledger: RunLedger, visitor: Visitor) -> None:
        handled: dict[TrayPlace, StationEvent] = {}
        while not self._stop.is_set():
            try:
                with open_port(line.port) as port:
                    try:
                        self._round(port, line, visitor, handled)
                    finally:
                        self._note_cost(port)
            except PortUnavailable:
                if not self._wait:
                    raise
                handled.clear()
            if not self._wait or not ledger.unfinished_at_hand():
                return
            self._stop.wait(WAIT_SECONDS)

    def _note_cost(self, port: Port) -> None:
        if port.cost.resent:
            cost = f"{port.url}: {port.cost.resent} frames were sent again,"
            cost += f" {port.cost.seconds:.0f} s lost; a line profile or a better cable may help"
            with self._lock:
                self.costs.append(f"{cost} (STATION §5)")

    def _round(
        self, port: Port, line: TrayLine, visitor: Visitor, handled: dict[TrayPlace, StationEvent]
    ) -> None:
        """Visit every place once, and skipped ones once more at the end.

        While waiting for fobs, a place that was visited is visited again after it was empty.
        """
        skipped: list[TrayPlace] = []
        poll = port.settings.poll_timing(self._poll)
        for place in line.places:
            if self._stop.is_set():
                return
            link = self._connected(port, place.address, poll)
            if link is None:
                handled.pop(place, None)
                if not self._wait:
                    visitor.miss(place)
            elif place not in handled:
                event = self._visit(link, place, visitor)
                if event.cause is FailureCause.SKIPPED:
                    skipped.append(place)
                if self._wait:
                    handled[place] = event
        for place in skipped:
            if self._stop.is_set():
                return
            link = self._connected(port, place.address, poll)
            if link is not None:
                self._visit(link, place, visitor)

    def _visit(self, link: Link, place: TrayPlace, visitor: Visitor) -> StationEvent:
        """Visit the fob; again, in shorter frames, where its line lost an answer."""
        port = link.port
        usual = port.settings.timing(self._timing)
        if port.round_trip_seconds < ROUND_TRIP_SECONDS_MAX:
            slow_ns = int(2 * port.round_trip_seconds * NS_PER_SECOND)
            usual = replace(usual, response_ns=max(usual.response_ns, slow_ns))
        link.set_timing(usual)
        event = _visit_once(link, place, visitor)
        for _ in range(VISITS_MAX - 1):
            lost = event.cause in (FailureCause.NO_ANSWER, FailureCause.BAD_ANSWER)
            if not lost or self._stop.is_set():
                break
            if self._connected(port, place.address, usual) is None:
                break
            timing = replace(usual, tries=max(usual.tries, NOISY_TRIES))
            shorter = Link(port, place.address, timing, information_bytes=NOISY_INFORMATION_BYTES)
            event = _visit_once(shorter, place, visitor)
        return event

    def _connected(self, port: Port, address: int, timing: PrimaryTiming) -> Link | None:
        """Return a link to whatever answers at `address`, None where nothing does.

        What the fob was at before is over with that. Where only pieces of answers come, it is
        asked again: the line loses bytes. A link that is not connected will say what is wrong.
        """
        link = Link(port, address, timing)
        for _ in range(ROUNDS_MAX):
            port.drop_input()  # the end of what was said before
            received = port.received
            try:
                link.connect()
            except NoAnswer:
                if port.received == received:
                    return None
            except BadAnswer:
                break
            else:
                break
        return link

    def _emit(self, event: StationEvent) -> None:
        with self._lock:
            self._on_event(event)
            if self._enough is not None and self._enough():
                self._stop.set()


def _visit_once(link: Link, place: TrayPlace, visitor: Visitor) -> StationEvent:
    event = visitor.visit(TokenSession(link), place)
    with suppress(NoAnswer, BadAnswer):
        link.disconnect()
    return event
