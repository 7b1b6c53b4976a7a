/* HDLC, normal response mode: the secondary's transitions are those of docs/WIRE.md §2.6, without
 * "busy", since every command is answered at once. */
#include "link.h"

#include <string.h>

#define FLAG 0x7E
#define OCTET_COUNTS (KF_COUNTS_PER_SECOND / 2)
#define SILENCE_COUNTS (120ull * KF_COUNTS_PER_SECOND)

enum { DISCONNECTED, READY, REJECTED };

/* Control fields, without the bit for poll and final. */
enum { RR = 0x01, RNR = 0x05, SNRM = 0x83, DISC = 0x43, UA = 0x63, DM = 0x0F, UI = 0x03, FRMR = 0x87 };
#define FINAL 0x10

enum { BAD_CONTROL = 1, TOO_LONG = 4, BAD_ACKNOWLEDGEMENT = 8 };

static uint16_t check_of(const uint8_t *bytes, size_t size) { /* CRC-16/X-25 */
    uint16_t crc = 0xFFFF;
    while (size--) {
        uint16_t low = (crc ^ *bytes++) & 0xFF;
        low = (low ^ low << 4) & 0xFF;
        crc = crc >> 8 ^ low << 8 ^ low << 3 ^ low >> 4;
    }
    return ~crc;
}

static size_t put_check(uint8_t *frame, size_t at) { /* over all behind the flag */
    uint16_t check = check_of(frame + 1, at - 1);
    frame[at] = check;
    frame[at + 1] = check >> 8;
    return at + 2;
}

/* Sending -------------------------------------------------------------------------------------- */

static void send(struct link *l, uint8_t control, const uint8_t *information, size_t size, int more) {
    uint8_t frame[LINK_FRAME_MAX];
    size_t length = 2 + l->client_bytes + l->own_bytes + 1 + 2 + (size ? size + 2 : 0);
    size_t at = 0;
    if (!l->is_polled)
        return;
    l->is_polled = 0;
    frame[at++] = FLAG;
    frame[at++] = 0xA0 | (more ? 8 : 0) | length >> 8;
    frame[at++] = length;
    memcpy(frame + at, l->client, l->client_bytes);
    at += l->client_bytes;
    memcpy(frame + at, l->own, l->own_bytes);
    at += l->own_bytes;
    frame[at++] = control | FINAL;
    if (size) {
        at = put_check(frame, at);
        memcpy(frame + at, information, size);
        at += size;
    }
    at = put_check(frame, at);
    frame[at++] = FLAG;
    l->hal->transmit(l->hal->board, frame, at);
}

static void send_ready(struct link *l) { send(l, RR | l->received << 5, 0, 0, 0); }

static void send_segment(struct link *l) {
    uint8_t number = (l->sent - 1) & 7;
    send(l, l->received << 5 | number << 1, l->answer + l->segment_from,
         l->segment_to - l->segment_from, l->segment_to < l->answer_bytes);
}

static void send_next_segment(struct link *l) {
    size_t left = l->answer_bytes - l->segment_to;
    if (!left) {
        send_ready(l);
        return;
    }
    if (!l->is_polled)
        return;
    l->segment_from = l->segment_to;
    l->segment_to += left < l->sends ? left : l->sends;
    l->sent = (l->sent + 1) & 7;
    l->is_unacknowledged = 1;
    send_segment(l);
}

static void forget(struct link *l) {
    l->received = l->sent = l->is_unacknowledged = 0;
    l->command_bytes = l->answer_bytes = l->segment_from = l->segment_to = 0;
    l->ended(l->token);
}

/* Frames --------------------------------------------------------------------------------------- */

static int reject(struct link *l, uint8_t control, uint8_t reason) {
    if (l->state == READY) {
        l->rejection[0] = control;
        l->rejection[1] = l->received << 5 | l->sent << 1;
        l->rejection[2] = reason;
        l->state = REJECTED;
    }
    send(l, FRMR, l->rejection, sizeof l->rejection, 0);
    return 0;
}

