#include "base/fmt.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct Unit {
    const char *name;
    double factor;
} Unit;

static const Unit time_units[] = {
    { "ns", 1 },  { "us", 1e3 }, { "\xc2\xb5s", 1e3 }, { "\xce\xbcs", 1e3 }, { "ms", 1e6 },
    { "s", 1e9 }, { "m", 60e9 }, { "min", 60e9 },      { "h", 3600e9 },      { "d", 86400e9 },
};
static const Unit size_units[] = {
    { "", 1 },
    { "B", 1 },
    { "kB", 1e3 },
    { "MB", 1e6 },
    { "GB", 1e9 },
    { "TB", 1e12 },
    { "KiB", 1024 },
    { "MiB", 1024.0 * 1024 },
    { "GiB", 1024.0 * 1024 * 1024 },
    { "TiB", 1024.0 * 1024 * 1024 * 1024 },
};
static const Unit number_units[] = { { "", 1 }, { "k", 1e3 }, { "M", 1e6 }, { "G", 1e9 } };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Split the leading number (digits, point, exponent) from what follows. */
static int cut_number(Str *s, double *ret)
{
    ptrdiff_t i = 0;
    while (i < s->len && (is_digit(s->ptr[i]) || s->ptr[i] == '.'))
        i++;
    if (i > 0 && i + 1 < s->len && (s->ptr[i] == 'e' || s->ptr[i] == 'E')) {
        ptrdiff_t j = i + 1 + (s->ptr[i + 1] == '-' || s->ptr[i + 1] == '+');
        if (j < s->len && is_digit(s->ptr[j])) {
            while (j < s->len && is_digit(s->ptr[j]))
                j++;
            i = j;
        }
    }
    TRY(str_to_f64(str_slice(*s, 0, i), ret));
    *s = str_slice(*s, i, s->len);
    return 0;
}

static const Unit *find_unit(const Unit *units, ptrdiff_t n, Str name)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (str_eqz(name, units[i].name))
            return &units[i];
    return NULL;
}

/* number, optional single blank, unit */
static int parse_with(Str text, const Unit *units, ptrdiff_t n, double *ret)
{
    Str s = text;
    double v;
    TRY(cut_number(&s, &v));
    if (s.len > 1 && s.ptr[0] == ' ')
        s = str_slice(s, 1, s.len);
    const Unit *u = find_unit(units, n, s);
    if (!u)
        return -EINVAL;
    *ret = v * u->factor;
    return isfinite(*ret) ? 0 : -ERANGE;
}

/* The end of the first part of "1m30s": behind the number and the letters, where a digit stands
 * again. */
static ptrdiff_t part_end(Str s)
{
    Str rest = s;
    double v;
    if (cut_number(&rest, &v) < 0)
        return s.len;
    ptrdiff_t i = s.len - rest.len;
    while (i < s.len && !is_digit(s.ptr[i]))
        i++;
    return i;
}

int fmt_parse_duration(Str text, uint64_t *ret_ns, Err *err)
{
    const char *cure = "a duration such as 250us, 10ms, 1.5s or 1m30s";
    if (str_eqz(text, "0")) {
        *ret_ns = 0;
        return 0;
    }
    double total = 0;
    Str rest = text;
    bool any = false;
    while (rest.len) {
        ptrdiff_t end = part_end(rest);
        double v;
        if (parse_with(str_slice(rest, 0, end), time_units, ARRAY_LEN(time_units), &v) < 0)
            return err_set(err, -EINVAL, "'" STR_FMT "' is not %s", STR_ARG(text), cure);
        total += v;
        any = true;
        rest = str_slice(rest, end, rest.len);
    }
    if (!any)
        return err_set(err, -EINVAL, "'' is not %s", cure);
    if (total > 9e18)
        return err_set(err, -ERANGE, "'" STR_FMT "' is more than 285 years", STR_ARG(text));
    *ret_ns = (uint64_t)llround(total);
    return 0;
}

int fmt_parse_size(Str text, uint64_t *ret_bytes, Err *err)
{
    double v;
    if (parse_with(text, size_units, ARRAY_LEN(size_units), &v) < 0)
        return err_set(err, -EINVAL, "'" STR_FMT "' is not a size such as 512, 64KiB or 10MB",
                       STR_ARG(text));
    if (v > 9e18)
        return err_set(err, -ERANGE, "'" STR_FMT "' is too large a size", STR_ARG(text));
    *ret_bytes = (uint64_t)llround(v);
    return 0;
}

