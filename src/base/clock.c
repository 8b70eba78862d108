#include "base/clock.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"

uint64_t clock_wall_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_REALTIME, &ts);
    return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t clock_resolution_ns(void)
{
    uint64_t best = UINT64_MAX, last = clock_mono_ns();
    for (int i = 0; i < 2000; i++) {
        uint64_t now = clock_mono_ns();
        if (now > last)
            best = MIN(best, now - last);
        last = now;
    }
    return best == UINT64_MAX ? 1 : best;
}

const char *clock_iso(char buf[CLOCK_ISO_MAX], uint64_t wall_ns)
{
    time_t s = (time_t)(wall_ns / NS_PER_S);
    struct tm tm;
    gmtime_r(&s, &tm);
    size_t n = strftime(buf, CLOCK_ISO_MAX, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(buf + n, CLOCK_ISO_MAX - n, ".%03uZ", (unsigned)(wall_ns / NS_PER_MS % 1000));
    return buf;
}

/* The fraction's digits as nanoseconds; advances past them. */
static uint64_t parse_fraction(const char **p)
{
    uint64_t ns = 0;
    int digits = 0;
    for (; **p >= '0' && **p <= '9'; (*p)++) {
        if (digits++ < 9)
            ns = ns * 10 + (uint64_t)(**p - '0');
    }
    for (; digits < 9; digits++)
        ns *= 10;
    return ns;
}

int clock_iso_parse(const char *text, uint64_t *ret_wall_ns)
{
    struct tm tm = { 0 };
    const char *p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!p)
        return -EINVAL;
    uint64_t ns = 0;
    if (*p == '.') {
        p++;
        ns = parse_fraction(&p);
    }
    if (!str_eqz(str(p), "Z"))
        return -EINVAL;
    time_t s = timegm(&tm);
    if (s < 0)
        return -EINVAL;
    *ret_wall_ns = (uint64_t)s * NS_PER_S + ns;
    return 0;
}
