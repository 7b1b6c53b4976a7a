/* A core for tests: examples/firmware/link.c with an application that sends commands back. */
#include "link.h"

#include <string.h>

static size_t execute(void *token, const uint8_t *command, size_t bytes, uint8_t *answer) {
    (void)token;
    size_t count = bytes < LINK_ANSWER_MAX ? bytes : LINK_ANSWER_MAX;
    for (size_t n = 0; n < count; n++)
        answer[n] = command[bytes - 1 - n];
    return count;
}

static void ended(void *token) { (void)token; }

size_t kf_context_size(void) { return sizeof(struct link); }

void kf_boot(void *context, const struct kf_hal *hal) {
    *(struct link *)context = (struct link){
        .hal = hal, .execute = execute, .ended = ended, .address = 5, .is_alone = 1};
}

void kf_on_contact(void *context, int number) { (void)context, (void)number; }
void kf_on_alarm(void *context) { (void)context; }
void kf_on_bytes(void *context, const uint8_t *bytes, size_t size) {
    link_receive(context, bytes, size);
}
