/* The board's side of keyfob_hal.h on the registers of keyfob-m0: makes an image of a core. */
#include "keyfob_board.h"
#include "keyfob_hal.h"

static uint64_t context[128];

static uint64_t rtc_count(void *board) {
    (void)board;
    uint32_t low = RTC_COUNT;
    return (uint64_t)RTC_COUNT_HIGH << 32 | low;
}

static int rtc_kept(void *board) {
    (void)board;
    return RTC_KEPT & 1;
}

static void set_alarm(void *board, uint64_t count) {
    (void)board;
    RTC_ALARM_HIGH = (uint32_t)(count >> 32);
    RTC_ALARM = (uint32_t)count;
    RTC_CONTROL = count != 0;
}

static int contact_closed(void *board, int number) {
    (void)board;
    return GPIO_LEVEL >> number & 1;
}

static void show(void *board, const uint8_t *memory, size_t size) {
    (void)board;
    static size_t used; /* words that are not zero */
    size_t words = (size + 3) / 4;
    for (size_t word = 0; size && (word < words || word < used); word++) {
        uint32_t bits = 0;
        for (size_t byte = 0; byte < 4 && 4 * word + byte < size; byte++)
            bits |= (uint32_t)memory[4 * word + byte] << 8 * byte;
        LCD_MEMORY[word] = bits;
    }
    if (size)
        used = words;
    LCD_CONTROL = size != 0;
}

static void flash_read(void *board, uint32_t address, void *to, size_t size) {
    (void)board;
    const volatile uint8_t *from = (const volatile uint8_t *)(KF_DATA_FLASH + address);
    for (size_t n = 0; n < size; n++)
        ((uint8_t *)to)[n] = from[n];
}

static void flash_program(void *board, uint32_t address, uint32_t word) {
    (void)board;
    FLASH_ADDRESS = address;
    FLASH_DATA[0] = word;
    FLASH_COMMAND = 1;
}

static void flash_erase(void *board, uint32_t address) {
    (void)board;
    FLASH_ADDRESS = address;
    FLASH_COMMAND = 2;
}

static uint32_t flash_page_bytes(void *board) {
    (void)board;
    return FLASH_PAGE_BYTES;
}

static uint32_t flash_pages(void *board) {
    (void)board;
    return FLASH_PAGES;
}

static uint32_t measure_mv(void *board) {
    (void)board;
    ADC_CONTROL = 1;
    return ADC_VALUE;
}

static void transmit(void *board, const uint8_t *bytes, size_t size) {
    (void)board;
    for (size_t n = 0; n < size; n++)
        UART_DATA = bytes[n];
}

static const struct kf_hal hal = {
    .rtc_count = rtc_count,
    .rtc_kept = rtc_kept,
    .set_alarm = set_alarm,
    .contact_closed = contact_closed,
    .show = show,
    .flash_read = flash_read,
    .flash_program = flash_program,
    .flash_erase = flash_erase,
    .flash_page_bytes = flash_page_bytes,
    .flash_pages = flash_pages,
    .measure_mv = measure_mv,
    .transmit = transmit,
};

void contact_handler(void) {
    GPIO_EDGES = ~0u;
    kf_on_contact(context, 0);
}

void rtc_handler(void) {
    RTC_FLAGS = 1;
    kf_on_alarm(context);
}

void uart_handler(void) {
    while (UART_STATUS & 1) {
        uint8_t byte = (uint8_t)UART_DATA;
        kf_on_bytes(context, &byte, 1);
    }
}

int main(void) {
    if (kf_context_size() > sizeof context)
        __builtin_trap();
    kf_boot(context, &hal);
    GPIO_ENABLE = 1;
    UART_CONTROL = 1;
    NVIC_ENABLE = 1 << 0 | 1 << 1 | 1 << 2;
    for (;;)
        KF_SLEEP();
}
