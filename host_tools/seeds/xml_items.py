"""XML in slices: the parts of a container one after another, in flat memory."""

from collections.abc import Iterator
from typing import Any, BinaryIO, cast
from xml.etree.ElementTree import Element, ParseError, XMLPullParser
from xml.parsers import expat

from host_tools.seeds.xml_source import XmlSource

ITEM_BYTES_MAX = 1 << 20
"""No key of any real file needs more; it bounds what is held at once."""

DEPTH_MAX = 64
NAMES_MAX = 1024
"""Files have a few dozen names of elements; more are not remembered."""


class XmlFault(Exception):  # noqa: N818 - it becomes a BadSeedFile
    """The file is not XML that can be read; the message is one plain clause."""


def xml_items(file: BinaryIO | XmlSource, *, within: str = "") -> Iterator[Element]:
    """Yield the root (look at its tag and attributes only), then each complete child of it.

    Names of elements come in lower case, without namespaces. The children of a child named
    `within` are yielded instead of it. What was yielded is dropped from the tree when the next one
    is asked for.

    Raises:
        XmlFault: the file is not well-formed or breaks off, brings a DTD or entities, nests deeper
            than 64 levels, or holds a child of more than 1 MiB.
    """
    try:
        source = file if isinstance(file, XmlSource) else XmlSource(file)
    except LookupError as error:
        raise XmlFault(f"its encoding is unknown ({error}); save the file as UTF-8") from None
    blank_lines = source.blank_lines or 0
    try:
        yield from _items(source, within)
    except ParseError as error:
        line, column = error.position
        what = str(error).partition(": line")[0]
        hint = "; save the file as UTF-8" if what.endswith("(invalid token)") else ""
        raise XmlFault(
            f"it is not whole, well-formed XML ({what}: line {line + blank_lines},"
            f" column {column + 1}){hint}"
        ) from None
    except UnicodeError as error:
        raise XmlFault(f"its text is not {error.encoding}, as it says; save it as UTF-8") from None  # type: ignore[attr-defined]
    except ValueError as error:
        raise XmlFault(f"its encoding cannot be read ({error})") from None


def _items(source: XmlSource, within: str) -> Iterator[Element]:
    parser: XMLPullParser[Any] = XMLPullParser(("start", "end"))
    prolog: _Prolog | None = _Prolog()
    names = _Names()
    root = holder = Element("none")
    depth, item_depth = 0, 1
    allowance = ITEM_BYTES_MAX
    for chunk in source.chunks():
        if allowance <= 0:
            raise XmlFault(f"one of its keys is larger than {ITEM_BYTES_MAX >> 20} MiB")
        allowance -= len(chunk)
        if prolog is not None and prolog.is_over(chunk):
            prolog = None
        parser.feed(chunk)
        events = cast("Iterator[tuple[str, Element]]", parser.read_events())
        for event, element in events:
            if event == "end":
                depth -= 1
                if depth == item_depth:
                    names.fold(element)
                    yield element
                    holder.clear()
                    allowance = ITEM_BYTES_MAX
                elif depth == 1:  # the end of a holder that is not the root
                    root.clear()
                    holder, item_depth = root, 1
            elif depth < 2:
                depth += 1
                if depth == 1:
                    root = holder = element
                    names.fold(root)
                    yield root
                elif within and names[element.tag] == within:
                    holder, item_depth = element, 2
            else:
                depth += 1
                if depth > DEPTH_MAX:
                    raise XmlFault(f"its elements nest deeper than {DEPTH_MAX} levels")
    parser.close()


class _Names(dict[str, str]):
    """The names of elements as they stand, in lower case and without namespaces."""

    def fold(self, element: Element) -> None:
        """Put these names into `element` and all below it."""
        for part in element.iter():
            part.tag = self[part.tag]

    def __missing__(self, tag: str) -> str:
        name = tag.rpartition("}")[2].lower()
        if len(self) < NAMES_MAX:
            self[tag] = name
        return name


class _Prolog:
    """Watches what stands before the root, for a DTD: it can stand nowhere else (XML 1.0 §2.8)."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._on_element
        self._parser.StartDoctypeDeclHandler = self._on_doctype
        self._over = False

    def is_over(self, chunk: bytes | str) -> bool:
        """Take the next piece of text; return whether the root has begun, so no DTD can follow.

        Raises XmlFault for a DTD.
        """
        try:
            self._parser.Parse(chunk)
        except expat.ExpatError:
            return True  # the other parser reports it
        return self._over

    def _on_element(self, *_: object) -> None:
        self._over = True
        self._parser.StartElementHandler = None

    def _on_doctype(self, *_: object) -> None:
        raise XmlFault("it brings a DTD or entities, which no seed file needs")
