#include <errno.h>
#include <string.h>

#include "load/stream.h"

/* "assay1" (measured) or "assay0", then hexadecimal fields of these widths. */
static const struct {
    int at, digits;
} trial_field = { 6, 8 }, publisher_field = { 14, 6 }, number_field = { 20, 12 },
  due_field = { 32, 16 }, sent_field = { 48, 16 };

static void put(char *to, int digits, uint64_t v)
{
    for (int i = digits - 1; i >= 0; i--, v >>= 4)
        to[i] = "0123456789abcdef"[v & 15];
}

/* False: not all digits. */
static bool take(const char *from, int digits, uint64_t *ret)
{
    *ret = 0;
    for (int i = 0; i < digits; i++) {
        char c = from[i];
        bool letter = c >= 'a' && c <= 'f';
        if (!letter && (c < '0' || c > '9'))
            return false;
        *ret = *ret << 4 | (uint64_t)(letter ? c - 'a' + 10 : c - '0');
    }
    return true;
}

void stream_head_write(char to[STREAM_HEAD], const StreamHead *h)
{
    memcpy(to, h->measured ? "assay1" : "assay0", 6);
    put(to + trial_field.at, trial_field.digits, h->trial);
    put(to + publisher_field.at, publisher_field.digits, h->publisher);
    put(to + number_field.at, number_field.digits, h->number);
    put(to + due_field.at, due_field.digits, h->due_ns);
    put(to + sent_field.at, sent_field.digits, h->sent_ns);
}

int stream_head_read(Str text, StreamHead *ret)
{
    uint64_t trial, publisher;
    const char *p = text.ptr;
    if (text.len < STREAM_HEAD || memcmp(p, "assay", 5) != 0 || (p[5] != '0' && p[5] != '1') ||
        !take(p + trial_field.at, trial_field.digits, &trial) ||
        !take(p + publisher_field.at, publisher_field.digits, &publisher) ||
        !take(p + number_field.at, number_field.digits, &ret->number) ||
        !take(p + due_field.at, due_field.digits, &ret->due_ns) ||
        !take(p + sent_field.at, sent_field.digits, &ret->sent_ns))
        return -EBADMSG;
    ret->measured = p[5] == '1';
    ret->trial = (uint32_t)trial;
    ret->publisher = (uint32_t)publisher;
    return 0;
}
