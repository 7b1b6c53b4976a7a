"""The host's end: dialogues byte for byte, every state with every input, tries and patience."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime, later
from firmware_model.wire import hdlc
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.negotiation import Lengths
from firmware_model.wire.primary import Failed, Failure, Primary, PrimaryEvent, PrimaryTiming
from firmware_model.wire.primary_table import TRANSITIONS, PrimaryEffect, PrimaryInput, PrimaryState
from tests.firmware_model.wire.vectors import load, octets

NOW = SimTime(1_700_000_000 * NS_PER_SECOND)
DIALOGUES = {
    dialogue["name"]: dialogue
    for dialogue in load("hdlc.json")["dialogues"]
    if not dialogue.get("secondary_only")
}


def frame(control: int, information: bytes = b"", *, more: bool = False) -> bytes:
    return hdlc.encode(hdlc.Frame(b"\x21", b"\x02\x03", control, information, more))


UA, DM, ANSWER = frame(0x73), frame(0x1F), frame(0x30, b"\x90\x00")
RR_1, RNR_1 = frame(0x31), frame(0x35)


def sent(events: list[PrimaryEvent]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Send))


def connected() -> Primary:
    host = Primary(1)
    host.connect(NOW)
    assert host.receive(UA, NOW) == [Connected()]
    return host


@pytest.mark.parametrize("name", ["connect, ask, disconnect"])
@pytest.mark.parametrize("piece", [10_000, 1], ids=["whole", "byte by byte"])
def test_dialogue(name: str, piece: int) -> None:
    steps: list[dict[str, Any]] = DIALOGUES[name]["steps"]
    host = Primary(1)
    said = host.connect(NOW)
    for at, step in enumerate(steps):
        assert sent(said).hex(" ") == step["host"]
        raw = octets(step["fob"])
        heard = [
            event
            for start in range(0, len(raw), piece)
            for event in host.receive(raw[start : start + piece], NOW)
        ]
        if at == 0:
            assert heard == [Connected()]
        elif at < len(steps) - 1:
            assert heard == [Indication(octets(step["answer"]))]
        else:
            assert heard == [Disconnected()]
            break
        last = at + 1 == len(steps) - 1
        said = host.disconnect(NOW) if last else host.transmit(octets("00 CA DF 20 00"), NOW)


def test_segments_go_out_one_by_one_and_come_in_one_by_one() -> None:
    steps = DIALOGUES["both directions in segments, lengths from SNRM seen from the other side"]
    steps = steps["steps"]
    host = connected()
    host._lengths = Lengths(32, 64)
    said = host.transmit(octets(steps[2]["command"]), NOW)
    for step in steps[1:]:
        assert sent(said).hex(" ") == step["host"]
        said = host.receive(octets(step["fob"]), NOW)
    assert said == [Indication(octets(steps[2]["answer"]))]


def in_state(state: PrimaryState) -> Primary:
    host = Primary(1)
    if state is PrimaryState.DISCONNECTED:
        return host
    host.connect(NOW)
    if state is not PrimaryState.CONNECTING:
        host.receive(UA, NOW)
    if state in (PrimaryState.AWAITING, PrimaryState.PAUSING):
        host.transmit(b"\x00\xca", NOW)
    if state is PrimaryState.PAUSING:
        host.receive(RNR_1, NOW)
    if state is PrimaryState.DISCONNECTING:
        host.disconnect(NOW)
    assert host.state is state
    return host


@pytest.mark.parametrize("state", PrimaryState)
@pytest.mark.parametrize("what", PrimaryInput)
def test_every_state_meets_every_input(state: PrimaryState, what: PrimaryInput) -> None:
    host = in_state(state)
    host._pending = b"x" if what is PrimaryInput.TAKEN else b""
    events = host._step(what, b"", NOW)
    effect, target = TRANSITIONS.get((state, what), (None, state))
    assert host.state is target
    assert (events == []) == (effect in (None, PrimaryEffect.PAUSE))
    assert len(events) <= 1


def test_every_effect_and_every_state_is_in_the_table() -> None:
    assert (
        {effect for effect, _ in TRANSITIONS.values()}
        == set(PrimaryEffect)
        == set(Primary._EFFECTS)
    )
    assert {target for _, target in TRANSITIONS.values()} == set(PrimaryState)
    assert {what for _, what in TRANSITIONS} == set(PrimaryInput)


@settings(max_examples=400)
@given(
    st.sampled_from(PrimaryState),
    st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=140), st.booleans()), max_size=8),
)
def test_any_frames_in_any_state_end_in_a_known_state(
    state: PrimaryState, frames: list[tuple[int, bytes, bool]]
) -> None:
    host = in_state(state)
    for control, information, more in frames:
        before = host.state
        events = host.receive(frame(control, information, more=more), NOW)
        assert len(events) <= 1
        targets = {target for (source, _), (_, target) in TRANSITIONS.items() if source is before}
        assert host.state is before or host.state in targets


@pytest.mark.parametrize("state", PrimaryState)
def test_from_every_state_silence_comes_to_an_end(state: PrimaryState) -> None:
    host = in_state(state)
    now, steps = NOW, 0
    while (due := host.deadline) is not None:
        now, steps = max(now, due), steps + 1
        host.timeout(now)
        assert steps < 20
    assert host.state in (PrimaryState.DISCONNECTED, PrimaryState.READY)


def test_a_frame_is_sent_four_times_a_second_apart_and_then_nothing_answers() -> None:
    host = Primary(1)
    first = sent(host.connect(NOW))
    now = NOW
    for _ in range(3):
        now = later(now, NS_PER_SECOND)
        assert host.deadline == now
        assert host.timeout(SimTime(now - 1)) == []
        assert sent(host.timeout(now)) == first
    assert host.timeout(later(now, NS_PER_SECOND)) == [Failed(Failure.SILENT)]
    assert not host.is_connected


def test_octets_on_the_way_keep_the_response_time_out_from_striking() -> None:
    host = connected()
    host.transmit(b"\x00\xca", NOW)
    half = later(NOW, 900 * NS_PER_MS)
    host.receive(ANSWER[:6], half)
    assert host.timeout(later(NOW, 1000 * NS_PER_MS)) == []
    assert host.receive(ANSWER[6:], later(NOW, 1100 * NS_PER_MS)) == [Indication(b"\x90\x00")]


@pytest.mark.parametrize("noise", [b"$GPGGA,123519~\r\n", b"\x7e\x7e", b"\x00\xff", UA])
def test_noise_and_frames_that_answer_nothing_do_not_keep_it_from_striking(noise: bytes) -> None:
    host = connected()
    command = sent(host.transmit(b"\x00\xca", NOW))
    for tenth in range(1, 10):
        assert host.receive(noise, later(NOW, tenth * 100 * NS_PER_MS)) == []
    assert sent(host.timeout(later(NOW, NS_PER_SECOND))) == command


def test_a_frame_that_trickles_in_for_ever_is_given_up_with_the_patience() -> None:
    host = connected()
    command = sent(host.transmit(b"\x00\xca", NOW))
    longest = hdlc.encode(hdlc.Frame(b"\x21", b"\x02\x03", 0x30, bytes(2030)))
    for number in range(149):
        now = later(NOW, number * 400 * NS_PER_MS)
        assert host.receive(longest[number : number + 1], now) == []
        assert host.timeout(now) == []
    assert sent(host.timeout(later(NOW, 60 * NS_PER_SECOND))) == command


def test_a_busy_fob_is_polled_until_patience_ends() -> None:
    timing = PrimaryTiming(pause_ns=100 * NS_PER_MS, patience_ns=350 * NS_PER_MS)
    host = Primary(1, timing=timing)
    host.connect(NOW)
    host.receive(UA, NOW)
    host.transmit(b"\x00\xca", NOW)
    now, polls = NOW, 0
    while True:
        assert host.receive(RNR_1, now) == []
        now = later(now, 100 * NS_PER_MS)
        events = host.timeout(now)
        if not sent(events):
            break
        assert sent(events).hex(" ")[:20] == "7e a0 08 02 03 21 11"
        polls += 1
    assert polls == 3
    assert events == [Failed(Failure.BUSY)]


def test_a_busy_fob_that_becomes_ready_is_asked_once_more() -> None:
    host = connected()
    host.transmit(b"\x00\xca", NOW)
    host.receive(RR_1, NOW)
    assert sent(host.timeout(later(NOW, 100 * NS_PER_MS)))
    assert host.receive(ANSWER, later(NOW, 100 * NS_PER_MS)) == [Indication(b"\x90\x00")]


def test_a_poll_that_shows_a_lost_command_sends_it_again() -> None:
    host = connected()
    command = sent(host.transmit(b"\x00\xca", NOW))
    host.receive(RNR_1, NOW)
    host.timeout(later(NOW, 100 * NS_PER_MS))
    assert sent(host.receive(frame(0x11), later(NOW, 100 * NS_PER_MS))) == command


def test_a_segment_that_a_busy_fob_did_not_take_is_sent_again_and_the_rest_after_it() -> None:
    host = connected()
    first = sent(host.transmit(bytes(200), NOW))
    host.receive(RNR_1, NOW)
    host.timeout(later(NOW, 100 * NS_PER_MS))
    soon = later(NOW, 200 * NS_PER_MS)
    assert sent(host.receive(frame(0x11), soon)) == first
    rest = sent(host.receive(RR_1, soon))
    assert hdlc.Deframer().feed(rest) == [hdlc.Frame(b"\x02\x03", b"\x21", 0x12, bytes(72))]


@pytest.mark.parametrize(
    ("raw", "failure"),
    [(DM, Failure.LOST), (frame(0x97, b"\x10\x00\x08"), Failure.REJECTED)],
)
def test_a_lost_or_rejected_connection_is_told(raw: bytes, failure: Failure) -> None:
    host = connected()
    host.transmit(b"\x00\xca", NOW)
    (event,) = host.receive(raw, NOW)
    assert isinstance(event, Failed)
    assert event.failure is failure


def test_a_refused_connection_and_a_senseless_ua_are_told() -> None:
    for raw, failure in [(DM, Failure.REFUSED), (frame(0x73, b"\x81\x80\x09"), Failure.NONSENSE)]:
        host = Primary(1)
        host.connect(NOW)
        assert host.receive(raw, NOW) == [Failed(failure)]


def test_doubled_answers_other_fobs_and_our_own_echo_are_read_over() -> None:
    host = connected()
    echo = sent(host.transmit(b"\x00\xca", NOW))
    other = hdlc.encode(hdlc.Frame(b"\x21", b"\x02\x05", 0x30, b"\x90\x00"))
    assert host.receive(echo + other, NOW) == []
    assert host.receive(ANSWER + ANSWER, NOW) == [Indication(b"\x90\x00")]


def test_segments_without_end_or_without_content_are_no_way_to_fill_the_memory() -> None:
    host = connected()
    host.transmit(b"\x00\xca", NOW)
    assert host.receive(frame(0x30, more=True), NOW) == []
    size = 2030
    events: list[PrimaryEvent] = []
    for count in range(65_538 // size + 1):
        control = hdlc.control_byte(hdlc.FrameKind.I, poll=True, received=1, sent=count)
        events += host.receive(frame(control, bytes(size), more=True), NOW)
    assert events[-1] == Failed(Failure.NONSENSE)


def test_a_doubled_acknowledgement_of_a_segment_does_not_double_the_next_one() -> None:
    host = connected()
    host.transmit(bytes(300), NOW)
    assert sent(host.receive(RR_1, NOW))
    assert host.receive(RR_1, NOW) == []
