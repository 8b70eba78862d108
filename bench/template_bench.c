/* What making a request of one's own costs: an iteration renders one text. Run it by
 * `assay bench build/bench/template_bench`. */
#include <stdlib.h>

#include "assay/bench.h"
#include "load/template.h"

static const char rows[] = "name,city\nann,Bergen\nbob,New York\ncy,Oslo\n";

/* Renders `text` in each iteration. */
static void render(AssayBench *b, const char *text)
{
    Arena a = { 0 };
    Err err;
    Feed *f = NULL;
    Template *t = NULL;
    if (feed_parse(&a, STR(rows), "rows.csv", FEED_CIRCULAR, &f, &err) < 0 ||
        template_compile(&a, str(text), QUOTE_URL, (TemplateEnv){ .feed = f }, &t, &err) < 0)
        abort();
    Draw d = { .rng = rng_new(1, "bench", 0), .n_users = 1 };
    char *buf = malloc((size_t)template_max(t) + 1);
    ASSAY_LOOP(b)
    {
        draw_next(&d, f);
        ptrdiff_t n = template_render(t, &d, buf);
        assay_keep(n);
        assay_clobber();
    }
    free(buf);
    arena_done(&a);
}

#define RENDERS(name, text)                                                                        \
    ASSAY_BENCH(name)                                                                              \
    {                                                                                              \
        render(b, text);                                                                           \
    }

RENDERS(text_only, "/item/42")
RENDERS(uniform, "/item/${uniform(1,1000000)}")
RENDERS(zipf, "/item/${zipf(1000000)}")
RENDERS(hotspot, "/item/${hotspot(1000,10,90)}")
RENDERS(seq, "/item/${seq()}")
RENDERS(uuid, "/item/${uuid()}")
RENDERS(string_16, "/item/${string(16)}")
RENDERS(pick, "/item/${pick(red|green|blue)}")
RENDERS(row, "/item/${feed.name}")
RENDERS(row_quoted, "/item/${feed.city}")
RENDERS(now, "/item/${now()}")

ASSAY_MAIN
