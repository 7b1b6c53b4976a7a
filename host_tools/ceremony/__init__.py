"""Key ceremonies: AES keys out of custodians' components, and the sealed file they are kept in."""
