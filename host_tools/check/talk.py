"""A host that speaks frame by frame and may break the rules, to see what the fob makes of it."""

import time

from firmware_model.wire.apdu import Response, decode_response
from firmware_model.wire.hdlc import (
    CONTROLS,
    Deframer,
    Frame,
    FrameKind,
    client_address,
    control_byte,
    encode,
    server_address,
)
from host_tools.check.findings import Disagreement, expect, require
from host_tools.client.ports import Port

ANSWER_SECONDS = 5.0
"""How long an answer may take to begin, as long as none is held back."""

QUIET_SECONDS = 0.3
"""How long nothing must come for the fob to count as silent."""

SEGMENTS_MAX = 100


class Talk:
    """One end of the line, with the sequence numbers that are right until somebody spoils them.

    `sent` is the next N(S), `received` the next N(R). `server` is the address field that frames
    go to, `client` the one they come from.
    """

    def __init__(self, port: Port, address: int) -> None:
        self.port = port
        self.server = server_address(address)
        self.client = client_address()
        self.sent = self.received = 0
        self._deframer = Deframer()
        self._waiting: list[Frame] = []

    def connect(self, parameters: bytes = b"") -> Frame:
        """Send SNRM; return the UA."""
        self.sent = self.received = 0
        answer = self.exchange(self.frame(FrameKind.SNRM, information=parameters))
        expect(self.kind_of(answer), FrameKind.UA, "the answer to SNRM")
        return answer

    def frame(
        self,
        kind: FrameKind,
        *,
        information: bytes = b"",
        poll: bool = True,
        segmented: bool = False,
        sent: int | None = None,
        received: int | None = None,
    ) -> bytes:
        """Return a frame to the fob; numbers are the right ones unless others are given."""
        numbered = kind in (FrameKind.I, FrameKind.RR, FrameKind.RNR)
        control = control_byte(
            kind,
            poll,
            (self.received if received is None else received) if numbered else 0,
            (self.sent if sent is None else sent) if kind is FrameKind.I else 0,
        )
        return encode(Frame(self.server, self.client, control, information, segmented))

    def information(self, data: bytes, *, segmented: bool = False, poll: bool = True) -> bytes:
        """Return the next I-frame, and count it."""
        raw = self.frame(FrameKind.I, information=data, segmented=segmented, poll=poll)
        self.sent = (self.sent + 1) & 7
        return raw

    def write(self, raw: bytes) -> None:
        """Send bytes, whatever they are."""
        self.port.write(raw)

    def exchange(self, raw: bytes) -> Frame:
        """Send bytes and return the one frame that must come back, to us and with F set."""
        self.write(raw)
        answer = self._next(ANSWER_SECONDS)
        if answer is None:
            raise Disagreement("the fob does not answer")
        expect(answer.destination, self.client, "the destination of the answer")
        expect(answer.source, self.server, "the source of the answer")
        require(CONTROLS[answer.control].poll, "the answer lacks the final bit")
        return answer

    def answered(self, answer: Frame) -> bytes:
        """Take an I-frame that must be the next one; return its information field."""
        control = CONTROLS[answer.control]
        expect(control.kind, FrameKind.I, "the answer to a command")
        expect(control.sent, self.received, "N(S) of the answer")
        expect(control.received, self.sent, "N(R) of the answer")
        self.received = (self.received + 1) & 7
        return answer.information

    def command(self, apdu: bytes) -> Response:
        """Send a command in one frame; return its answer, put together from its segments."""
        return self.rest(self.exchange(self.information(apdu)))

    def rest(self, answer: Frame) -> Response:
        """Return the response that begins with the I-frame `answer`, polling for the rest."""
        whole = self.answered(answer)
        for _ in range(SEGMENTS_MAX):
            if not answer.segmented:
                break
            answer = self.exchange(self.frame(FrameKind.RR))
            whole += self.answered(answer)
        response = decode_response(whole)
        if response is None or answer.segmented:
            raise Disagreement("an answer without a status word")
        return response

    def expect_silence(self, what: str) -> None:
        """See to it that nothing comes."""
        frame = self._next(QUIET_SECONDS)
        if frame is not None:
            raise Disagreement(f"{what}: {self.kind_of(frame).name} instead of silence")

    @staticmethod
    def kind_of(frame: Frame) -> FrameKind:
        """Return what a frame is."""
        return CONTROLS[frame.control].kind

    def _next(self, within_seconds: float) -> Frame | None:
        """Return the next good frame; damaged ones are the fob's fault."""
        deadline = time.monotonic() + within_seconds
        while not self._waiting:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            for found in self._deframer.feed(self.port.read(left)):
                if not isinstance(found, Frame):
                    raise Disagreement(f"the fob sends no frame: {found.damage.value}")
                self._waiting.append(found)
        return self._waiting.pop(0)
