/* The open objects of docs/WIRE.md §5, read with GET DATA: no channel, no key, nothing is written. */
#include "token.h"

#include <string.h>

enum {
    OK = 0x9000,
    MORE = 0x6100,
    WRONG_LENGTH = 0x6700,
    NO_LOGICAL_CHANNEL = 0x6881,
    NO_SECURE_MESSAGING = 0x6882,
    NO_CHAINING = 0x6884,
    NOTHING_WAITS = 0x6985,
    NOT_FOUND = 0x6A82,
    WRONG_PARAMETERS = 0x6A86,
    NO_OBJECT = 0x6A88,
    EXACT = 0x6C00,
    NO_INSTRUCTION = 0x6D00,
    NO_CLASS = 0x6E00,
};

enum { SELECT = 0xA4, GET_DATA = 0xCA, GET_RESPONSE = 0xC0 };

#define AID_BYTES 8
static const uint8_t names[2][AID_BYTES] = {
    {0xA0, 0x00, 0x00, 0x01, 0x51, 0x00, 0x00, 0x00},
    {0xF0, 'K', 'E', 'Y', 'F', 'O', 'B', 0x01},
};

struct command {
    uint8_t class, instruction, p1, p2;
    const uint8_t *data;
    size_t bytes;
    uint32_t expected; /* how much answer is taken */
    int has_expected;
};

/* Every form of ISO/IEC 7816-3, 12.1; returns whether the lengths add up. */
static int read_command(struct command *c, const uint8_t *raw, size_t size) {
    if (size < 4)
        return 0;
    *c = (struct command){raw[0], raw[1], raw[2], raw[3], raw + 5, 0, 256, 0};
    if (size == 4)
        return 1;
    c->has_expected = 1;
    if (size == 5) {
        c->expected = raw[4] ? raw[4] : 256;
        return 1;
    }
    if (raw[4]) {
        c->bytes = raw[4];
        c->has_expected = size == 6 + c->bytes;
        if (c->has_expected)
            c->expected = raw[size - 1] ? raw[size - 1] : 256;
        return c->has_expected || size == 5 + c->bytes;
    }
    if (size < 7)
        return 0;
    uint32_t number = raw[5] << 8 | raw[6];
    c->expected = 65536;
    if (size == 7) {
        c->expected = number ? number : 65536;
        return 1;
    }
    c->data = raw + 7;
    c->bytes = number;
    c->has_expected = size == 9 + number;
    if (c->has_expected && (raw[size - 2] || raw[size - 1]))
        c->expected = raw[size - 2] << 8 | raw[size - 1];
    return number && (c->has_expected || size == 7 + number);
}

static uint32_t refused_class(const struct command *c) { /* ISO/IEC 7816-4, 5.4.1 */
    uint8_t class = c->class;
    if (class == 0xFF || (class & 0x60) == 0x20)
        return NO_CLASS;
    if (class & 0x43)
        return NO_LOGICAL_CHANNEL;
    if (class & 0x10)
        return NO_CHAINING;
    if (class & 0x0C)
        return NO_SECURE_MESSAGING;
    return 0;
}

/* Objects -------------------------------------------------------------------------------------- */

static size_t put_number(uint8_t *to, uint64_t number, size_t bytes) {
    for (size_t n = 0; n < bytes; n++)
        to[n] = number >> 8 * (bytes - 1 - n);
    return bytes;
}

static size_t put_member(uint8_t *to, uint8_t tag, uint64_t number, size_t bytes) {
    to[0] = tag;
    to[1] = bytes;
    return 2 + put_number(to + 2, number, bytes);
}

static uint8_t percent_of(uint32_t millivolts) { /* a CR2016 under the test load */
    static const uint16_t curve[][2] = {{3042, 98}, {2992, 90}, {2932, 50}, {2916, 40}, {2856, 25},
                                        {2740, 15}, {2521, 8},  {2236, 4},  {1889, 1}};
    for (size_t n = 0; n < sizeof curve / sizeof *curve; n++)
        if (millivolts >= curve[n][0])
            return curve[n][1];
    return 0;
}

static size_t put_slot(struct token *t, uint8_t *to) {
    size_t at = 2;
    at += put_member(to + at, 0x80, 1, 1);
    at += put_member(to + at, 0x81, TOKEN_TOTP ? 2 : 1, 1);
    at += put_member(to + at, 0x82, 1, 1);
    at += put_member(to + at, 0x83, DIGITS, 1);
    if (TOKEN_TOTP) {
        at += put_member(to + at, 0x84, STEP_SECONDS, 4);
        at += put_member(to + at, 0x85, 0, 8);
    } else {
        at += put_member(to + at, 0x86, t->counter, 8);
    }
    to[at++] = 0x88;
    to[at++] = sizeof token_seed_check;
    memcpy(to + at, token_seed_check, sizeof token_seed_check);
    at += sizeof token_seed_check;
    to[0] = 0xE1;
    to[1] = at - 2;
    return at;
}

