"""BER-TLV data objects as ISO/IEC 7816-4 §5.2.2 profiles them.

Tags have one to three bytes, lengths up to 65,535. Decoding never raises and never recurses:
a constructed value is decoded by calling `decode_all` on it.
"""

from functools import lru_cache

VALUE_BYTES_MAX = 0xFFFF

_SHORT_LENGTHS = tuple(
    bytes((count,)) if count < 0x80 else bytes((0x81, count)) for count in range(0x100)
)

Item = tuple[int, bytes]
"""A tag and its value."""


def encode(tag: int, value: bytes) -> bytes:
    """Return one data object, with the shortest length field.

    Raises ValueError for a tag or a value that is out of range.
    """
    size = len(value)
    head = _good_tag(tag)
    if head is None or size > VALUE_BYTES_MAX:
        raise ValueError(f"no BER-TLV object: tag {tag:X}, {size} bytes")
    return b"%b%b%b" % (head, encode_length(size), value)


@lru_cache(maxsize=256)
def _good_tag(tag: int) -> bytes | None:
    """Return a tag as bytes, None where it is none: there are few, and each is sent often."""
    head = encode_tag(tag)
    return head if _tag_end(head, 0) == len(head) else None


def encode_tag(tag: int) -> bytes:
    """Return a tag as bytes; whether it is a good one, `encode` says."""
    return tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")


def encode_all(items: list[Item]) -> bytes:
    """Return the data objects one after the other."""
    return b"".join([encode(tag, value) for tag, value in items])


def encode_length(count: int) -> bytes:
    """Return the shortest length field for `count` (0..65535) bytes."""
    if count < 0x100:
        return _SHORT_LENGTHS[count]
    return b"\x82" + count.to_bytes(2, "big")


def decode_all(raw: bytes) -> list[Item] | None:
    """Return the data objects that fill `raw`, in order; None where they do not fill it.

    Longer length fields than needed are taken, as the standard allows; tags that are not in
    their shortest form are not.
    """
    items: list[Item] = []
    at, size = 0, len(raw)
    while at < size:
        head = decode_head(raw, at)
        if head is None:
            return None
        tag, start, at = head
        items.append((tag, raw[start:at]))
    return items


def decode_head(raw: bytes, at: int) -> tuple[int, int, int] | None:
    """Return the tag of the data object at `at`, and where its value starts and ends, or None."""
    size = len(raw)
    if at >= size:
        return None
    tag, end = raw[at], at + 1
    if tag & 0x1F == 0x1F or not tag:
        end = _tag_end(raw, at)
        tag = int.from_bytes(raw[at:end], "big")
    if not at < end < size:
        return None
    length, start = raw[end], end + 1
    if length & 0x80:
        width = length & 0x7F
        if width not in (1, 2) or start + width > size:
            return None
        length = int.from_bytes(raw[start : start + width], "big")
        start += width
    end = start + length
    return None if end > size else (tag, start, end)


def decode_tags(raw: bytes) -> list[int] | None:
    """Return the tags that fill `raw`, one after the other; None where they do not fill it."""
    tags: list[int] = []
    at = 0
    while at < len(raw):
        end = _tag_end(raw, at)
        if end < 0:
            return None
        tags.append(int.from_bytes(raw[at:end], "big"))
        at = end
    return tags


def decode_one(raw: bytes) -> Item | None:
    """Return the single data object that fills `raw`, or None."""
    items = decode_all(raw)
    return items[0] if items is not None and len(items) == 1 else None


def find(raw: bytes, *path: int) -> bytes | None:
    """Return the value under `path`, tag within tag; None where it is missing or malformed."""
    for wanted in path:
        for tag, value in decode_all(raw) or ():
            if tag == wanted:
                raw = value
                break
        else:
            return None
    return raw


def _tag_end(raw: bytes, at: int) -> int:
    """Return where the tag that starts at `at` ends, or -1 where there is no good tag."""
    size = len(raw)
    if at >= size or raw[at] == 0:
        return -1
    if raw[at] & 0x1F != 0x1F:
        return at + 1
    if at + 1 < size and 0x1F <= raw[at + 1] < 0x80:
        return at + 2
    if at + 2 < size and raw[at + 1] > 0x80 and raw[at + 2] < 0x80:
        return at + 3
    return -1
