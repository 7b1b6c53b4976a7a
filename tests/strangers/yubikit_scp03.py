"""Yubico's host library opens SCP03 to the OATH applet: run by `test_pcsc.py`.

Imports nothing of ours. The keys are GlobalPlatform's public test keys.
"""

import sys

from ykman.pcsc import list_devices
from yubikit.core.smartcard import SmartCardConnection
from yubikit.core.smartcard.scp import KeyRef, Scp03KeyParams, StaticKeys
from yubikit.oath import HASH_ALGORITHM, OATH_TYPE, CredentialData, OathSession

TEST_KEY = bytes(range(0x40, 0x50))

(DEVICE,) = list_devices("CCID")
with DEVICE.open_connection(SmartCardConnection) as connection:
    params = Scp03KeyParams(KeyRef(0x01, 0xFF), StaticKeys(TEST_KEY, TEST_KEY, TEST_KEY))
    session = OathSession(connection, params)
    session.reset()
    data = CredentialData("name", OATH_TYPE.TOTP, HASH_ALGORITHM.SHA1, b"12345678901234567890", 8)
    credential = session.put_credential(data)
    names = [each.name for each in session.list_credentials()]
    codes = {each.name: code.value for each, code in session.calculate_all(59).items()}
    one = session.calculate_code(credential, 1111111109)
    session.delete_credential(credential.id)
    sys.stdout.write(f"{names} {codes} {one.value} {session.list_credentials()}\n")