/* Parameters of SNRM (IEC 62056-46, 6.4.4.4.3); returns whether they can be read. */
static int negotiate(struct link *l, const uint8_t *field, size_t size) {
    uint32_t their[2] = {LINK_INFORMATION_MAX, LINK_INFORMATION_MAX}; /* they send, they take */
    if (size) {
        if (size < 3 || field[0] != 0x81 || field[1] != 0x80 || field[2] != size - 3)
            return 0;
        for (size_t at = 3; at < size;) {
            if (at + 2 > size || at + 2 + field[at + 1] > size)
                return 0;
            uint32_t value = 0;
            for (size_t n = 0; n < field[at + 1]; n++)
                value = value << 8 | field[at + 2 + n];
            if (field[at] == 5 || field[at] == 6)
                their[field[at] - 5] = value;
            at += 2 + field[at + 1];
        }
    }
    if (!their[0] || !their[1])
        return 0;
    l->takes = their[0] < LINK_INFORMATION_MAX ? their[0] : LINK_INFORMATION_MAX;
    l->sends = their[1] < LINK_INFORMATION_MAX ? their[1] : LINK_INFORMATION_MAX;
    return 1;
}

static void connect(struct link *l, const uint8_t *field, size_t size) {
    if (!negotiate(l, field, size)) {
        if (l->state != DISCONNECTED)
            forget(l);
        l->state = DISCONNECTED;
        send(l, DM, 0, 0, 0);
        return;
    }
    uint8_t agreed[] = {0x81, 0x80, 18, 5, 1, l->sends, 6, 1, l->takes, 7, 4, 0, 0, 0, 1, 8, 4, 0, 0, 0, 1};
    forget(l);
    l->state = READY;
    send(l, UA, agreed, size ? sizeof agreed : 0, 0);
}

static void take_information(struct link *l, uint8_t control, const uint8_t *field, size_t size, int more) {
    if (size > l->takes || l->command_bytes + size > LINK_COMMAND_MAX) {
        reject(l, control, TOO_LONG);
        return;
    }
    l->received = (l->received + 1) & 7;
    l->is_unacknowledged = 0;
    l->answer_bytes = l->segment_from = l->segment_to = 0;
    memcpy(l->command + l->command_bytes, field, size);
    l->command_bytes += size;
    if (more) {
        send_ready(l);
        return;
    }
    size = l->command_bytes;
    l->command_bytes = 0;
    l->answer_bytes = l->execute(l->token, l->command, size, l->answer);
    if (l->is_polled)
        send_next_segment(l);
}

static void take_numbered(struct link *l, uint8_t control, const uint8_t *field, size_t size, int more) {
    uint8_t acknowledged = control >> 5, number = control >> 1 & 7;
    int is_supervisory = control & 1;
    int missed = l->is_unacknowledged && acknowledged == ((l->sent - 1) & 7);
    if (acknowledged != l->sent && !missed) {
        reject(l, control, BAD_ACKNOWLEDGEMENT);
    } else if (l->state == REJECTED) {
        reject(l, control, 0);
    } else if (is_supervisory && (control & 0x0F) == RNR) {
        send_ready(l);
    } else if (is_supervisory || (missed && number == l->received)) {
        if (missed) {
            send_segment(l);
        } else {
            l->is_unacknowledged = 0;
            send_next_segment(l);
        }
    } else if (number == l->received) {
        take_information(l, control, field, size, more);
    } else if (number == ((l->received - 1) & 7)) { /* again: answered from memory */
        if (l->is_unacknowledged)
            send_segment(l);
        else
            send_next_segment(l);
    } else {
        send_ready(l);
    }
}

static void take_frame(struct link *l, uint8_t control, const uint8_t *field, size_t size, int more) {
    uint8_t kind = control & ~FINAL;
    if (kind == UI || kind == UA || kind == DM || kind == FRMR)
        return; /* nothing that a primary sends and waits for */
    l->is_polled |= control >> 4 & 1;
    if (kind == SNRM) {
        connect(l, field, size);
    } else if (kind == DISC) {
        if (l->state != DISCONNECTED)
            forget(l);
        l->state = DISCONNECTED;
        send(l, UA, 0, 0, 0);
    } else if (l->state == DISCONNECTED) {
        send(l, DM, 0, 0, 0);
    } else if (!(control & 1) || (control & 0x0F) == RR || (control & 0x0F) == RNR) {
        take_numbered(l, control, field, size, more);
    } else {
        reject(l, control, BAD_CONTROL);
    }
}

