"""An opened container: decrypts the values of its keys and checks their MACs."""

import hmac

from host_tools.seeds.entry import Unusable
from host_tools.seeds.pskc.ciphers import (
    CipherFault,
    Decrypt,
    Mac,
    canonical,
    decryptor_of,
    from_base64,
    mac_of,
)
from host_tools.seeds.pskc.header import PskcHeader
from host_tools.seeds.pskc.values import PskcKey, PskcValue

NO_MAC = "it has no MAC that could be checked, so a change would not be noticed"


class PskcContainer:
    """The keys and algorithms by which a container's values are read.

    `key` opens them, None where nothing does.

    Raises Unusable where the MAC key cannot be decrypted with `key`.
    """

    def __init__(self, header: PskcHeader, key: bytes | None) -> None:
        self.header = header
        self.key = key
        self.algorithm = canonical(header.algorithm)
        self._decryptors: dict[str, Decrypt] = {}
        self._mac: Mac | None = None
        self._mac_key: bytes | None = None
        if key is not None and header.mac_algorithm:
            self._mac_key = self._own_mac_key(key)

    def value_of(self, value: PskcValue) -> bytes | None:
        """Return what an encrypted value holds, None where `value` is plain.

        Raises CipherFault where it cannot be decrypted or its MAC does not match.
        """
        if not value.cipher:
            return None
        data = from_base64(value.cipher, "an encrypted value")
        algorithm = value.algorithm or self.algorithm
        decrypt = self._decryptors.get(algorithm)
        if decrypt is None:
            if self.key is None:
                raise CipherFault("no key was given")
            decrypt = self._decryptors[algorithm] = decryptor_of(algorithm, self.key)
        if not value.mac:
            return decrypt(data, self.header.iv)
        expected = from_base64(value.mac, "a MAC")
        if self._mac is None:
            self._mac = mac_of(self.header.mac_algorithm, self._mac_key or self.key or b"")
        # RFC 6030 §6.1 has the MAC over the ciphertext; drafts had it over the plaintext.
        if hmac.compare_digest(self._mac(data), expected):
            return decrypt(data, self.header.iv)
        plain = decrypt(data, self.header.iv)
        if hmac.compare_digest(self._mac(plain), expected):
            return plain
        raise CipherFault("MAC value does not match")

    def settle(self, key: PskcKey) -> bool:
        """Tell plain values from encrypted ones; return whether a MAC stands on a plain value.

        A draft's Value is encrypted where the container names an algorithm and a MAC is there. The
        first encrypted value's algorithm is the container's where that names none.
        """
        unchecked = False
        for value in key.values.values():
            if value.legacy and self.algorithm and value.mac:
                value.cipher, value.plain = value.plain or "", None
            elif value.plain is not None:
                value.cipher = ""
                unchecked = unchecked or value.mac is not None
            if value.cipher and not self.algorithm:
                self.algorithm = canonical(value.algorithm)
        return unchecked

    def lacks_mac(self, value: PskcValue) -> bool:
        """Tell whether an encrypted value could be changed unnoticed; key wrap guards itself."""
        algorithm = canonical(value.algorithm) if value.algorithm else self.algorithm
        return not value.mac and "#kw-" not in algorithm

    def _own_mac_key(self, key: bytes) -> bytes:
        algorithm, cipher = self.header.mac_key
        if not cipher:
            return key
        try:
            algorithm = algorithm or self.algorithm
            data = from_base64(cipher, "its MAC key")
            own = decryptor_of(algorithm, key)(data, self.header.iv)
        except CipherFault:
            raise Unusable(
                "its MAC key cannot be decrypted: another key or passphrase is needed,"
                " or it was changed"
            ) from None
        if not own:
            raise Unusable("its MAC key is empty")
        return own
