"""A piece of PSKC without the KeyContainer around it: people cut one KeyPackage out and send that.

Prefixes that were declared on the container are missing then, so they are declared anew.
"""

import re

PSKC_NAMESPACE = "urn:ietf:params:xml:ns:keyprov:pskc"

_NAMESPACES = {
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xenc": "http://www.w3.org/2001/04/xmlenc#",
    "xenc11": "http://www.w3.org/2009/xmlenc11#",
    "pskc": PSKC_NAMESPACE,
}
_PROLOG = r"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*"
_PIECE = re.compile(
    _PROLOG + r"<(?:([A-Za-z_][\w.-]*):)?(KeyPackage|Key|DeviceInfo|Data|Secret"
    r"|AlgorithmParameters|Policy|EncryptionKey|MACMethod)[\s/>]",
    re.DOTALL,
)


def fragment_of(head: str) -> tuple[str, str] | None:
    """Return prefix and name of the element with which a piece of PSKC begins, None for others."""
    match = _PIECE.match(head.lstrip("\ufeff"))
    return (match[1] or "", match[2]) if match else None


def opening(prefix: str, element: str) -> str:
    """Return what stands before a piece that begins with `element`, under `prefix`."""
    spaces = _NAMESPACES | ({prefix: PSKC_NAMESPACE} if prefix not in _NAMESPACES else {})
    declared = "".join(f' xmlns:{name}="{uri}"' for name, uri in spaces.items() if name)
    text = f'<KeyContainer Version="1.0" xmlns="{PSKC_NAMESPACE}"{declared}>'
    return text + ("<KeyPackage>" if element == "Key" else "")


def closing(element: str) -> str:
    """Return what stands after a piece that begins with `element`."""
    return ("</KeyPackage>" if element == "Key" else "") + "</KeyContainer>"