/* Whether an address of 1, 2 or 4 bytes is ours; the calling address is, where we are alone. */
static int is_mine(struct link *l, const uint8_t *address, size_t bytes) {
    if (bytes == 1)
        return address[0] == 0x03 && l->is_alone;
    uint32_t upper = address[0] >> 1, lower = address[1] >> 1, calling = 0x7E;
    if (bytes == 4) {
        upper = upper << 7 | address[1] >> 1;
        lower = (uint32_t)(address[2] >> 1) << 7 | address[3] >> 1;
        calling = 0x3FFE;
    }
    return upper == 1 && (lower == l->address || (lower == calling && l->is_alone));
}

enum { WAIT, DAMAGED, WHOLE };

/* Where the address at `at` ends, 0 where that is not there yet, -1 where it is none. */
static int address_end(const struct link *l, size_t at) {
    for (size_t bytes = 1; bytes <= 4; bytes++) {
        if (at + bytes > l->frame_bytes)
            return 0;
        if (l->frame[at + bytes - 1] & 1)
            return bytes == 3 ? -1 : (int)(at + bytes);
    }
    return -1;
}

static int is_checked(const struct link *l, size_t at) {
    return check_of(l->frame + 1, at - 1) == (l->frame[at] | l->frame[at + 1] << 8);
}

/* Look at what has come in since the flag, as far as that goes; carry out a whole frame. */
static int examine(struct link *l) {
    const uint8_t *frame = l->frame;
    size_t have = l->frame_bytes;
    if (have < 2)
        return WAIT;
    if (frame[1] >> 4 != 0xA)
        return DAMAGED;
    if (have < 3)
        return WAIT;
    size_t length = (frame[1] & 7) << 8 | frame[2], end = length + 1;
    if (length < 7 || end >= LINK_FRAME_MAX)
        return DAMAGED;
    int client_at = address_end(l, 3);
    int control_at = client_at > 0 ? address_end(l, client_at) : client_at;
    if (control_at <= 0)
        return control_at ? DAMAGED : WAIT;
    size_t field_at = control_at + 3; /* behind the control field and a check */
    if (end != field_at) {
        if (end < field_at + 2)
            return DAMAGED;
        if (have < field_at)
            return WAIT;
        if (!is_checked(l, control_at + 1))
            return DAMAGED;
    }
    if (have <= end)
        return WAIT;
    if (frame[end] != FLAG || !is_checked(l, end - 2))
        return DAMAGED;
    uint8_t control = frame[control_at];
    size_t client_bytes = control_at - client_at;
    if (!is_mine(l, frame + 3, client_at - 3))
        return WHOLE;
    if ((control & ~FINAL) != SNRM && l->state != DISCONNECTED &&
        (client_bytes != l->client_bytes || memcmp(l->client, frame + client_at, client_bytes)))
        return WHOLE; /* another client than the one that set the mode */
    l->frame_at = l->octet_at;
    l->client_bytes = client_bytes;
    memcpy(l->client, frame + client_at, client_bytes);
    l->own_bytes = client_at - 3;
    memcpy(l->own, frame + 3, l->own_bytes);
    take_frame(l, control, frame + field_at, end != field_at ? end - 2 - field_at : 0, frame[1] >> 3 & 1);
    return WHOLE;
}

/* Go on behind the first flag: at the next one, if there is one. */
static void skip(struct link *l) {
    size_t at = 1;
    while (at < l->frame_bytes && l->frame[at] != FLAG)
        at++;
    l->frame_bytes -= at;
    memmove(l->frame, l->frame + at, l->frame_bytes);
}

/* Take the frames that are whole by now; `is_over` says that no more of the last one comes. */
static void take_frames(struct link *l, int is_over) {
    for (;;) {
        int found = examine(l);
        if (found == WHOLE) { /* its last flag may be the first one of the next */
            l->frame[0] = FLAG;
            l->frame_bytes = 1;
        } else if (found == DAMAGED || (is_over && l->frame_bytes > 1)) {
            skip(l);
        } else {
            return;
        }
    }
}

void link_receive(struct link *l, const uint8_t *bytes, size_t size) {
    uint64_t now = l->hal->rtc_count(l->hal->board);
    if (now - l->octet_at >= OCTET_COUNTS)
        take_frames(l, 1);
    if (l->state != DISCONNECTED && now - l->frame_at >= SILENCE_COUNTS) {
        forget(l);
        l->state = DISCONNECTED;
        l->is_polled = 0;
    }
    l->octet_at = now;
    for (; size; size--, bytes++) {
        if (!l->frame_bytes && *bytes != FLAG)
            continue;
        l->frame[l->frame_bytes++] = *bytes;
        take_frames(l, 0);
    }
}
