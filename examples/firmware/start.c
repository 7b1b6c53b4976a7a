/* Vectors and start of an image for keyfob-m0: RAM is made ready, then main runs. */
#include <stdint.h>

extern uint32_t stack_end[], data_start[], data_end[], data_stored[], bss_start[], bss_end[];

int main(void);
void contact_handler(void);
void rtc_handler(void);
void uart_handler(void);

static void reset(void) {
    uint32_t *from = data_stored;
    for (uint32_t *to = data_start; to < data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_start; to < bss_end;)
        *to++ = 0;
    main();
    for (;;)
        ;
}

static void stop(void) { __asm__ volatile("udf #0"); } /* locks up, which resets the chip */

__attribute__((section(".vectors"), used)) static void *const vectors[16 + 4] = {
    stack_end, reset, stop, stop, [11] = stop, [14] = stop, [15] = stop,
    [16] = contact_handler, [17] = rtc_handler, [18] = uart_handler, [19] = stop,
};
