/* assay db info: what is in the store and what takes the room. */
#include <stdio.h>

#include "base/clock.h"
#include "cmd/db.h"
#include "store/upkeep.h"

static json_t *time_json(uint64_t wall_ns)
{
    char iso[CLOCK_ISO_MAX];
    return wall_ns ? json_text(clock_iso(iso, wall_ns)) : json_null();
}

static void put_counts(json_t *j, const StoreInfo *i)
{
    const struct {
        const char *name;
        uint64_t v;
    } counts[] = { { "bytes", i->bytes },
                   { "free_bytes", i->free_bytes },
                   { "runs", i->runs },
                   { "runs_rolled_up", i->rolled },
                   { "cases", i->cases },
                   { "trials", i->trials },
                   { "measurements", i->measurements },
                   { "histograms", i->histograms },
                   { "series", i->series },
                   { "rollups", i->rollups },
                   { "baselines", i->baselines } };
    for (ptrdiff_t k = 0; k < ARRAY_LEN(counts); k++)
        json_object_set_new(j, counts[k].name, json_integer((json_int_t)counts[k].v));
}

static int print_json(Ctx *ctx, const StoreInfo *i)
{
    CLEANUP(json_free)
    json_t *j =
        json_pack("{s:s, s:o, s:i, s:i}", "schema", "assay.db.info/1", "path", json_text(i->path),
                  "store_schema", i->schema, "newest_schema", STORE_SCHEMA);
    put_counts(j, i);
    json_object_set_new(j, "oldest", time_json(i->oldest_wall_ns));
    json_object_set_new(j, "newest", time_json(i->newest_wall_ns));
    json_object_set_new(j, "last_rollup", time_json(i->rolled_wall_ns));
    json_t *beds = json_array(), *tables = json_object();
    for (ptrdiff_t k = 0; k < i->n_testbeds; k++)
        json_array_append_new(beds, json_text(i->testbeds[k]));
    for (ptrdiff_t k = 0; k < i->n_tables; k++)
        json_object_set_new(tables, i->tables[k].name,
                            json_integer((json_int_t)i->tables[k].bytes));
    json_object_set_new(j, "testbeds", beds);
    json_object_set_new(j, "table_bytes", tables);
    return db_print(ctx, j);
}

static const char *day(char iso[CLOCK_ISO_MAX], uint64_t wall_ns)
{
    return wall_ns ? clock_iso(iso, wall_ns) : "-";
}

static void print_text(const StoreInfo *i)
{
    char a[CLOCK_ISO_MAX], b[CLOCK_ISO_MAX], size[FMT_MAX], unused[FMT_MAX];
    printf("%s  %s, %s of it unused\n", i->path, fmt_size(size, (double)i->bytes),
           fmt_size(unused, (double)i->free_bytes));
    printf("schema        %d%s\n", i->schema,
           i->schema < STORE_SCHEMA ? " (older than this build's: assay db migrate)" : "");
    printf("runs          %llu, %llu of them rolled up; %s to %s\n", (unsigned long long)i->runs,
           (unsigned long long)i->rolled, day(a, i->oldest_wall_ns), day(b, i->newest_wall_ns));
    printf("cases         %llu, trials %llu\n", (unsigned long long)i->cases,
           (unsigned long long)i->trials);
    printf("measurements  %llu, distributions %llu, series %llu\n",
           (unsigned long long)i->measurements, (unsigned long long)i->histograms,
           (unsigned long long)i->series);
    printf("roll-ups      %llu, the last %s\n", (unsigned long long)i->rollups,
           day(a, i->rolled_wall_ns));
    printf("baselines     %llu\n", (unsigned long long)i->baselines);
    for (ptrdiff_t k = 0; k < i->n_testbeds; k++)
        printf("testbed       %s\n", i->testbeds[k]);
    for (ptrdiff_t k = 0; k < i->n_tables; k++)
        printf("  %-18s %s\n", i->tables[k].name, fmt_size(size, (double)i->tables[k].bytes));
}

int db_info(Ctx *ctx, const DbOpts *o)
{
    CLEANUP(store_closep) Store *s = NULL;
    StoreInfo i = { 0 };
    Err err = { 0 };
    int code = db_open(ctx, o, STORE_LOOK, &s);
    if (code != ASSAY_OK)
        return code;
    if (store_info(s, &ctx->arena, &i, &err) < 0)
        return cmd_fail(ctx, ASSAY_FAILED, &err);
    if (o->json)
        return print_json(ctx, &i);
    print_text(&i);
    return ASSAY_OK;
}
