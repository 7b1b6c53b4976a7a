/* SHA-1 on words, for a processor with eight registers at hand: the message is expanded first, and
 * five rounds at a time leave every variable where it was. */
#include "sha1.h"

#define BLOCK_WORDS 16

static uint32_t rotated(uint32_t word, int count) { return word << count | word >> (32 - count); }

#define CHOICE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) (((b) & (c)) + ((d) & ((b) ^ (c))))

#define ROUND(a, b, c, d, e, f, k, word) (e += rotated(a, 5) + f(b, c, d) + k + (word), b = rotated(b, 30))
#define FIVE_ROUNDS(f, k)                                                                          \
    for (const uint32_t *end = at + 20; at != end; at += 5)                                        \
    ROUND(a, b, c, d, e, f, k, at[0]), ROUND(e, a, b, c, d, f, k, at[1]),                          \
        ROUND(d, e, a, b, c, f, k, at[2]), ROUND(c, d, e, a, b, f, k, at[3]),                      \
        ROUND(b, c, d, e, a, f, k, at[4])

static const uint32_t start[SHA1_WORDS] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};

/* Hash one block, whose 16 words stand at the beginning of `words`. */
static void compress(const uint32_t from[SHA1_WORDS], uint32_t words[80], uint32_t to[SHA1_WORDS]) {
    uint32_t *const words_end = words + 80;
    for (uint32_t *word = words + BLOCK_WORDS; word != words_end; word++)
        *word = rotated(word[-3] ^ word[-8] ^ word[-14] ^ word[-16], 1);
    uint32_t a = from[0], b = from[1], c = from[2], d = from[3], e = from[4];
    const uint32_t *at = words;
    FIVE_ROUNDS(CHOICE, 0x5A827999);
    FIVE_ROUNDS(PARITY, 0x6ED9EBA1);
    FIVE_ROUNDS(MAJORITY, 0x8F1BBCDC);
    FIVE_ROUNDS(PARITY, 0xCA62C1D6);
    to[0] = from[0] + a, to[1] = from[1] + b, to[2] = from[2] + c, to[3] = from[3] + d, to[4] = from[4] + e;
}

static void hash_pad(const uint8_t *bytes, size_t size, uint8_t pad, uint32_t state[SHA1_WORDS]) {
    uint32_t words[80];
    for (size_t n = 0; n < BLOCK_WORDS; n++) {
        words[n] = 0;
        for (size_t place = 4 * n; place < 4 * n + 4; place++)
            words[n] = words[n] << 8 | ((place < size ? bytes[place] : 0) ^ pad);
    }
    compress(start, words, state);
}

void hmac_prepare(struct hmac_key *key, const uint8_t *bytes, size_t size) {
    hash_pad(bytes, size, 0x36, key->inner);
    hash_pad(bytes, size, 0x5C, key->outer);
}

/* The last block, behind a pad: so many words, the mark behind them, and the length in bits. */
static void hash_last(const uint32_t state[SHA1_WORDS], uint32_t words[80], size_t count, uint32_t to[SHA1_WORDS]) {
    words[count] = 0x80000000;
    for (size_t n = count + 1; n < BLOCK_WORDS - 1; n++)
        words[n] = 0;
    words[BLOCK_WORDS - 1] = 32 * (BLOCK_WORDS + count);
    compress(state, words, to);
}

void hmac_sha1(const struct hmac_key *key, uint32_t high, uint32_t low, uint32_t mac[SHA1_WORDS]) {
    uint32_t words[80];
    words[0] = high, words[1] = low;
    hash_last(key->inner, words, 2, words);
    hash_last(key->outer, words, SHA1_WORDS, mac);
}
