#include "base/opt_yaml.h"

#include <errno.h>

#include "tap.h"

typedef struct Demo {
    bool quiet;
    uint32_t max_users;
    uint64_t duration;
    double rate;
    const char *url;
    StrList tags;
    StrMap env;
    int policy;
} Demo;

static const char *const policies[] = { "queue", "shed", NULL };

static const Opt rows[] = {
    { .type = OPT_HEAD, .name = "Demo" },
    OPT(Demo, max_users, U32, .dflt = "10", .min = 1, .max = 1e6, .help = "users"),
    OPT(Demo, duration, NS, .dflt = "10s", .help = "how long"),
    OPT(Demo, rate, RATE, .help = "operations per second"),
    OPT(Demo, url, STR, .required = true, .help = "where to"),
    OPT(Demo, tags, LIST, .dflt = "old", .help = "tags"),
    OPT(Demo, env, MAP, .help = "environment"),
    OPT(Demo, policy, ENUM, .choices = policies, .dflt = "queue", .help = "when late"),
    OPT(Demo, quiet, BOOL, .help = "say less"),
    { .type = OPT_END },
};

static int apply(Arena *a, const char *text, Demo *d, Err *err)
{
    static const char *const others[] = { "extra", NULL };
    const YamlNode *n = NULL;
    *d = (Demo){ 0 };
    *err = (Err){ 0 };
    opt_defaults(a, rows, d);
    TRY(yaml_parse(a, str(text), "f", 1 << 16, &n, err));
    YamlDiag diag = { .file = "f" };
    const YamlContext c = { &diag, "a.b", NULL };
    const OptSet sets[] = { { rows, d }, { 0 } };
    int r = opt_apply_yaml(a, sets, others, n, &c);
    int told = yaml_diag_end(&diag, err);
    CHECK((r < 0) == (told < 0), "a refusal is told");
    yaml_diag_done(&diag);
    return r;
}

static void test_values(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Demo d;
    Err err;
    CHECK(apply(&a,
                "{url: x, max-users: 2k, rate: 5/s, duration: 1m, tags: [a, 'b c'], quiet: on,"
                " env: {K: v, L: ''}, policy: shed, extra: {}}",
                &d, &err) == 0,
          "all kinds: %s", err.msg);
    CHECK(d.max_users == 2000 && d.rate == 5 && d.duration == 60 * NS_PER_S && d.quiet, "scalars");
    CHECK(d.tags.n == 2 && strcmp(d.tags.v[0], "a") == 0, "a list replaces its default");
    CHECK(d.env.n == 2 && strcmp(strmap_get(&d.env, "L"), "") == 0 && d.policy == 1, "a mapping");
    CHECK(apply(&a, "{url: x, tags: one}", &d, &err) == 0 && d.tags.n == 1, "one for a list");
}

static void test_refusals(void)
{
    static const struct {
        const char *text, *want;
    } table[] = {
        { "{url: x, max_user: 3}",
          "f:1:10: a.b: unknown key 'max_user'; did you mean 'max_users'?" },
        { "{url: x, extras: 3}", "f:1:10: a.b: unknown key 'extras'; did you mean 'extra'?" },
        { "{url: x, rate: fast}",
          "f:1:16: a.b.rate: 'fast' is not a rate such as 500/s, 30/m or 10k/s" },
        { "{url: x, max_users: 0}", "f:1:21: a.b.max_users: '0' is outside 1 … 1.000M" },
        { "{url: x, rate: [1]}", "f:1:16: a.b.rate: wants one value, found a list" },
        { "{url: x, tags: {a: b}}", "f:1:16: a.b.tags: wants a list, found a mapping" },
        { "{url: x, tags: [[a]]}", "f:1:17: a.b.tags: wants texts in its list, found a list" },
        { "{url: x, env: [a=b]}", "f:1:15: a.b.env: wants a mapping (name: value), found a list" },
        { "{url: }", "f:1:7: a.b.url: has no value; leave the key out, or write \"\"" },
        { "{rate: 1}", "f:1:1: a.b: key 'url' is missing: where to" },
        { "[url]", "f:1:1: a.b: wants a mapping (key: value), found a list" },
        { "{url: x, max-users: 1, max_users: 2}",
          "f:1:24: a.b: key 'max_users' stands twice; keep one" },
        { "{rate: x, quiet: 3, url: y}",
          "f:1:8: a.b.rate: 'x' is not a rate such as 500/s, 30/m or 10k/s\n"
          "f:1:18: a.b.quiet: '3' is neither true nor false" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(table); i++) {
        CLEANUP(arena_done) Arena a = { 0 };
        Demo d;
        Err err;
        CHECK(apply(&a, table[i].text, &d, &err) == -EINVAL, "%s is refused", table[i].text);
        CHECK_STR(err.msg, table[i].want, "and the cure told");
        CHECK(d.max_users != 0 && d.tags.n == 1, "fields stay as they were");
    }
}

int main(void)
{
    test_values();
    test_refusals();
    return tap_done();
}