static size_t put_text(uint8_t *to, const char *text) {
    memcpy(to, text, strlen(text));
    return strlen(text);
}

/* Write an object's value; returns how many bytes, -1 where this token has no such object. */
static int put_value(struct token *t, uint32_t tag, uint8_t *to) {
    const struct kf_hal *hal = t->hal;
    uint32_t millivolts;
    switch (tag) {
    case 0xDF20: {
        size_t bytes = 0;
        hal->flash_read(hal->board, t->record + 27, to, SERIAL_BYTES);
        while (bytes < SERIAL_BYTES && to[bytes] && to[bytes] != 0xFF)
            bytes++;
        return bytes ? (int)bytes : -1;
    }
    case 0xDF22:
        return put_text(to, TOKEN_TOTP ? "token-totp" : "token-hotp");
    case 0xDF23:
        hal->flash_read(hal->board, t->record + 4, to, CHIP_ID_BYTES);
        return CHIP_ID_BYTES;
    case 0xDF24:
        return put_text(to, "1.0.0");
    case 0xDF25: /* in use, perhaps low */
        to[0] = 0x0F;
        to[1] = 1 | (hal->measure_mv(hal->board) < LOW_MV ? 4 : 0);
        return 2;
    case 0xDF26:
        return put_number(to, t->made_at / 86400, 4);
    case 0xDF28:
        millivolts = hal->measure_mv(hal->board);
        to[0] = percent_of(millivolts);
        put_number(to + 1, millivolts, 2);
        to[3] = 2;
        return 4;
    case 0xDF29:
        put_number(to, t->has_time ? token_seconds(t) : 0, 8);
        to[8] = t->has_time;
        return 9;
    case 0xFF2B:
        return put_slot(t, to);
    case 0xDF2C:
        return 0; /* it keeps no log */
    }
    return -1;
}

/* Commands ------------------------------------------------------------------------------------- */

static size_t put_status(uint8_t *answer, size_t bytes, uint32_t status) {
    return bytes + put_number(answer + bytes, status, 2);
}

static size_t put_fci(struct token *t, uint8_t *answer, uint32_t expected) {
    uint8_t fci[FCI_BYTES] = {0x6F, FCI_BYTES - 2, 0x84, AID_BYTES};
    static const uint8_t limit[] = {0xA5, 5, 0x9F, 0x65, 2, 0x00, 0xFF};
    memcpy(fci + 4, names[t->selected], AID_BYTES);
    memcpy(fci + 4 + AID_BYTES, limit, sizeof limit);
    size_t bytes = expected < t->fci_left ? expected : t->fci_left;
    memcpy(answer, fci + FCI_BYTES - t->fci_left, bytes);
    t->fci_left -= bytes;
    return put_status(answer, bytes, t->fci_left ? (uint32_t)MORE | t->fci_left : OK);
}

static size_t select_name(struct token *t, const struct command *c, uint8_t *answer) {
    if (c->p1 != 4 || c->p2 || c->bytes > AID_BYTES)
        return put_status(answer, 0, c->p1 != 4 || c->p2 ? WRONG_PARAMETERS : NOT_FOUND);
    for (int number = 0; number < 2; number++)
        if (!memcmp(names[number], c->data, c->bytes)) {
            t->selected = number;
            t->fci_left = FCI_BYTES;
            return put_fci(t, answer, c->expected);
        }
    return put_status(answer, 0, NOT_FOUND);
}

static size_t get_data(struct token *t, const struct command *c, uint8_t *answer) {
    uint32_t tag = c->p1 << 8 | c->p2;
    int head = c->class & 0x80 ? 3 : 0; /* class 80: tag and length too */
    int bytes = t->selected ? put_value(t, tag, answer + head) : -1;
    if (bytes < 0)
        return put_status(answer, 0, NO_OBJECT);
    if (head) {
        put_number(answer, tag, 2);
        answer[2] = bytes;
        bytes += head;
    }
    if ((uint32_t)bytes > c->expected)
        return put_status(answer, 0, EXACT | bytes);
    return put_status(answer, bytes, OK);
}

size_t token_execute(void *token, const uint8_t *raw, size_t size, uint8_t *answer) {
    struct token *t = token;
    struct command c;
    if (!read_command(&c, raw, size))
        return put_status(answer, 0, WRONG_LENGTH);
    uint32_t refused = refused_class(&c);
    if (!refused && c.class && (c.instruction == SELECT || c.class != 0x80))
        refused = NO_CLASS;
    if (refused)
        return put_status(answer, 0, refused);
    if (c.instruction == GET_RESPONSE)
        return t->fci_left ? put_fci(t, answer, c.expected) : put_status(answer, 0, NOTHING_WAITS);
    t->fci_left = 0;
    if (c.instruction == SELECT)
        return select_name(t, &c, answer);
    if (c.instruction == GET_DATA)
        return get_data(t, &c, answer);
    return put_status(answer, 0, NO_INSTRUCTION);
}

void token_deselect(void *token) {
    struct token *t = token;
    t->selected = t->fci_left = 0;
}