int fmt_parse_number(Str text, double *ret, Err *err)
{
    if (parse_with(text, number_units, ARRAY_LEN(number_units), ret) < 0)
        return err_set(err, -EINVAL, "'" STR_FMT "' is not a number such as 100 or 10k",
                       STR_ARG(text));
    return 0;
}

int fmt_parse_rate(Str text, double *ret_per_s, Err *err)
{
    static const Unit per[] = { { "s", 1 }, { "m", 60 }, { "min", 60 }, { "h", 3600 } };
    ptrdiff_t slash = str_find_char(text, '/');
    Str number = slash < 0 ? text : str_slice(text, 0, slash);
    double divisor = 1;
    if (slash >= 0) {
        const Unit *u = find_unit(per, ARRAY_LEN(per), str_slice(text, slash + 1, text.len));
        divisor = u ? u->factor : 0;
    }
    double v;
    if (divisor == 0 || parse_with(number, number_units, ARRAY_LEN(number_units), &v) < 0)
        return err_set(err, -EINVAL, "'" STR_FMT "' is not a rate such as 500/s, 30/m or 10k/s",
                       STR_ARG(text));
    *ret_per_s = v / divisor;
    return 0;
}

int fmt_parse_share(Str text, bool sign_ok, double *ret, Err *err)
{
    Str s = text;
    double sign = 1;
    if (sign_ok && s.len && (s.ptr[0] == '+' || s.ptr[0] == '-')) {
        sign = s.ptr[0] == '-' ? -1 : 1;
        s = str_slice(s, 1, s.len);
    }
    static const Unit units[] = { { "", 1 }, { "%", 0.01 } };
    double v;
    if (parse_with(s, units, ARRAY_LEN(units), &v) < 0)
        return err_set(err, -EINVAL, "'" STR_FMT "' is not a share such as 5%% or 0.05",
                       STR_ARG(text));
    *ret = sign * v;
    return 0;
}

/* Three to four significant digits without an exponent. */
static void print_digits(char *buf, size_t size, double v)
{
    double a = fabs(v);
    int decimals = a >= 1000 || a == 0 ? 0 : a >= 100 ? 1 : a >= 10 ? 2 : 3;
    snprintf(buf, size, "%.*f", decimals, v);
}

static const char *missing(char *buf)
{
    memcpy(buf, "-", 2);
    return buf;
}

static const char *print_scaled(char *buf, double v, const Unit *units, ptrdiff_t n,
                                const char *sep)
{
    if (isnan(v))
        return missing(buf);
    ptrdiff_t i = 0;
    while (i + 1 < n && fabs(v) >= units[i + 1].factor * 0.99995)
        i++;
    char digits[FMT_MAX / 2];
    if (units[0].factor == 1 && i == 0 && v == floor(v) && fabs(v) < 1e6)
        snprintf(digits, sizeof digits, "%.0f", v);
    else
        print_digits(digits, sizeof digits, v / units[i].factor);
    snprintf(buf, FMT_MAX, "%s%s%s", digits, *units[i].name ? sep : "", units[i].name);
    return buf;
}

const char *fmt_duration(char buf[FMT_MAX], double ns)
{
    static const Unit u[] = { { "ns", 1 },  { "\xc2\xb5s", 1e3 }, { "ms", 1e6 },
                              { "s", 1e9 }, { "min", 60e9 },      { "h", 3600e9 } };
    return print_scaled(buf, ns, u, ARRAY_LEN(u), " ");
}

const char *fmt_size(char buf[FMT_MAX], double bytes)
{
    static const Unit u[] = { { "B", 1 },
                              { "KiB", 1024 },
                              { "MiB", 1024.0 * 1024 },
                              { "GiB", 1024.0 * 1024 * 1024 },
                              { "TiB", 1024.0 * 1024 * 1024 * 1024 } };
    return print_scaled(buf, bytes, u, ARRAY_LEN(u), " ");
}

const char *fmt_count(char buf[FMT_MAX], double n)
{
    if (!isnan(n) && n == floor(n) && fabs(n) < 1e5)
        snprintf(buf, FMT_MAX, "%.0f", n);
    else
        print_scaled(buf, n, number_units, ARRAY_LEN(number_units), "");
    return buf;
}

