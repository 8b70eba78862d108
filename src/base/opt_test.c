#include "base/opt.h"

#include <errno.h>

#include "tap.h"

typedef struct Demo {
    bool quiet;
    uint32_t conns;
    uint64_t duration, body;
    double rate, share;
    const char *json;
    StrList tags;
    StrMap env;
    int policy;
} Demo;

static const char *const policies[] = { "queue", "shed", "drop", NULL };

static const Opt rows[] = {
    { .type = OPT_HEAD, .name = "Load" },
    OPT(Demo, conns, U32, .letter = 'c', .dflt = "10", .min = 1, .max = 1e6, .help = "connections"),
    OPT(Demo, duration, NS, .letter = 'd', .dflt = "10s", .help = "how long"),
    OPT(Demo, body, BYTES, .dflt = "0", .help = "body size"),
    OPT(Demo, rate, RATE, .letter = 'r', .help = "operations per second"),
    OPT(Demo, share, SHARE, .dflt = "1%", .help = "smallest effect"),
    OPT(Demo, json, STR, .arg = "FILE", .help = "write JSON"),
    OPT(Demo, tags, LIST, .letter = 't', .help = "tags"),
    OPT(Demo, env, MAP, .help = "environment"),
    OPT(Demo, policy, ENUM, .choices = policies, .dflt = "queue", .help = "what to do when late"),
    OPT(Demo, quiet, BOOL, .letter = 'q', .help = "say less"),
    { .type = OPT_END },
};

static int parse(Arena *a, Demo *d, StrList *pos, ptrdiff_t *dd, Err *err, int argc, char **argv)
{
    *d = (Demo){ 0 };
    *pos = (StrList){ 0 };
    *err = (Err){ 0 };
    opt_defaults(a, rows, d);
    OptSet sets[] = { { rows, d }, { 0 } };
    return opt_parse(a, sets, argc, argv, pos, dd, err);
}

#define PARSE(...)                                                                                 \
    parse(&a, &d, &pos, &dd, &err, (int)ARRAY_LEN(((char *[]){ __VA_ARGS__ })),                    \
          (char *[]){ __VA_ARGS__ })

static char *w(const char *s) /* argv wants plain char pointers */
{
    union {
        const char *in;
        char *out;
    } u = { s };
    return u.out;
}

int main(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Demo d;
    StrList pos;
    ptrdiff_t dd;
    Err err;
    CHECK(PARSE(w("url")) == 0 && d.conns == 10 && d.duration == 10 * NS_PER_S && pos.n == 1,
          "defaults and one positional word");
    CHECK(PARSE(w("-c32"), w("-r"), w("500/s"), w("--body=1KiB"), w("-q"), w("x")) == 0 &&
              d.conns == 32 && d.rate == 500 && d.body == 1024 && d.quiet,
          "all spellings");
    CHECK(PARSE(w("-t"), w("a"), w("--tags=b"), w("--env"), w("K=v")) == 0 && d.tags.n == 2 &&
              d.env.n == 1,
          "lists append");
    CHECK(PARSE(w("--policy"), w("shed"), w("--no-quiet")) == 0 && d.policy == 1 && !d.quiet,
          "choice and negation");
    CHECK(PARSE(w("--"), w("-c"), w("3")) == 0 && pos.n == 2 && dd == 0 && d.conns == 10,
          "behind -- all is positional");

    CHECK(PARSE(w("--durration"), w("1s")) == -EINVAL, "unknown option");
    CHECK_STR(err.msg, "unknown option '--durration'; did you mean '--duration'?", "with a guess");
    CHECK(PARSE(w("-c"), w("0")) == -ERANGE && d.conns == 10, "out of range leaves the field");
    CHECK_STR(err.msg, "--conns: '0' is outside 1 … 1.000M", "and says the range");
    CHECK(PARSE(w("-d"), w("10")) == -EINVAL, "a duration wants a unit");
    CHECK(strstr(err.msg, "--duration: '10' is not a duration") != NULL, "and says so: %s",
          err.msg);
    CHECK(PARSE(w("-c"), w("1.5")) == -EINVAL, "a count is whole");
    CHECK(PARSE(w("--json")) == -EINVAL && strstr(err.msg, "needs a value FILE"), "value missing");
    CHECK(PARSE(w("--policy=x")) == -EINVAL && strstr(err.msg, "queue, shed, drop"),
          "choices named");

    CHECK(PARSE(w("-d"), w("90s"), w("--rate=1k/s"), w("-t"), w("a"), w("-t"), w("b")) == 0,
          "values");
    CHECK_STR(opt_text(&a, opt_find(rows, STR("duration")), &d), "90s", "a duration as text");
    CHECK_STR(opt_text(&a, opt_find(rows, STR("rate")), &d), "1000/s", "a rate");
    CHECK_STR(opt_text(&a, opt_find(rows, STR("tags")), &d), "a,b", "a list");
    CHECK(opt_text(&a, opt_find(rows, STR("json")), &d) == NULL, "an unset string");
    CHECK(!opt_is_default(&a, rows, opt_find(rows, STR("rate")), &d, sizeof d) &&
              opt_is_default(&a, rows, opt_find(rows, STR("policy")), &d, sizeof d),
          "what was given and what was not");

    CLEANUP(strbuf_done) StrBuf help = { 0 };
    OptSet sets[] = { { rows, NULL }, { 0 } };
    opt_help(&help, sets, 80);
    CHECK(strstr(strbuf_z(&help), "  -c, --conns N             connections [10]\n") != NULL,
          "help row is aligned and shows the default");
    return tap_done();
}
