/* SHA-1 over one block and one short message, which is all that an OTP needs. */
#include "sha1.h"

#define BLOCK 64

static uint32_t rotated(uint32_t word, int count) { return word << count | word >> (32 - count); }

static void compress(uint32_t state[5], const uint8_t block[BLOCK]) {
    uint32_t w[16];
    for (int n = 0; n < 16; n++)
        w[n] = (uint32_t)block[4 * n] << 24 | block[4 * n + 1] << 16 | block[4 * n + 2] << 8 |
               block[4 * n + 3];
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int n = 0; n < 80; n++) {
        uint32_t f, k;
        if (n < 20)
            f = d ^ (b & (c ^ d)), k = 0x5A827999;
        else if (n < 40)
            f = b ^ c ^ d, k = 0x6ED9EBA1;
        else if (n < 60)
            f = (b & c) | (d & (b | c)), k = 0x8F1BBCDC;
        else
            f = b ^ c ^ d, k = 0xCA62C1D6;
        if (n >= 16)
            w[n & 15] = rotated(w[(n + 13) & 15] ^ w[(n + 8) & 15] ^ w[(n + 2) & 15] ^ w[n & 15], 1);
        uint32_t next = rotated(a, 5) + f + e + k + w[n & 15];
        e = d, d = c, c = rotated(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* Hash a first block that is the key with a pad, and then a message that fits into one. */
static void hash(const uint8_t *key, size_t key_bytes, uint8_t pad, const uint8_t *message,
                 size_t bytes, uint8_t digest[SHA1_BYTES]) {
    uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t block[BLOCK];
    for (size_t n = 0; n < BLOCK; n++)
        block[n] = (n < key_bytes ? key[n] : 0) ^ pad;
    compress(state, block);
    for (size_t n = 0; n < BLOCK; n++)
        block[n] = n < bytes ? message[n] : n == bytes ? 0x80 : 0;
    uint32_t bits = 8 * (BLOCK + bytes);
    block[BLOCK - 2] = bits >> 8;
    block[BLOCK - 1] = bits;
    compress(state, block);
    for (size_t n = 0; n < SHA1_BYTES; n++)
        digest[n] = state[n / 4] >> (24 - 8 * (n % 4));
}

void hmac_sha1(const uint8_t *key, size_t key_bytes, const uint8_t *message, size_t bytes,
               uint8_t mac[SHA1_BYTES]) {
    uint8_t inner[SHA1_BYTES];
    hash(key, key_bytes, 0x36, message, bytes, inner);
    hash(key, key_bytes, 0x5C, inner, SHA1_BYTES, mac);
}
