#include "report/plot_text.h"

#include <math.h>

static const char *const rise[] = { " ",
                                    "\xe2\x96\x81",
                                    "\xe2\x96\x82",
                                    "\xe2\x96\x83",
                                    "\xe2\x96\x84",
                                    "\xe2\x96\x85",
                                    "\xe2\x96\x86",
                                    "\xe2\x96\x87",
                                    "\xe2\x96\x88" };
static const char *const rise_ascii[] = { " ", ".", ":", "-", "=", "+", "*", "#", "@" };
static const char *const fill[] = { "",
                                    "\xe2\x96\x8f",
                                    "\xe2\x96\x8e",
                                    "\xe2\x96\x8d",
                                    "\xe2\x96\x8c",
                                    "\xe2\x96\x8b",
                                    "\xe2\x96\x8a",
                                    "\xe2\x96\x89",
                                    "\xe2\x96\x88" };

const char *plot_bar(Arena *a, double fraction, int columns, bool unicode)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    double f = fraction > 0 ? MIN(fraction, 1) : 0;
    int eighths = (int)lround(f * columns * 8);
    if (f > 0)
        eighths = MAX(eighths, 1);
    if (!unicode) {
        int n = MAX(eighths / 8, f > 0);
        strbuf_pad(&b, '#', n);
    } else {
        for (; eighths >= 8; eighths -= 8)
            strbuf_addz(&b, fill[8]);
        strbuf_addz(&b, fill[eighths]);
    }
    return arena_str(a, strbuf_str(&b));
}

const char *plot_spark(Arena *a, const double *v, ptrdiff_t n, double top, bool unicode)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    const char *const *levels = unicode ? rise : rise_ascii;
    for (ptrdiff_t i = 0; i < n; i++) {
        double f = isnan(v[i]) || top <= 0 ? 0 : v[i] / top;
        int level = f <= 0 ? 0 : f >= 1 ? 8 : MAX((int)lround(f * 8), 1);
        strbuf_addz(&b, levels[level]);
    }
    return arena_str(a, strbuf_str(&b));
}

double *plot_resample(Arena *a, const double *v, ptrdiff_t n, ptrdiff_t columns, bool largest)
{
    double *out = ARENA_ARRAY(a, double, columns);
    for (ptrdiff_t c = 0; c < columns; c++) {
        ptrdiff_t from = c * n / columns, to = MAX((c + 1) * n / columns, from + 1);
        double sum = 0, most = (double)NAN;
        ptrdiff_t seen = 0;
        for (ptrdiff_t i = from; i < MIN(to, n); i++) {
            if (isnan(v[i]))
                continue;
            sum += v[i];
            seen++;
            most = isnan(most) || v[i] > most ? v[i] : most;
        }
        out[c] = seen == 0 ? (double)NAN : largest ? most : sum / (double)seen;
    }
    return out;
}
