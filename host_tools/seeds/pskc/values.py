"""What a key package holds, as text: parsed, not yet decrypted or judged."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from host_tools.seeds.entry import Unusable

VALUES = {
    "secret": "secret",
    "counter": "counter",
    "time": "time",
    "timeinterval": "time_interval",
    "timedrift": "time_drift",
    "time_interval": "time_interval",
}
"""Elements of Data, and the names that drafts give them in an attribute, by our names."""

_DATA_PARTS = frozenset({"plainvalue", "encryptedvalue", "valuemac", "valuedigest", "value"})
"""What a value is made of; the drafts write it into Data itself, under a Name."""

_POLICY_KNOWN = frozenset(
    {"startdate", "expirydate", "numberoftransactions", "keyusage", "pinpolicy"}
)
_PIN_KNOWN = frozenset(
    {"pinkeyid", "pinusagemode", "maxfailedattempts", "minlength", "maxlength", "pinencoding"}
)
_USAGES = {"otp": "OTP", "cr": "CR", "integrity": "Integrity"}
_USAGES |= {"encrypt": "Encrypt", "unlock": "Unlock"}


@dataclass(slots=True)
class PskcValue:
    """One value: plain, or encrypted under `algorithm` ("" for the container's).

    `cipher` and `mac` are base64. `legacy` marks a draft's Value, plain or not.
    """

    plain: str | None = None
    cipher: str = field(default="", repr=False)
    algorithm: str = ""
    mac: str | None = None
    legacy: bool = False


@dataclass(slots=True)
class PskcDevice:
    """What DeviceInfo says."""

    serial: str = ""
    manufacturer: str = ""
    model: str = ""
    user: str = ""
    start: str = ""
    expiry: str = ""


@dataclass(slots=True)
class PskcKey:
    """One Key of a package; every text is stripped, "" where it is missing.

    `length` is the number of digits, None where it is not said. `usages` are those of the policy,
    `unknown_policy` tells that it has rules that RFC 6030 does not know, `unknown_data` names the
    elements of Data whose meaning is unknown, and `properties` the draft's KeyProperties that hold
    for the key.
    """

    device: PskcDevice
    key_id: str = ""
    algorithm: str = ""
    issuer: str = ""
    user: str = ""
    suite: str = ""
    hash_attribute: str = ""
    encoding: str = ""
    length: int | None = None
    check_digit: bool = False
    start: str = ""
    expiry: str = ""
    policy_start: str = ""
    policy_expiry: str = ""
    usages: list[str] = field(default_factory=list)
    unknown_policy: bool = False
    values: dict[str, PskcValue] = field(default_factory=dict, repr=False)
    unknown_data: list[str] = field(default_factory=list)
    properties: str = ""


def keys_of(package: Element) -> list[PskcKey]:
    """Return the keys of a KeyPackage (a Device, in the drafts).

    Raises Unusable, naming the element, where a number or a truth value is none.
    """
    device = PskcDevice()
    found = []
    for child in package:
        tag = child.tag
        if tag in ("deviceinfo", "deviceid"):
            _fill_device(device, child)
        elif tag in ("key", "secret"):
            found.append(child)
    return [key_of(element, device) for element in found]


def name_in(package: Element) -> str:
    """Return the serial number or identifier that a package shows, for a message; "" for none."""
    for element in package.iter("serialno"):
        if element.text and element.text.strip():
            return element.text.strip()
    for element in package.iter("key"):
        return attribute(element, "id", "keyid")
    return ""


def attribute(element: Element, *names: str) -> str:
    """Return the first of the attributes `names` (lower case) that `element` has, "" for none."""
    attributes = element.attrib
    for name in names:
        if value := attributes.get(_USUAL.get(name, "")):
            return value.strip()
    if attributes:
        folded = {key.rpartition("}")[2].lower(): value for key, value in attributes.items()}
        for name in names:
            if value := folded.get(name):
                return value.strip()
    return ""


_USUAL = {
    "id": "Id",
    "algorithm": "Algorithm",
    "encoding": "Encoding",
    "length": "Length",
    "checkdigits": "CheckDigits",
    "version": "Version",
}
"""How RFC 6030 writes the attributes; looked for first, for most files do."""


def encrypted(element: Element) -> tuple[str, str]:
    """Return algorithm and base64 text of an EncryptedValue or MACKey, "" for what is missing."""
    algorithm = cipher = ""
    for child in element:
        if child.tag == "cipherdata":
            for value in child:
                if value.tag == "ciphervalue" and not cipher:
                    cipher = (value.text or "").strip()
        elif child.tag == "encryptionmethod":
            algorithm = attribute(child, "algorithm")
            for scheme in child.iter("encryptionscheme"):
                algorithm = attribute(scheme, "algorithm") or algorithm
    return algorithm, cipher


def _fill_device(device: PskcDevice, info: Element) -> None:
    for child in info:
        text = (child.text or "").strip()
        name = _DEVICE.get(child.tag)
        if name and text and not getattr(device, name):
            setattr(device, name, text)


_DEVICE = {
    "serialno": "serial",
    "manufacturer": "manufacturer",
    "model": "model",
    "userid": "user",
    "startdate": "start",
    "expirydate": "expiry",
    "expiry": "expiry",
}
_USUAL_ATTRIBUTES = {"Id", "Algorithm"}
"""Only a draft's key has others, and to look for those takes time."""

_KEY_TEXTS = {"issuer": "issuer", "userid": "user", "startdate": "start", "expirydate": "expiry"}


def key_of(element: Element, device: PskcDevice) -> PskcKey:
    """Return what a Key (a Secret or KeyProperties, in the drafts) says; raises as `keys_of`."""
    key = PskcKey(
        device,
        attribute(element, "id", "keyid", "secretid"),
        attribute(element, "algorithm", "keyalgorithm", "secretalgorithm"),
    )
    if element.attrib.keys() != _USUAL_ATTRIBUTES:
        key.properties = attribute(element, "keyproperties")
    for child in element:
        tag = child.tag
        if tag == "data":
            _fill_data(key, child)
        elif tag == "algorithmparameters":
            for parameter in child:
                if parameter.tag == "suite" and not (key.suite or key.hash_attribute):
                    key.suite = (parameter.text or "").strip()
                    key.hash_attribute = attribute(parameter, "hashalgo")
                elif parameter.tag == "responseformat":
                    _fill_response(key, parameter)
        elif tag == "policy":
            _fill_policy(key, child)
        elif tag == "usage":
            _fill_usage(key, child)
        elif (name := _KEY_TEXTS.get(tag)) and (text := (child.text or "").strip()):
            setattr(key, name, text)
    return key


def _fill_data(key: PskcKey, data: Element) -> None:
    named = VALUES.get(attribute(data, "name").lower()) if data.attrib else None
    if named is not None:
        key.values[named] = _value(data)
    for child in data:
        name = VALUES.get(child.tag)
        if name is not None:
            if name not in key.values:
                key.values[name] = _value(child)
        elif child.tag == "suite":
            key.suite = key.suite or _value(child).plain or ""
        elif child.tag not in _DATA_PARTS:
            key.unknown_data.append(child.tag)


def _value(holder: Element) -> PskcValue:
    value = PskcValue()
    for child in holder:
        tag = child.tag
        if tag == "plainvalue":
            value.plain = (child.text or "").strip() or None
        elif tag == "encryptedvalue":
            value.algorithm, value.cipher = encrypted(child)
        elif tag in ("valuemac", "valuedigest"):
            value.mac = (child.text or "").strip()
        elif tag == "value":
            value.plain, value.legacy = (child.text or "").strip() or None, True
    return value


def _fill_response(key: PskcKey, element: Element) -> None:
    key.encoding = attribute(element, "encoding", "format")
    length = attribute(element, "length")
    if length:
        if not (length.isascii() and length.isdigit() and len(length) <= 9):
            raise Unusable("its ResponseFormat Length is no whole number")
        key.length = int(length)
    key.check_digit = _truth(element, "checkdigits", "checkdigit")


def _fill_policy(key: PskcKey, policy: Element) -> None:
    for child in policy:
        text = (child.text or "").strip()
        if child.tag == "startdate":
            key.policy_start = text
        elif child.tag == "expirydate":
            key.policy_expiry = text
        elif child.tag == "keyusage":
            key.usages.append(text)
        elif child.tag == "pinpolicy":
            names = {name.rpartition("}")[2].lower() for name in child.attrib}
            key.unknown_policy = key.unknown_policy or len(child) > 0 or not names <= _PIN_KNOWN
        elif child.tag not in _POLICY_KNOWN:
            key.unknown_policy = True
        elif child.tag == "numberoftransactions" and not re.fullmatch(r"\d+", text):
            raise Unusable("its NumberOfTransactions is no whole number")


def _fill_usage(key: PskcKey, usage: Element) -> None:
    """Take what the drafts' Usage says: kinds of use as attributes, the response inside."""
    for name, word in _USAGES.items():
        if _truth(usage, name):
            key.usages.append(word)
    for child in usage:
        if child.tag == "responseformat":
            _fill_response(key, child)


def _truth(element: Element, *names: str) -> bool:
    text = attribute(element, *names).lower()
    if text not in ("", "0", "1", "true", "false"):
        raise Unusable(f"its {names[0]} is neither true nor false")
    return text in ("1", "true")
