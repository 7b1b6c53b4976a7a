/* SHA-1 (FIPS 180-4) and its HMAC (RFC 2104), for short messages. */
#ifndef SHA1_H
#define SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_BYTES 20

void hmac_sha1(const uint8_t *key, size_t key_bytes, const uint8_t *message, size_t bytes,
               uint8_t mac[SHA1_BYTES]); /* key and message of 55 bytes at most */

#endif
