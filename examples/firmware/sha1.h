/* SHA-1 (FIPS 180-4) and its HMAC (RFC 2104), for short messages. */
#ifndef SHA1_H
#define SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_WORDS 5

/* A key, hashed as far as it goes: the states behind its inner and its outer pad. */
struct hmac_key {
    uint32_t inner[SHA1_WORDS], outer[SHA1_WORDS];
};

void hmac_prepare(struct hmac_key *key, const uint8_t *bytes, size_t size); /* 64 bytes at most */

/* The code of a message of two words, high one first, in words. */
void hmac_sha1(const struct hmac_key *key, uint32_t high, uint32_t low, uint32_t mac[SHA1_WORDS]);

#endif
