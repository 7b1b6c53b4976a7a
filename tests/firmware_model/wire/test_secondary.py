"""The fob's end: dialogues byte for byte, every state with every input, and its clocks."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_model.units import NS_PER_MS, NS_PER_SECOND, SimTime
from firmware_model.wire import hdlc
from firmware_model.wire.events import Connected, Disconnected, Indication, Send
from firmware_model.wire.secondary import MESSAGE_BYTES_MAX, Secondary, SecondaryEvent
from firmware_model.wire.secondary_table import (
    TRANSITIONS,
    SecondaryEffect,
    SecondaryInput,
    SecondaryState,
)
from tests.firmware_model.wire.vectors import load, octets

NOW = SimTime(1_700_000_000 * NS_PER_SECOND)
DIALOGUES = load("hdlc.json")["dialogues"]
BY_NAME = {dialogue["name"]: dialogue for dialogue in DIALOGUES}


def frame(control: int, information: bytes = b"", *, more: bool = False) -> bytes:
    return hdlc.encode(hdlc.Frame(b"\x02\x03", b"\x21", control, information, more))


SNRM, DISC, ASK, POLL = frame(0x93), frame(0x53), frame(0x10, b"\x00\xca"), frame(0x11)


def sent(events: list[SecondaryEvent]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Send))


def commands(events: list[SecondaryEvent]) -> list[bytes]:
    return [event.information for event in events if isinstance(event, Indication)]


@pytest.mark.parametrize("dialogue", DIALOGUES, ids=lambda d: d["name"])
@pytest.mark.parametrize("piece", [10_000, 1], ids=["whole", "byte by byte"])
def test_dialogue(dialogue: dict[str, Any], piece: int) -> None:
    fob = Secondary(1, alone=dialogue.get("alone", False))
    for step in dialogue["steps"]:
        raw = octets(step.get("host", ""))
        events = [
            event
            for at in range(0, len(raw), piece)
            for event in fob.receive(raw[at : at + piece], NOW)
        ]
        assert commands(events) == ([octets(step["command"])] if "command" in step else [])
        if "answer" in step:
            events += fob.respond(octets(step["answer"]), NOW)
        assert sent(events).hex(" ") == step.get("fob", "")


def in_state(state: SecondaryState) -> Secondary:
    """Bring a fob into `state` as a primary would."""
    fob = Secondary(1)
    if state is not SecondaryState.DISCONNECTED:
        fob.receive(SNRM, NOW)
    if state is SecondaryState.BUSY:
        fob.receive(ASK, NOW)
    if state is SecondaryState.REJECTED:
        fob.receive(frame(0x39), NOW)
    assert fob.state is state
    return fob


@pytest.mark.parametrize("state", SecondaryState)
@pytest.mark.parametrize("what", SecondaryInput)
def test_every_state_meets_every_input(state: SecondaryState, what: SecondaryInput) -> None:
    fob = in_state(state)
    fob._poll_open = True
    fob._rejection = b"\x39\x00\x01"
    events = fob._step(what, b"")
    effect, target = TRANSITIONS.get((state, what), (None, state))
    assert fob.state is target
    assert (events == []) == (effect is None or (effect, events) == (SecondaryEffect.LOSE, []))
    assert len([event for event in events if isinstance(event, Send)]) <= 1


def test_every_effect_and_every_state_is_in_the_table() -> None:
    assert (
        {effect for effect, _ in TRANSITIONS.values()}
        == set(SecondaryEffect)
        == set(Secondary._EFFECTS)
    )
    assert {target for _, target in TRANSITIONS.values()} == set(SecondaryState)
    assert {what for _, what in TRANSITIONS} == set(SecondaryInput)


@settings(max_examples=400)
@given(
    st.sampled_from(SecondaryState),
    st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=140), st.booleans()), max_size=6),
)
def test_any_frames_in_any_state_get_at_most_one_final_frame_each_and_only_when_polled(
    state: SecondaryState, frames: list[tuple[int, bytes, bool]]
) -> None:
    fob = in_state(state)
    open_poll = state is SecondaryState.BUSY
    for control, information, more in frames:
        open_poll = open_poll or bool(control & 0x10)
        events = fob.receive(frame(control, information, more=more), NOW)
        answers = hdlc.Deframer().feed(sent(events))
        assert len(answers) <= int(open_poll)
        for answer in answers:
            assert isinstance(answer, hdlc.Frame)
            assert answer.control & 0x10
            open_poll = False
        assert len(fob._assembled) <= MESSAGE_BYTES_MAX
        assert len(commands(events)) <= 1


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_no_bytes_raise(chunks: list[bytes]) -> None:
    fob = in_state(SecondaryState.READY)
    for chunk in chunks:
        fob.receive(chunk, NOW)


def test_a_connection_tells_the_application_before_the_line() -> None:
    fob = Secondary(1)
    assert [type(event) for event in fob.receive(SNRM, NOW)] == [Connected, Send]
    assert [type(event) for event in fob.receive(DISC, NOW)] == [Disconnected, Send]


def test_segments_beyond_the_limit_are_rejected_and_hold_no_more_memory() -> None:
    fob = Secondary(1)
    fob.receive(SNRM, NOW)
    for count in range(MESSAGE_BYTES_MAX // 128):
        control = hdlc.control_byte(hdlc.FrameKind.I, poll=True, sent=count)
        fob.receive(frame(control, bytes(128), more=True), NOW)
    assert (fob.state, fob._assembled) == (SecondaryState.READY, bytes(MESSAGE_BYTES_MAX))
    control = hdlc.control_byte(hdlc.FrameKind.I, poll=True, sent=MESSAGE_BYTES_MAX // 128)
    fob.receive(frame(control, b"\x00", more=True), NOW)
    assert (fob.state, fob._assembled) == (SecondaryState.REJECTED, bytes(MESSAGE_BYTES_MAX))


def test_an_idle_fob_waits_for_nothing() -> None:
    fob = Secondary(1)
    assert fob.deadline is None
    fob.receive(b"\x7e", NOW)
    assert fob.deadline is None


def test_half_a_frame_is_forgotten_after_the_inter_octet_time_out() -> None:
    fob = Secondary(1)
    fob.receive(SNRM[:5], NOW)
    assert fob.deadline == NOW + 500 * NS_PER_MS
    # One nanosecond before, the rest still counts; at the instant, it does not.
    assert sent(fob.receive(SNRM[5:], SimTime(NOW + 500 * NS_PER_MS - 1)))
    fob.receive(SNRM[:5], NOW)
    assert fob.receive(SNRM[5:], SimTime(NOW + 500 * NS_PER_MS)) == []


def test_a_frame_behind_a_false_start_is_answered_when_time_is_up() -> None:
    fob = Secondary(1)
    assert fob.receive(b"\x7e\xa0\x7f\x02\x02" + SNRM, NOW) != []
    fob = Secondary(1)
    # The start of an I-frame whose header is good: only time shows that its rest was lost.
    start = frame(0x10, bytes(32))[:10]
    assert fob.receive(start + SNRM, NOW) == []
    due = fob.deadline
    assert due is not None
    assert [type(event) for event in fob.timeout(due)] == [Connected, Send]


def test_silence_ends_the_connection_at_its_instant() -> None:
    fob = Secondary(1)
    fob.receive(SNRM, NOW)
    due = fob.deadline
    assert due == NOW + 120 * NS_PER_SECOND
    assert fob.timeout(SimTime(due - 1)) == []
    assert fob.timeout(due) == [Disconnected()]
    assert fob.deadline is None


def test_a_late_byte_meets_a_connection_that_is_already_over() -> None:
    fob = Secondary(1)
    fob.receive(SNRM, NOW)
    events = fob.receive(ASK, SimTime(NOW + 121 * NS_PER_SECOND))
    assert events[0] == Disconnected()
    assert sent(events).hex(" ")[:20] == "7e a0 08 21 02 03 1f"  # DM


def test_an_answer_that_comes_after_the_silence_meets_no_connection() -> None:
    fob = Secondary(1)
    fob.receive(SNRM, NOW)
    fob.receive(ASK, NOW)
    assert fob.respond(b"\x90\x00", SimTime(NOW + 120 * NS_PER_SECOND)) == [Disconnected()]


def test_a_slower_peer_is_waited_for_from_the_moment_on_that_it_is_known() -> None:
    fob = Secondary(1)
    fob.receive(SNRM, NOW)
    for factor in (10, 1):
        fob.stretch(factor)
        assert fob.deadline == NOW + factor * 120 * NS_PER_SECOND


def test_the_answer_to_a_command_of_an_older_connection_is_dropped() -> None:
    fob = Secondary(1)
    fob.receive(SNRM, NOW)
    fob.receive(ASK, NOW)
    fob.receive(SNRM, NOW)
    assert fob.respond(b"\x90\x00", NOW) == []


def test_damage_is_met_with_silence_and_the_next_frame_with_an_answer() -> None:
    for at in range(len(SNRM)):
        fob = Secondary(1)
        spoilt = SNRM[:at] + bytes((SNRM[at] ^ 0x04,)) + SNRM[at + 1 :]
        assert sent(fob.receive(spoilt, NOW)) == b""
        fob.receive(b"", SimTime(NOW + NS_PER_SECOND))
        assert sent(fob.receive(SNRM, SimTime(NOW + NS_PER_SECOND)))


def test_no_fob_answers_what_is_meant_for_all_not_even_the_one_of_that_number() -> None:
    everybody = hdlc.encode(hdlc.Frame(b"\x02\xff", b"\x21", 0x93))
    assert Secondary(127).receive(everybody, NOW) == []
    assert Secondary(127, alone=True).receive(everybody, NOW) == []
    wide = hdlc.encode(hdlc.Frame(hdlc.server_address(127), b"\x21", 0x93))
    assert sent(Secondary(127).receive(wide, NOW))
