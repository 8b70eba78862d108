/* A history as a table of points. */
#include <math.h>

#include "base/clock.h"
#include "report/escape.h"
#include "report/history.h"

static void add_time(StrBuf *out, double wall_s)
{
    char iso[CLOCK_ISO_MAX];
    if (wall_s >= 0 && wall_s < 1e10)
        strbuf_addz(out, clock_iso(iso, (uint64_t)llround(wall_s * 1e3) * NS_PER_MS));
}

void history_csv(const HistoryReport *r, StrBuf *out)
{
    CLEANUP(arena_done) Arena a = { 0 };
    ptrdiff_t n, s = 0, c = 0;
    const HistoryStretch *stretch = history_stretches(r, &a, &n);
    strbuf_addz(out, "index,time,run,commit,value,level,change,state\n");
    for (ptrdiff_t i = 0; i < r->h->n; i++) {
        const HistoryPoint *p = &r->h->v[i];
        s += i >= stretch[s].to;
        strbuf_addf(out, "%td,", i);
        add_time(out, p->wall_s);
        strbuf_addc(out, ',');
        csv_text(out, p->run);
        strbuf_addc(out, ',');
        csv_text(out, p->commit);
        strbuf_addc(out, ',');
        csv_number(out, p->value);
        strbuf_addc(out, ',');
        csv_number(out, stretch[s].level);
        strbuf_addc(out, ',');
        if (c < r->changes.n && r->changes.v[c].index == i) {
            csv_number(out, r->changes.v[c].change);
            strbuf_addz(out, r->changes.v[c].confirmed ? ",confirmed" : ",suspected");
            c++;
        } else {
            strbuf_addc(out, ',');
        }
        strbuf_addc(out, '\n');
    }
}
