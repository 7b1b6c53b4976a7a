"""`pcsc:READER`: a fob, or another maker's card, in a reader of this machine's PC/SC service.

Through pyscard, which is an extra (`keyfob[pcsc]`) because it is compiled.
"""

from typing import Any

from firmware_model.errors import BadInput, InUse, NoAnswer, PortUnavailable
from host_tools.client.closing import Closing
from host_tools.client.command_link import gather

SCHEME = "pcsc:"
NOT_INSTALLED = (
    "pcsc: needs pyscard: pip install 'keyfob[pcsc]' (it is compiled; on Debian first apt-get"
    " install libpcsclite-dev swig gcc python3-dev)"
)
_SHARING_VIOLATION = 0x8010000B


def open_card(url: str) -> "CardLink":
    """Connect to the card in the reader that `url` names.

    Args:
        url: `pcsc:` and a reader's name, or so much of it that only one has it.

    Raises:
        BadInput: pyscard is not installed, or several readers have that in their names.
        PortUnavailable: there is no such reader, or no PC/SC service.
        NoAnswer: no card is in it, or it does not answer.
        InUse: another program holds it.
    """
    try:
        from smartcard.System import readers
    except ImportError:
        raise BadInput(NOT_INSTALLED) from None
    try:
        found = {str(reader): reader for reader in readers()}
    except Exception as error:  # noqa: BLE001 - pyscard's errors have no common root
        raise PortUnavailable(
            f"{url}: no PC/SC service answers; check that pcscd is running ({error})"
        ) from None
    link = CardLink(url, found[_chosen(url, list(found))].createConnection())
    link.connect()
    return link


def _chosen(url: str, names: list[str]) -> str:
    wanted = url.partition(":")[2].strip()
    if wanted in names:
        return wanted
    matching = [name for name in names if wanted.lower() in name.lower()]
    if len(matching) == 1:
        return matching[0]
    listed = ", ".join(repr(name) for name in matching or names) or "none"
    if matching:
        raise BadInput(f"{url} names {len(matching)} readers: {listed}; give the whole name of one")
    raise PortUnavailable(f"{url}: there is no such reader; those of this machine: {listed}")


class CardLink(Closing):
    """A connection to a card: APDUs out, answers back; raises as `Link`.

    `connection` is pyscard's; another host of the same card is kept out while this lasts only
    where the service can do that.
    """

    def __init__(self, url: str, connection: Any) -> None:
        self.url = url
        self._connection = connection
        self.is_connected = False

    def connect(self) -> None:
        """Power the card up; whatever a host before had with it is over."""
        try:
            self._connection.connect()
        except Exception as error:  # noqa: BLE001 - as in `open_card`
            raise self._why(error) from None
        self.is_connected = True

    def transceive(self, apdu: bytes) -> bytes:
        """Send a command APDU and return the whole answer, status word included."""
        return gather(self._exchange, self._exchange(apdu), self)

    def close(self) -> None:
        """Let go of the card, whatever happens; a second time does nothing."""
        connected, self.is_connected = self.is_connected, False
        if connected:
            try:
                self._connection.disconnect()
            except Exception as error:  # noqa: BLE001 - as in `open_card`
                raise self._why(error) from None

    def abandon(self) -> None:
        """Let go of the card."""
        self.close()

    def __str__(self) -> str:
        return self.url

    def _exchange(self, apdu: bytes) -> bytes:
        if not self.is_connected:
            raise NoAnswer(f"{self}: not connected")
        try:
            data, first, second = self._connection.transmit(list(apdu))
        except Exception as error:  # noqa: BLE001 - as in `open_card`
            raise self._why(error) from None
        return bytes((*data, first, second))

    def _why(self, error: Exception) -> InUse | NoAnswer:
        """Return in our words what pyscard says; never with what was sent."""
        if getattr(error, "hresult", 0) & 0xFFFFFFFF == _SHARING_VIOLATION:
            return InUse(f"{self} is in use by another program")
        kind = type(error).__name__
        if kind == "NoCardException":
            return NoAnswer(f"{self}: no card is in the reader; is the fob running, its cell good?")
        return NoAnswer(f"{self}: the card does not answer ({kind}); try again")
