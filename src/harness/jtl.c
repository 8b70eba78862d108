/* JMeter's results as CSV (JTL): one line a sample, milliseconds. `elapsed` is the sample's time,
 * `Latency` the time to its first byte. */
#include <errno.h>

#include "harness/formats.h"
#include "harness/points.h"
#include "harness/scan.h"

static int recognise(const HarnessInput *in)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Csv csv = csv_open(&a, scan_first_line(in->text));
    bool sure = csv_column(&csv, "elapsed") >= 0 && csv_column(&csv, "label") >= 0 &&
                csv_column(&csv, "timeStamp") >= 0;
    return sure ? 95 : 0;
}

static int take_sample(PointsCase *pc, const Csv *csv, Err *err)
{
    double start = csv_num(csv, csv_column(csv, "timeStamp")) * 1e6;
    double elapsed = csv_num(csv, csv_column(csv, "elapsed")) * 1e6;
    bool failed = str_eqz(csv_cell(csv, csv_column(csv, "success")), "false");
    pc->failed += failed;
    pc->ok += !failed;
    points_span(pc, start, start + elapsed);
    TRY(points_time(pc, "latency", elapsed, err));
    if (csv_column(csv, "Latency") >= 0)
        TRY(points_time(pc, "first_byte", csv_num(csv, csv_column(csv, "Latency")) * 1e6, err));
    if (csv_column(csv, "Connect") >= 0)
        TRY(points_time(pc, "connect_time", csv_num(csv, csv_column(csv, "Connect")) * 1e6, err));
    return 0;
}

static int read_csv(const HarnessInput *in, Harvest *h, Err *err)
{
    CLEANUP(points_done) Points p = { .h = h, .what = "first start to last end" };
    Csv csv = csv_open(in->arena, in->text);
    ptrdiff_t label = csv_column(&csv, "label");
    while (csv_next(&csv)) {
        PointsCase *pc = points_case(&p, csv_cell(&csv, label), err);
        if (!pc)
            return err ? err->code : -EINVAL;
        TRY(take_sample(pc, &csv, err));
        if (!h->run->started_wall_ns && pc->first_ns > 0)
            harvest_epoch(h, pc->first_ns / 1e6, NS_PER_MS);
    }
    points_finish(&p);
    return 0;
}

const HarnessFormat harness_jtl = {
    .name = "jmeter",
    .producer = "JMeter",
    .summary = "JMeter: results as CSV (JTL)",
    .recognise = recognise,
    .read = read_csv,
};
