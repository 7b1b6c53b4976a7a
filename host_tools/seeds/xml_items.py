"""XML in slices: the parts of a container one after another, in flat memory."""

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

ITEM_BYTES_MAX = 1 << 20
"""No key of any real file needs more; it bounds what is held at once."""

DEPTH_MAX = 64


class XmlFault(Exception):  # noqa: N818 - it becomes a BadSeedFile
    """The file is not XML we are ready to read; the message is one plain clause."""


def xml_items(file: BinaryIO, *, within: str = "") -> Iterator[Element]:
    """Yield the root (look at its tag and attributes only), then each complete child of it.

    Namespaces are taken off the elements' names. The children of a child named `within` are
    yielded instead of it. What was yielded is dropped from the tree when the next one is asked for.

    Raises:
        XmlFault: the file is not well-formed or breaks off, brings a DTD or entities, nests deeper
            than 64 levels, or holds a child of more than 1 MiB.
    """
    source = _Bounded(file)
    ancestors: list[Element] = []
    try:
        for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                element.tag = element.tag.rpartition("}")[2]
                ancestors.append(element)
                if len(ancestors) == 1:
                    yield element
                elif len(ancestors) > DEPTH_MAX:
                    raise XmlFault(f"its elements nest deeper than {DEPTH_MAX} levels")
                continue
            ancestors.pop()
            if (len(ancestors) == 1 and element.tag != within) or (
                len(ancestors) == 2 and ancestors[1].tag == within
            ):
                yield element
                ancestors[-1].clear()
                source.allowance = ITEM_BYTES_MAX
    except ParseError as error:
        raise XmlFault(f"it is not whole, well-formed XML ({error})") from None
    except DefusedXmlException:
        raise XmlFault("it brings a DTD or entities, which no seed file needs") from None
    except (LookupError, ValueError) as error:
        raise XmlFault(f"its encoding cannot be read ({error})") from None


class _Bounded:
    """A file that refuses to give more than `allowance` bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.allowance = ITEM_BYTES_MAX

    def read(self, size: int = -1, /) -> bytes:
        if self.allowance <= 0:
            raise XmlFault(f"one of its keys is larger than {ITEM_BYTES_MAX >> 20} MiB")
        data = self._file.read(size)
        self.allowance -= len(data)
        return data
