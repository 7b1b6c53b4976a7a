/* The registers of keyfob-m0 (docs/FIRMWARE.md §3), for images that run on the virtual board. */
#ifndef KEYFOB_BOARD_H
#define KEYFOB_BOARD_H

#include <stdint.h>

#define KF_REGISTER(address) (*(volatile uint32_t *)(address))

/* Contacts: bit n is contact n. Interrupt 0 while an edge is enabled. */
#define GPIO_LEVEL KF_REGISTER(0x40000000)  /* read: 1 = closed */
#define GPIO_EDGES KF_REGISTER(0x40000004)  /* read: moved; write 1: clear */
#define GPIO_ENABLE KF_REGISTER(0x40000008) /* which edges interrupt */

/* The RTC: 32,768 counts a second. Interrupt 1 by the alarm. */
#define RTC_COUNT KF_REGISTER(0x40001000)      /* low half; reading keeps the high one */
#define RTC_COUNT_HIGH KF_REGISTER(0x40001004)
#define RTC_ALARM KF_REGISTER(0x40001008)
#define RTC_ALARM_HIGH KF_REGISTER(0x4000100C)
#define RTC_CONTROL KF_REGISTER(0x40001010) /* bit 0: alarm armed */
#define RTC_FLAGS KF_REGISTER(0x40001014)   /* bit 0: alarm came; write 1: clear */
#define RTC_KEPT KF_REGISTER(0x40001018)    /* 1: has run since 1 was written */

/* The display: its memory is seen after 1 is written to CONTROL; 0 switches off. */
#define LCD_CONTROL KF_REGISTER(0x40002000)
#define LCD_MEMORY ((volatile uint32_t *)0x40002010)

/* The data flash, which is read at KF_DATA_FLASH. A command is done when its write is. */
#define KF_DATA_FLASH 0x08000000u
#define FLASH_ADDRESS KF_REGISTER(0x40003000) /* within the data flash */
#define FLASH_COMMAND KF_REGISTER(0x40003004) /* 1: program a word, 2: erase its page */
#define FLASH_STATUS KF_REGISTER(0x40003008)  /* bit 1: bad command; write: clear */
#define FLASH_DATA ((volatile uint32_t *)0x40003010)
#define FLASH_PAGE_BYTES KF_REGISTER(0x40003020)
#define FLASH_PAGES KF_REGISTER(0x40003024)
#define FLASH_WORD_BYTES KF_REGISTER(0x40003028)

/* The serial port. Interrupt 2. */
#define UART_DATA KF_REGISTER(0x40004000)
#define UART_STATUS KF_REGISTER(0x40004004)  /* bit 0: a byte waits; bit 1: one can be sent */
#define UART_CONTROL KF_REGISTER(0x40004008) /* bit 0: bytes interrupt, bit 1: signals do */
#define UART_SIGNALS KF_REGISTER(0x4000400C) /* bit 0: host is there, bit 1: break */

/* The ADC measures the cell under a test load, which costs charge. */
#define ADC_CONTROL KF_REGISTER(0x40005000) /* write 1: measure */
#define ADC_VALUE KF_REGISTER(0x40005004)   /* millivolts */

/* A timer that counts processor cycles. Interrupt 3. */
#define TIMER_COUNT KF_REGISTER(0x40006000)
#define TIMER_COMPARE KF_REGISTER(0x40006004)
#define TIMER_CONTROL KF_REGISTER(0x40006008) /* bit 0: armed */
#define TIMER_FLAGS KF_REGISTER(0x4000600C)   /* bit 0: came; write 1: clear */

#define RESET_CAUSE KF_REGISTER(0x40007000) /* 1 power, 2 brown-out, 4 watchdog, 8 software, 16 lock-up */
#define RESET_FEED KF_REGISTER(0x40007004)  /* write 0xFEED: the program is well */
#define POWER_CLOCK_KHZ KF_REGISTER(0x40008000)

/* What the factory writes into the last bytes of the data flash. */
struct kf_factory_record {
    char mark[4]; /* "KFR1" */
    uint8_t chip_id[10];
    uint8_t padding[2];
    uint32_t made_at[2]; /* seconds since 1970 when the RTC began, low half first */
    uint16_t address;  /* of the fob on its line (docs/WIRE.md §2.2) */
    uint8_t is_alone;  /* 1: no other fob is on the line */
    char serial[16];   /* number, filled up with zeros */
    uint8_t free[21];
};

/* The processor's own (ARMv6-M). */
#define NVIC_ENABLE KF_REGISTER(0xE000E100)
#define KF_SLEEP() __asm__ volatile("wfi" ::: "memory")

#endif