const char *fmt_rate(char buf[FMT_MAX], double per_s)
{
    if (isnan(per_s))
        return missing(buf);
    char n[FMT_MAX];
    snprintf(buf, FMT_MAX, "%.40s/s", fmt_count(n, per_s));
    return buf;
}

const char *fmt_share(char buf[FMT_MAX], double fraction)
{
    if (isnan(fraction))
        return missing(buf);
    double a = fabs(fraction * 100);
    snprintf(buf, FMT_MAX, "%.*f %%", a >= 10 || a == 0 ? 1 : 2, fraction * 100);
    return buf;
}

const char *fmt_change(char buf[FMT_MAX], double fraction)
{
    if (isnan(fraction))
        return missing(buf);
    double a = fabs(fraction * 100);
    snprintf(buf, FMT_MAX, "%+.*f %%", a >= 100 ? 0 : a >= 10 ? 1 : 2, fraction * 100);
    return buf;
}

const char *fmt_value(char buf[FMT_MAX], double v, const char *unit)
{
    char n[FMT_MAX];
    if (strcmp(unit, "ns") == 0)
        return fmt_duration(buf, v);
    if (strcmp(unit, "bytes") == 0)
        return fmt_size(buf, v);
    if (strcmp(unit, "1/s") == 0)
        return fmt_rate(buf, v);
    if (strcmp(unit, "share") == 0)
        return fmt_share(buf, v);
    if (strcmp(unit, "count") == 0 || *unit == '\0')
        return fmt_count(buf, v);
    if (isnan(v))
        return missing(buf);
    if (strcmp(unit, "bytes/s") == 0)
        snprintf(buf, FMT_MAX, "%.40s/s", fmt_size(n, v));
    else
        snprintf(buf, FMT_MAX, "%.24s %.20s", fmt_count(n, v), unit);
    return buf;
}

const char *fmt_f64_exact(char buf[FMT_MAX], double v)
{
    if (v == floor(v) && fabs(v) < 1e15) { /* people write 1000, not 1e+03 */
        snprintf(buf, FMT_MAX, "%.0f", v);
        return buf;
    }
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(buf, FMT_MAX, "%.*g", digits, v);
        double back;
        if (str_to_f64(str(buf), &back) == 0 && back == v)
            break;
    }
    return buf;
}

/* The largest unit that divides the value. */
static const char *print_exact(char *buf, uint64_t v, const Unit *units, ptrdiff_t n)
{
    ptrdiff_t best = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        if (v && v % (uint64_t)units[i].factor == 0)
            best = i;
    snprintf(buf, FMT_MAX, "%llu%s", (unsigned long long)(v / (uint64_t)units[best].factor),
             units[best].name);
    return buf;
}

const char *fmt_duration_exact(char buf[FMT_MAX], uint64_t ns)
{
    static const Unit u[] = { { "ns", 1 },  { "us", 1e3 }, { "ms", 1e6 },
                              { "s", 1e9 }, { "m", 60e9 }, { "h", 3600e9 } };
    return print_exact(buf, ns, u, ARRAY_LEN(u));
}

const char *fmt_size_exact(char buf[FMT_MAX], uint64_t bytes)
{
    static const Unit u[] = { { "B", 1 },
                              { "KiB", 1024 },
                              { "MiB", 1024.0 * 1024 },
                              { "GiB", 1024.0 * 1024 * 1024 },
                              { "TiB", 1024.0 * 1024 * 1024 * 1024 } };
    return print_exact(buf, bytes, u, ARRAY_LEN(u));
}

const char *fmt_rate_exact(char buf[FMT_MAX], double per_s)
{
    char n[FMT_MAX];
    snprintf(buf, FMT_MAX, "%.40s/s", fmt_f64_exact(n, per_s));
    return buf;
}

const char *fmt_share_exact(char buf[FMT_MAX], double fraction)
{
    char n[FMT_MAX];
    double back;
    snprintf(buf, FMT_MAX, "%.40s%%", fmt_f64_exact(n, fraction * 100));
    if (fmt_parse_share(str(buf), true, &back, NULL) == 0 && back == fraction)
        return buf;
    return fmt_f64_exact(buf, fraction); /* the per cent would round: the bare fraction is exact */
}
