"""What SCP03 keeps in flash: the key set, its sequence counter, and failed authentications.

Amendment D §6.2.2.1 for the counter; `memory.Key` says what the absence of each entry means.
"""

from firmware_model.firmware.journal import Journal
from firmware_model.firmware.memory import Key
from firmware_model.wire.scp03 import SEQUENCE_COUNTER_MAX
from firmware_model.wire.scp03_keys import TEST_KEYS, KeySet


def key_set(journal: Journal) -> KeySet:
    """Return the key set in force: the factory's until PUT KEY replaced it."""
    entry = journal.get(Key.KEY_SET)
    if not entry:
        return TEST_KEYS
    length = (len(entry) - 1) // 3
    return KeySet(entry[0], *(entry[1 + length * n :][:length] for n in range(3)))


def replace_key_set(journal: Journal, new: KeySet) -> None:
    """Put `new` in force and start its sequence counter again.

    The counter comes second: a cut in between leaves new keys with a high counter, which is
    harmless; the other way round the old keys would repeat their challenges.
    """
    journal.put(Key.KEY_SET, key_set_entry(new))
    journal.put(Key.SEQUENCE, _counted(0))


def key_set_entry(new: KeySet) -> bytes:
    """Return the entry under which `new` is kept."""
    return bytes((new.version,)) + b"".join(new.keys)


def sequence_counter(journal: Journal) -> int:
    """Return the sequence counter last used, 0 for a key set never used."""
    return int.from_bytes(journal.get(Key.SEQUENCE) or b"", "big")


def next_sequence_counter(journal: Journal) -> int | None:
    """Make the next sequence counter durable and return it; None once the last one is used."""
    count = sequence_counter(journal) + 1
    if count > SEQUENCE_COUNTER_MAX:
        return None
    journal.put(Key.SEQUENCE, _counted(count))
    return count


def failures(journal: Journal) -> int:
    """Return how many authentications have failed in a row."""
    return int.from_bytes(journal.get(Key.FAILURES) or b"", "big")


def store_failures(journal: Journal, count: int) -> None:
    """Make the number of failed authentications in a row (0..255) durable."""
    journal.put(Key.FAILURES, bytes((count,)))


def _counted(count: int) -> bytes:
    return count.to_bytes(3, "big")
