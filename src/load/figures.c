#include "load/figures.h"

#include "load/reactor.h"

int figures_init(Figures *f, const DriverMetric *rows, Err *err)
{
    *f = (Figures){ .rows = rows };
    for (; rows && rows[f->n].name; f->n++) {
        assert(f->n < DRIVER_METRICS_MAX);
        if (rows[f->n].is_count)
            continue;
        int r = hist_new(&f->hists[f->n], err);
        if (r < 0) {
            figures_done(f);
            return r;
        }
    }
    return 0;
}

void figures_done(Figures *f)
{
    for (int i = 0; i < DRIVER_METRICS_MAX; i++)
        f->hists[i] = hist_free(f->hists[i]);
    f->n = 0;
}

void figures_merge(Figures *into, const Figures *from)
{
    assert(into->n == from->n || from->n == 0); /* a stage has none of its own */
    for (int i = 0; i < from->n; i++) {
        if (into->hists[i])
            hist_add(into->hists[i], from->hists[i]);
        into->sums[i] += from->sums[i];
    }
}

void vu_record(VuIo *io, int index, uint64_t value)
{
    Figures *f = io->figures;
    if (!f)
        return;
    assert(index >= 0 && index < f->n);
    if (f->hists[index])
        hist_record(f->hists[index], value);
    else
        f->sums[index] += value;
}
