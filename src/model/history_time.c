/* Times as other tools write them. */
#include <errno.h>
#include <math.h>
#include <time.h>

#include "model/history.h"

typedef struct Cursor {
    const char *p, *end;
} Cursor;

/* One to `most` digits. */
static bool take_number(Cursor *c, int most, int *ret)
{
    int v = 0, n = 0;
    for (; c->p < c->end && n < most && *c->p >= '0' && *c->p <= '9'; c->p++, n++)
        v = v * 10 + (*c->p - '0');
    *ret = v;
    return n > 0;
}

static bool take_any(Cursor *c, const char *chars)
{
    for (; c->p < c->end && *chars; chars++)
        if (*c->p == *chars) {
            c->p++;
            return true;
        }
    return false;
}

static bool take_date(Cursor *c, struct tm *tm)
{
    int year, month, day;
    const char *start = c->p;
    if (!take_number(c, 4, &year) || c->p - start != 4 || !take_any(c, "-./") ||
        !take_number(c, 2, &month) || !take_any(c, "-./") || !take_number(c, 2, &day))
        return false;
    *tm = (struct tm){ .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day };
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/* "23:59", "3:00:00.25"; *fraction of a second. */
static bool take_clock(Cursor *c, struct tm *tm, double *fraction)
{
    if (!take_number(c, 2, &tm->tm_hour) || !take_any(c, ":") || !take_number(c, 2, &tm->tm_min))
        return false;
    if (take_any(c, ":")) {
        if (!take_number(c, 2, &tm->tm_sec))
            return false;
        if (take_any(c, ".,"))
            for (double place = 0.1; c->p < c->end && *c->p >= '0' && *c->p <= '9'; place /= 10)
                *fraction += place * (*c->p++ - '0');
    }
    return tm->tm_hour < 24 && tm->tm_min < 60 && tm->tm_sec < 61;
}

/* Nothing, Z, UTC, +01:00, -0530: seconds east. */
static bool take_zone(Cursor *c, int *east_s)
{
    *east_s = 0;
    take_any(c, " ");
    if (c->p == c->end || (take_any(c, "Zz") && c->p == c->end))
        return true;
    if (str_eq((Str){ c->p, c->end - c->p }, STR("UTC")))
        return true;
    bool west = c->p < c->end && *c->p == '-';
    int hours, minutes = 0;
    if (!take_any(c, "+-") || !take_number(c, 2, &hours))
        return false;
    take_any(c, ":");
    if (c->p < c->end && !take_number(c, 2, &minutes))
        return false;
    *east_s = (west ? -1 : 1) * (hours * 3600 + minutes * 60);
    return c->p == c->end && hours < 24 && minutes < 60;
}

static int parse_date(Str text, double *ret_s)
{
    Cursor c = { text.ptr, text.ptr + text.len };
    struct tm tm;
    double fraction = 0;
    int east = 0;
    if (!take_date(&c, &tm))
        return -EINVAL;
    if (c.p < c.end && (!take_any(&c, "Tt ") || !take_clock(&c, &tm, &fraction)))
        return -EINVAL;
    if (!take_zone(&c, &east))
        return -EINVAL;
    *ret_s = (double)timegm(&tm) + fraction - east;
    return 0;
}

int history_parse_time(Str text, double *ret_s)
{
    double v;
    text = str_trim(text);
    if (!text.len)
        return -EINVAL;
    if (str_to_f64(text, &v) < 0)
        return parse_date(text, ret_s);
    /* Seconds stay below 1e11 until the year 5138; each finer unit is a thousand times more. */
    for (int i = 0; i < 3 && fabs(v) >= 1e11; i++)
        v /= 1000;
    *ret_s = v;
    return 0;
}
