/* The smallest program: the middle segment of the first digit, on and off, twice a second. */
#include "keyfob_board.h"

static uint32_t on;

void rtc_handler(void) {
    RTC_FLAGS = 1;
    on = !on;
    LCD_MEMORY[0] = on ? 0x40 : 0;
    LCD_CONTROL = on;
    RTC_ALARM = RTC_COUNT + 32768 / 4;
    RTC_CONTROL = 1;
}

void contact_handler(void) { GPIO_EDGES = ~0u; }

void uart_handler(void) {}

int main(void) {
    NVIC_ENABLE = 1 << 1;
    rtc_handler();
    for (;;)
        KF_SLEEP();
}
