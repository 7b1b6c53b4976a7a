/* The token's end of the serial link: an HDLC secondary (ISO/IEC 13239, IEC 62056-46; docs/WIRE.md
 * §2). Bytes go in one by one; what a host has asked is answered at once. */
#ifndef LINK_H
#define LINK_H

#include "keyfob_hal.h"

#define LINK_INFORMATION_MAX 128
#define LINK_FRAME_MAX (LINK_INFORMATION_MAX + 24)
#ifndef LINK_COMMAND_MAX
#define LINK_COMMAND_MAX 264 /* a short command: 5 + 255 + 1 */
#endif
#define LINK_ANSWER_MAX 96

struct link {
    const struct kf_hal *hal;
    /* Carries out a command; returns how many bytes of answer it has written. */
    size_t (*execute)(void *token, const uint8_t *command, size_t bytes, uint8_t *answer);
    void (*ended)(void *token); /* the connection began anew or is over */
    void *token;
    uint16_t address; /* of this fob on its line */
    uint8_t is_alone; /* no other fob is on the line */

    uint8_t state;
    uint8_t own[4], own_bytes; /* our address, as the host spells it */
    uint8_t client[4], client_bytes;
    uint8_t received, sent; /* V(R) and V(S) */
    uint8_t is_polled, is_unacknowledged;
    uint8_t rejection[3];
    uint16_t takes, sends; /* the longest information field of each direction */
    uint64_t octet_at, frame_at;
    uint16_t frame_bytes, command_bytes, answer_bytes, segment_from, segment_to;
    uint8_t frame[LINK_FRAME_MAX], command[LINK_COMMAND_MAX], answer[LINK_ANSWER_MAX];
};

void link_receive(struct link *link, const uint8_t *bytes, size_t size);

#endif
