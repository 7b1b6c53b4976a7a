/* An OTP token's core: HOTP (RFC 4226) or TOTP (RFC 6238), one button, six digits.
 *
 * The counter is durable before its code is seen. It stands in a journal of two flash pages: each
 * record is a counter and its check, the highest valid one counts. All state is in one context. */
#include "token.h"

#define COUNTS(ms) ((uint64_t)(ms) * KF_COUNTS_PER_SECOND / 1000)
#define DEBOUNCE_MS 20
#define GUARD_MS 300
#define SHOW_MS 12000
#define NOTICE_MS 1500
#define RECORD_BYTES 8
#define CHECK 0x4B46424Fu
#define FACTORY_RECORD_BYTES 64

enum { DARK, NOTICE, CODE };

/* The seed of RFC 4226's test values: a real token gets its own in the factory. */
static const uint8_t seed[20] = "12345678901234567890";

/* HMAC-SHA-256(seed, "KCV"), the first bytes: comes with the seed, from whoever made it. */
const uint8_t token_seed_check[3] = {0x8B, 0x72, 0x5B};

/* 0 to 9, then the letters of "bAtt". */
static const uint8_t glyphs[] = {0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F};
static const uint8_t low_battery[DIGITS] = {0x7C, 0x77, 0x78, 0x78, 0, 0};

static const uint32_t powers[DIGITS] = {100000, 10000, 1000, 100, 10, 1};

static uint64_t now(struct token *t) { return t->hal->rtc_count(t->hal->board); }

/* Journal -------------------------------------------------------------------------------------- */

static uint32_t read_word(struct token *t, uint32_t address) {
    uint32_t word;
    t->hal->flash_read(t->hal->board, address, &word, sizeof word);
    return word;
}

static uint32_t place(struct token *t, uint32_t page, uint32_t slot) {
    return page * t->hal->flash_page_bytes(t->hal->board) + slot * RECORD_BYTES;
}

static uint32_t slots(struct token *t) {
    return t->hal->flash_page_bytes(t->hal->board) / RECORD_BYTES;
}

static void write_record(struct token *t, uint32_t address, uint32_t counter) {
    t->hal->flash_program(t->hal->board, address, counter);
    t->hal->flash_program(t->hal->board, address + 4, ~counter ^ CHECK);
}

static void read_journal(struct token *t) {
    uint32_t best = 0, found = 0;
    for (uint32_t page = 0; page < 2; page++) {
        for (uint32_t slot = 0; slot < slots(t); slot++) {
            uint32_t address = place(t, page, slot);
            uint32_t counter = read_word(t, address);
            uint32_t check = read_word(t, address + 4);
            if (check == (~counter ^ CHECK) && (!found || counter >= t->counter)) {
                found = 1;
                t->counter = counter;
                t->page = page;
                best = slot;
            }
        }
    }
    if (!found) {
        t->slot = slots(t); /* a fresh page is erased before its first record */
        t->page = 1;
        return;
    }
    /* A cut may have left its bits in between: written again, they are firm. */
    write_record(t, place(t, t->page, best), t->counter);
    /* The place behind the last record may have been begun: it is left out. */
    t->slot = best + 2;
}

static void store_counter(struct token *t, uint32_t counter) {
    for (;;) {
        if (t->slot >= slots(t)) {
            t->page ^= 1;
            t->slot = 0;
            t->hal->flash_erase(t->hal->board, place(t, t->page, 0));
        }
        uint32_t address = place(t, t->page, t->slot++);
        write_record(t, address, counter);
        if (read_word(t, address) == counter && read_word(t, address + 4) == (~counter ^ CHECK))
            return;
    }
}

/* Codes ---------------------------------------------------------------------------------------- */

uint32_t token_seconds(struct token *t) {
    return t->made_at + (uint32_t)(now(t) / KF_COUNTS_PER_SECOND);
}

