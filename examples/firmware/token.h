/* The token's state: all of it, since a library runs many tokens in one process. */
#ifndef TOKEN_H
#define TOKEN_H

#include "keyfob_hal.h"
#include "link.h"
#include "sha1.h"

#ifndef TOKEN_TOTP
#define TOKEN_TOTP 0
#endif

#define DIGITS 6
#define STEP_SECONDS 30
#define LOW_MV 2400
#define SERIAL_BYTES 16
#define CHIP_ID_BYTES 10
#define FCI_BYTES 19

struct token {
    const struct kf_hal *hal;
    uint32_t counter;   /* of the next code */
    uint32_t page;      /* of the journal, 0 or 1 */
    uint32_t slot;      /* the next record within the page */
    uint32_t made_at;   /* seconds since 1970 when the RTC began */
    int has_time;
    int is_down;        /* the button, debounced */
    int shown;
    uint64_t debounced; /* when the contact will have settled; 0: it has */
    uint64_t guarded;   /* presses before this are ignored */
    uint64_t over;      /* when the picture goes */
    uint32_t record;    /* where the factory's record stands in flash */
    uint8_t selected;   /* application: 0 the issuer security domain, 1 the token's */
    uint8_t fci_left;   /* bytes of the last SELECT's answer that wait for GET RESPONSE */
    struct hmac_key key; /* the seed */
    struct link link;
};

extern const uint8_t token_seed_check[3];

/* Seconds since 1970, by the RTC. */
uint32_t token_seconds(struct token *token);

/* Carries out a command APDU; returns how many bytes of answer it has written (objects.c). */
size_t token_execute(void *token, const uint8_t *command, size_t bytes, uint8_t *answer);

/* A connection has begun or ended: nothing is selected any more. */
void token_deselect(void *token);

#endif
