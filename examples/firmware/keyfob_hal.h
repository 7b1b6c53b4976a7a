/* What a token's core calls of the board, and what the board calls of the core.
 *
 * A core keeps all its state in one context, so that one process can run many fobs; it is zeroed
 * before kf_boot, and never moved. Counts are the RTC's: 32,768 a second; none passes within a
 * call, so a core never waits in a loop: it sets the alarm and returns. */
#ifndef KEYFOB_HAL_H
#define KEYFOB_HAL_H

#include <stddef.h>
#include <stdint.h>

#define KF_COUNTS_PER_SECOND 32768u

struct kf_hal {
    void *board; /* goes with every call */
    uint64_t (*rtc_count)(void *board);
    int (*rtc_kept)(void *board); /* whether the RTC has run since the factory set it */
    void (*set_alarm)(void *board, uint64_t count); /* 0: off */
    int (*contact_closed)(void *board, int number);
    void (*show)(void *board, const uint8_t *memory, size_t size); /* size 0: off */
    void (*flash_read)(void *board, uint32_t address, void *to, size_t size);
    void (*flash_program)(void *board, uint32_t address, uint32_t word);
    void (*flash_erase)(void *board, uint32_t address);
    uint32_t (*flash_page_bytes)(void *board);
    uint32_t (*flash_pages)(void *board);
    uint32_t (*measure_mv)(void *board); /* costs charge */
    void (*transmit)(void *board, const uint8_t *bytes, size_t size);
};

/* What a core has; in a library these are seen from outside. */
#define KF_CORE __attribute__((visibility("default")))

KF_CORE size_t kf_context_size(void);
KF_CORE void kf_boot(void *context, const struct kf_hal *hal);
KF_CORE void kf_on_contact(void *context, int number);
KF_CORE void kf_on_alarm(void *context);
KF_CORE void kf_on_bytes(void *context, const uint8_t *bytes, size_t size);

#endif