static uint32_t code_of(struct token *t, uint32_t factor) {
    uint32_t mac[SHA1_WORDS];
    hmac_sha1(&t->key, 0, factor, mac);
    uint32_t place = mac[SHA1_WORDS - 1] & 15; /* of four bytes, which may lie across two words */
    uint32_t high = mac[place / 4], low = mac[place / 4 + 1], shift = 8 * (place % 4);
    uint32_t bits = shift ? high << shift | low >> (32 - shift) : high;
    return (bits & 0x7FFFFFFF) % 1000000;
}

static void light(struct token *t, const uint8_t *memory, int what, uint64_t until) {
    t->hal->show(t->hal->board, memory, DIGITS);
    t->shown = what;
    t->over = until;
}

static void show_code(struct token *t) {
    uint32_t factor;
    uint64_t until = now(t) + COUNTS(SHOW_MS);
    if (TOKEN_TOTP) {
        uint32_t time = token_seconds(t);
        factor = time / STEP_SECONDS;
        uint32_t left = STEP_SECONDS - time % STEP_SECONDS;
        until = (now(t) / KF_COUNTS_PER_SECOND + left) * KF_COUNTS_PER_SECOND;
    } else {
        factor = t->counter;
        store_counter(t, factor + 1);
        t->counter = factor + 1;
    }
    uint32_t code = code_of(t, factor);
    uint8_t memory[DIGITS];
    for (int digit = 0; digit < DIGITS; digit++) { /* this processor cannot divide */
        int value = 0;
        for (; code >= powers[digit]; value++)
            code -= powers[digit];
        memory[digit] = glyphs[value];
    }
    light(t, memory, CODE, until);
}

static void go_dark(struct token *t) {
    t->hal->show(t->hal->board, 0, 0);
    t->shown = DARK;
    t->over = 0;
}

/* Button and time ------------------------------------------------------------------------------ */

static void press(struct token *t) {
    if (now(t) < t->guarded)
        return;
    t->guarded = now(t) + COUNTS(GUARD_MS);
    if (TOKEN_TOTP && !t->has_time)
        return;
    if (t->hal->measure_mv(t->hal->board) < LOW_MV) {
        light(t, low_battery, NOTICE, now(t) + COUNTS(NOTICE_MS));
        return;
    }
    show_code(t);
}

static void set_alarm(struct token *t) {
    uint64_t next = t->over;
    if (t->debounced && (!next || t->debounced < next))
        next = t->debounced;
    t->hal->set_alarm(t->hal->board, next);
}

size_t kf_context_size(void) { return sizeof(struct token); }

void kf_boot(void *context, const struct kf_hal *hal) {
    struct token *t = context;
    *t = (struct token){.hal = hal};
    t->record = hal->flash_pages(hal->board) * hal->flash_page_bytes(hal->board) - FACTORY_RECORD_BYTES;
    t->has_time = hal->rtc_kept(hal->board);
    t->made_at = read_word(t, t->record + 16);
    hmac_prepare(&t->key, seed, sizeof seed);
    uint32_t line = read_word(t, t->record + 24);
    t->link = (struct link){.hal = hal, .token = t, .execute = token_execute, .ended = token_deselect,
                            .address = line & 0xFFFF, .is_alone = line >> 16 & 1};
    if (!TOKEN_TOTP)
        read_journal(t);
    t->is_down = hal->contact_closed(hal->board, 0); /* held since before: no press */
}

void kf_on_contact(void *context, int number) {
    struct token *t = context;
    if (number != 0)
        return;
    t->debounced = now(t) + COUNTS(DEBOUNCE_MS);
    set_alarm(t);
}

void kf_on_alarm(void *context) {
    struct token *t = context;
    if (t->over && now(t) >= t->over) {
        if (t->shown == NOTICE)
            show_code(t);
        else
            go_dark(t);
    }
    if (t->debounced && now(t) >= t->debounced) {
        t->debounced = 0;
        int closed = t->hal->contact_closed(t->hal->board, 0);
        if (closed && !t->is_down)
            press(t);
        t->is_down = closed;
    }
    set_alarm(t);
}

void kf_on_bytes(void *context, const uint8_t *bytes, size_t size) {
    struct token *t = context;
    link_receive(&t->link, bytes, size);
}
