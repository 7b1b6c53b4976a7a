/* A core for tests: it lights as many digits as its contact has moved, and does what a byte says. */
#include "keyfob_hal.h"
#include <stdlib.h>
#include <unistd.h>

struct state {
    const struct kf_hal *hal;
    uint32_t moves;
    int busy;
};

size_t kf_context_size(void) { return sizeof(struct state); }

static void draw(struct state *s) {
    static const uint8_t eights[6] = {0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F};
    s->hal->show(s->hal->board, eights, s->moves % 7);
}

void kf_boot(void *context, const struct kf_hal *hal) {
    struct state *s = context;
    if (s->moves)
        abort(); /* not zeroed */
    s->hal = hal;
}

void kf_on_contact(void *context, int number) {
    struct state *s = context;
    s->moves += number == 0;
    draw(s);
}

void kf_on_alarm(void *context) {
    struct state *s = context;
    if (s->busy)
        s->hal->set_alarm(s->hal->board, s->hal->rtc_count(s->hal->board));
}

void kf_on_bytes(void *context, const uint8_t *bytes, size_t size) {
    struct state *s = context;
    uint32_t word = 0;
    switch (size ? bytes[0] : 0) {
    case 'c':
        *(volatile int *)16 = 1;
        break;
    case 'l':
        for (volatile int forever = 1; forever;)
            ;
        break;
    case 'e':
        _exit(3);
        break;
    case 'a':
        s->busy = 1;
        kf_on_alarm(s);
        break;
    case 'f':
        s->hal->flash_program(s->hal->board, 0xFFFFFF0, 0);
        s->hal->flash_read(s->hal->board, 0xFFFFFF0, &word, sizeof word);
        s->hal->flash_program(s->hal->board, 0, 0x12345678 & word);
        s->hal->flash_program(s->hal->board, 4, 0xFFFF0000);
        s->hal->flash_program(s->hal->board, 4, 0x00FFFFFF);
        for (uint32_t address = 0; address < 8; address += 4) {
            s->hal->flash_read(s->hal->board, address, &word, sizeof word);
            s->hal->transmit(s->hal->board, (const uint8_t *)&word, sizeof word);
        }
        break;
    default:
        s->hal->transmit(s->hal->board, bytes, size);
    }
}
