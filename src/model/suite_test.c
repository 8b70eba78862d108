/* Good suites are read into the right cases; every file of test/suites/bad is refused with the
 * message in its .err neighbour. With ASSAY_REGEN=1 the .err files are written instead (then read
 * the difference). */
#include "model/suite.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/fs.h"
#include "model/suite_test_vocab.h"
#include "tap.h"

static const char *root_dir(Arena *a, const char *sub)
{
    const char *root = getenv("ASSAY_ROOT");
    return arena_printf(a, "%s/test/suites/%s", root ? root : ".", sub);
}

/* Names that end in `.yaml`, sorted. */
static StrList list_dir(Arena *a, const char *dir)
{
    StrList l = { 0 };
    struct dirent **all;
    int n = scandir(dir, &all, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        if (str_ends(str(all[i]->d_name), STR(".yaml")))
            strlist_add(a, &l, arena_strdup(a, all[i]->d_name));
        free(all[i]);
    }
    if (n >= 0)
        free(all);
    return l;
}

static Suite *load_good(const char *name, StrMap sets, Err *err)
{
    CLEANUP(arena_done) Arena a = { 0 };
    int port = 0;
    SuiteFlags flags = { .sets = sets, .env = test_env, .free_port = test_port, .user = &port };
    const char *path = arena_printf(&a, "%s/%s", root_dir(&a, "good"), name);
    Suite *s = NULL;
    if (suite_load(&s, path, &test_vocab, &flags, err) < 0)
        printf("# %s\n", err->msg);
    return s;
}

static Suite *load(const char *name)
{
    Err err = { 0 };
    return load_good(name, (StrMap){ 0 }, &err);
}

static Suite *parse_with(const char *text, const SuiteFlags *flags, Err *err)
{
    Suite *s = NULL;
    *err = (Err){ 0 };
    return suite_parse_text(&s, str(text), "t.yaml", &test_vocab, flags, err) < 0 ? NULL : s;
}

/* ------------------------------------------------------------------------------------ bad */

static void test_bad(const char *dir, const char *name)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CLEANUP(suite_freep) Suite *s = NULL;
    Err err = { 0 };
    int port = 0;
    SuiteFlags flags = { .env = test_env, .free_port = test_port, .user = &port };
    Str text = { 0 }, want = { 0 };
    CHECK(fs_read(&a, arena_printf(&a, "%s/%s", dir, name), 1 << 20, &text, &err) == 0, "read");
    int r = suite_parse_text(&s, text, name, &test_vocab, &flags, &err);
    const char *got = arena_printf(&a, "%s\n", err.msg);
    const char *want_path = arena_printf(&a, "%s/%.*s.err", dir, (int)strlen(name) - 5, name);
    if (getenv("ASSAY_REGEN")) {
        CHECK(r < 0 && fs_write(want_path, str(got), &err) == 0, "wrote %s", want_path);
        return;
    }
    CHECK(r == -EINVAL && !s, "%s is refused", name);
    CHECK(fs_read(&a, want_path, 1 << 16, &want, &err) == 0, "%s has its message", name);
    CHECK_STR(got, want.ptr, "%s says what and where", name);
}

static void test_all_bad(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    const char *dir = root_dir(&a, "bad");
    StrList names = list_dir(&a, dir);
    CHECK(names.n >= 60, "%td bad suites", names.n);
    for (ptrdiff_t i = 0; i < names.n; i++)
        test_bad(dir, names.v[i]);
}

/* ----------------------------------------------------------------------------------- good */

static void test_all_good(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    StrList names = list_dir(&a, root_dir(&a, "good"));
    CHECK(names.n >= 8, "%td good suites", names.n);
    for (ptrdiff_t i = 0; i < names.n; i++) {
        CLEANUP(suite_freep) Suite *s = load(names.v[i]);
        CHECK(s && s->n_cases > 0, "%s is read", names.v[i]);
        CHECK(s && s->warnings.n == 0, "%s has no warning: %s", names.v[i],
              s && s->warnings.n ? s->warnings.v[0] : "");
    }
}

static void test_rule_sets(void)
{
    CLEANUP(suite_freep) Suite *s = load("rules.yaml");
    if (!CHECK(s != NULL, "rules"))
        return;
    CHECK_INT(s->correction, CORRECTION_BH, "correction");
    CHECK_INT(s->rules.n, 15 + 6 + 1 + 2 + 1 + 6, "two sets, one rule, two exceptions, own ones");
    const Rule *critical = &s->rules.v[21], *ignore = critical + 1, *own = critical + 3;
    CHECK(critical->min_samples == 20 && !critical->cases && !critical->reason, "least samples");
    CHECK_STR(ignore->reason, "new allocator", "an exception");
    CHECK_INT(ignore->until_wall_ns / NS_PER_S, 1909008000, "until 2030-06-30");
    CHECK(ignore[1].until_wall_ns == 0 && strcmp(ignore[1].cases, "*") == 0, "for ever, for all");
    CHECK_STR(own->cases, "pack", "a benchmark's own");
    CHECK_NEAR(own->min_change, 2e6, 0, "least change, in ns");
}

/* The recording says when and how long, whatever the defaults are. */
static void test_replay(void)
{
    CLEANUP(suite_freep) Suite *s = load("replay.yaml");
    if (!CHECK(s && s->n_cases == 2, "replays"))
        return;
    const SuiteCase *whole = &s->cases[0], *begin = whole + 1;
    CHECK(str_ends(str(whole->load.replay), STR("/good/access.log")), "the file: %s",
          whole->load.replay);
    CHECK(whole->load.speed == 2 && begin->load.speed == 1, "the speed");
    CHECK(!whole->load.users && !whole->load.think,
          "users and pauses of the defaults are not meant");
    CHECK(whole->pace.duration == 0 && begin->pace.duration == 10 * NS_PER_S,
          "all of it, or a part");
    CHECK(begin->load.replay_lenient && !whole->load.replay_lenient, "a choice");
}

static void test_shop(void)
{
    CLEANUP(suite_freep) Suite *s = load("shop.yaml");
    if (!CHECK(s != NULL, "shop"))
        return;
    CHECK_STR(s->name, "shop", "name");
    CHECK(s->has_seed && s->seed == 42 && s->min_effect == 0.02 && s->confidence == 0.99, "top");
    CHECK_STR(s->build, "make -j2", "build");
    CHECK(s->dir[0] == '/' && strstr(s->text.ptr, "# The tour") != NULL, "folder and text kept");
    CHECK_INT(s->n_cases, 8, "one, six and one cases");
    CHECK_INT(s->rules.n, 7, "rules");
    CHECK(s->rules.v[1].severity == SEVERITY_CRITICAL && s->rules.v[1].action == ACTION_BLOCK &&
              fabs(s->rules.v[1].change + 0.15) < 1e-12,
          "throughput -15%% is critical and blocks");
    CHECK(s->rules.v[6].action == ACTION_LOG, "a notice is logged unless it says otherwise");

    const SuiteTarget *t = &s->targets[0];
    CHECK(t->has_service && strcmp(t->service.start, "./server --port 9000") == 0, "service");
    CHECK_STR(t->url, "http://127.0.0.1:9000", "one port all over");
    CHECK_STR(strmap_get(&s->ports, "web"), "9000", "and it is told");
    CHECK_STR(strmap_get(&((const WebTarget *)t->opts)->headers, "x-port"), "9000", "in maps, too");

    const SuiteCase *c = &s->cases[0];
    CHECK_STR(c->name, "version", "without parameters: the bare name");
    CHECK(c->kind == KIND_COMMAND && c->command.argv.n == 2 && c->command.timeout == 60 * NS_PER_S,
          "a command");
    CHECK_STR(c->command_text, "./server --version", "as text");
    CHECK(c->command.argv.n == 2 && str_eqz(str(c->command.argv.v[1]), "--version"),
          "and in words");
    CHECK(c->n_expects == 1 && c->expects[0].limit == 20e6, "with a promise");
    CHECK_STR(c->build, "make -j2", "build of the suite");

    c = suite_find_case(s, "get-item/users=10,size=1KiB");
    if (!CHECK(c != NULL, "a case by its name"))
        return;
    CHECK(c == &s->cases[3] && c->line == 23, "the last parameter varies fastest");
    CHECK(c->load.users == 10 && c->load.rate == 0 && c->load.timeout == NS_PER_S, "load");
    CHECK(c->pace.trials == 5 && c->pace.warmup == 2 * NS_PER_S, "defaults");
    CHECK_STR(((const WebRequest *)c->request_opts)->path, "/item?size=1KiB", "filled in");
    CHECK(c->target == t && c->target_opts == t->opts && c->n_expects == 4, "target shared");
    CHECK_STR(strmap_get(&c->params, "size"), "1KiB", "params kept");
    CHECK(c->group == -1 && c->rival_of == -1, "nothing competes");

    c = &s->cases[7];
    const WebRequest *q = c->request_opts;
    CHECK(c->load.users == 0 && c->load.rate == 500 && c->load.connections == 20, "open load");
    CHECK(c->pace.trials == 3 && c->load.overload == OVERLOAD_SHED, "own keys win");
    CHECK(q->statuses.n == 2 && strcmp(q->body, "{ \"name\": \"x\" }\n") == 0, "lists and blocks");

    CHECK(suite_case_matches(&s->cases[3], "get-item"), "glob: a benchmark");
    CHECK(suite_case_matches(&s->cases[3], "*users=10,*"), "glob: a part of the name");
    CHECK(!suite_case_matches(&s->cases[3], "users=10"), "glob: the whole name");
}

static void test_rivals(void)
{
    CLEANUP(suite_freep) Suite *s = load("rivals.yaml");
    if (!CHECK(s && s->n_cases == 13, "rivals"))
        return;
    const SuiteCase *first = suite_find_case(s, "pack/level=9,tool=gzip,file=b.txt");
    const SuiteCase *third = suite_find_case(s, "pack/level=9,tool=xz,file=b.txt");
    CHECK(first && third && third->rival_of == first - s->cases && first->rival_of == -1,
          "judged against the first value, all else equal");
    CHECK(first && third && first->group == third->group && first->group >= 0, "one group");
    CHECK(suite_find_case(s, "pack/level=1,tool=xz,file=b.txt")->group != third->group,
          "another level is another group");
    const SuiteCase *c = &s->cases[12];
    CHECK(c->command.argv.n == 4 && !c->command_text && c->group == -1, "a list is argv");
    CHECK_STR(c->command.argv.v[2], "two words", "as it stands");
    CHECK_STR(c->command.argv.v[3], "", "with empty texts");
    CHECK_STR(strmap_get(&c->command.env, "EMPTY"), "", "empty in quotes is a value");
}

static void test_beside(void)
{
    CLEANUP(suite_freep) Suite *s = load("beside.yaml");
    if (!CHECK(s && s->n_cases == 5, "loads side by side"))
        return;
    const SuiteCase *reads = suite_find_case(s, "mixed.reads/users=10,name=a");
    const SuiteCase *writes = suite_find_case(s, "mixed.writes/users=10,name=a");
    if (!CHECK(reads && writes, "cases of their own, by both names"))
        return;
    CHECK(reads->beside == reads - s->cases && writes->beside == reads->beside,
          "with the same parameters, side by side");
    CHECK(suite_find_case(s, "mixed.writes/users=1,name=a")->beside != reads->beside,
          "other parameters, another time");
    CHECK(suite_find_case(s, "alone")->beside == -1, "what stands alone runs alone");
    CHECK(reads->load.users == 10 && writes->load.rate == 100, "each its load");
    CHECK_STR(reads->target->name, "web", "the target of all");
    CHECK_STR(writes->target->name, "other", "and its own");
    CHECK_STR(writes->component, "shop", "shared keys are inherited");
    CHECK_STR(reads->expects[0].metric, "error_rate", "the promise of all");
    CHECK(writes->n_expects == 1 && strcmp(writes->expects[0].metric, "latency") == 0,
          "or its own instead");
    CHECK(s->warnings.n == 0, "a value for some of them is no useless one");
}

static void test_variables(void)
{
    CLEANUP(suite_freep) Suite *s = load("variables.yaml");
    if (!CHECK(s && s->n_cases == 4, "variables"))
        return;
    const SuiteCase *c = suite_find_case(s, "all/server=a,n=1,twice=11,thrice=111");
    if (!CHECK(c != NULL, "parameters from parameters"))
        return;
    CHECK_STR(((const KvRequest *)c->request_opts)->command,
              "GET 111 ${plain} $5 dflt [none] ${size}", "all kinds; what comes out stays");
    const KvTarget *t = c->target_opts;
    CHECK_STR(t->url, "kv://example.org:9001/1", "parameters reach the target");
    CHECK(t->database == 1 && !c->target->opts && !c->target->url, "which differs by case");
    const SuiteCase *b = suite_find_case(s, "all/server=b,n=0,twice=00,thrice=000");
    CHECK(b && strcmp(b->target->name, "b") == 0, "even the target may be a parameter");
    CHECK(b && b->rival_of == 0, "so that servers compete");
    CHECK(b && strstr(b->target->service.start, "/suites/good/run 9000 9001") != NULL,
          "folder and two distinct ports: %s", b ? b->target->service.start : "");
}

static void test_scans(void)
{
    CLEANUP(suite_freep) Suite *s = load("scans.yaml");
    if (!CHECK(s && s->n_cases == 4 * 4 * 3, "scans"))
        return;
    CHECK_STR(s->cases[0].name, "scan/step=1,times=1KiB,fine=0.1,one=x", "first");
    CHECK_STR(s->cases[47].name, "scan/step=10,times=64KiB,fine=0.3,one=x", "last, to included");
}

static void test_anchors(void)
{
    CLEANUP(suite_freep) Suite *s = load("anchors.yaml");
    if (!CHECK(s && s->n_cases == 2, "anchors"))
        return;
    const SuiteCase *c = &s->cases[1];
    CHECK_STR(((const WebTarget *)c->target_opts)->url, "http://127.0.0.1:8081", "own key wins");
    CHECK_STR(((const WebRequest *)c->request_opts)->path, "/one", "an earlier merge wins");
    CHECK(c->pace.trials == 9 && c->load.users == 2 && str_eqz(str(c->load.think), "5ms"),
          "merged");
}

static void test_services(void)
{
    CLEANUP(suite_freep) Suite *s = load("services.yaml");
    if (!CHECK(s && s->n_targets == 3 && s->n_cases == 3, "services"))
        return;
    CHECK(s->targets[0].has_service && !s->targets[0].driver && !s->cases[0].target_opts,
          "a server for commands");
    CHECK(s->targets[0].service.ready_timeout == 60 * NS_PER_S, "its keys");
    CHECK(s->cases[0].command.expect_exit.n == 2, "lists of numbers");
    CHECK(s->targets[1].has_service && !s->targets[1].service.start, "watched only");
    CHECK(!((const WebTarget *)s->targets[1].opts)->verify, "driver's keys beside");
    CHECK(!s->targets[2].has_service && !s->cases[2].request_opts, "neither server nor rows");
    CHECK(s->cases[1].load.rate == 0.5, "rates may be fractions");
}

/* ---------------------------------------------------------------------------------- flags */

/* What drivers fill in for each operation is left to them, in requests and nowhere else. */
static void test_drivers_references(void)
{
    static const char SUITE[] = "assay: 1\n"
                                "targets: { web: { url: 'http://a/' } }\n"
                                "benchmarks:\n"
                                "  b: { target: web, load: { users: 1 }, params: { n: 4 },\n"
                                "       request: '/${zipf(9)}/${n}/${feed.id}/$${n}' }\n";
    static const char WRONG[] = "assay: 1\nbenchmarks: { a: { command: 'x ${zipf(9)}' } }\n";
    SuiteFlags flags = { 0 };
    Err err;
    CLEANUP(suite_freep) Suite *s = parse_with(SUITE, &flags, &err);
    const SuiteCase *c = s ? suite_find_case(s, "b/n=4") : NULL;
    if (CHECK(c, "a request that differs from operation to operation: %s", err.msg))
        CHECK_STR(((const WebRequest *)c->request_opts)->path, "/${zipf(9)}/4/${feed.id}/${n}",
                  "   keeps what the driver fills in");
    CLEANUP(suite_freep) Suite *wrong = parse_with(WRONG, &flags, &err);
    CHECK(!wrong && strstr(err.msg, "zipf(9)"), "not in commands: %s", err.msg);
}

static const char SETTABLE[] = "assay: 1\n"
                               "targets: { web: { url: 'http://a/' } }\n"
                               "benchmarks:\n"
                               "  a: { command: 'x ${n}', params: { n: [1] }, trials: 9 }\n"
                               "  b: { target: web, load: { users: 1 }, params: { n: 1, m: 2 },\n"
                               "       request: '/${n}/${m}' }\n";

static void test_sets(void)
{
    static const struct {
        const char *key, *value, *want_case, *err, *why;
    } rows[] = {
        { "n", "3,4", "a/n=4", NULL, "a parameter in all benchmarks, several values" },
        { "n", "3", "b/n=3,m=2", NULL, "… one value" },
        { "b.n", "7", "b/n=7,m=2", NULL, "a parameter of one benchmark" },
        { "b.m", "", "b/n=1,m=", NULL, "an empty value" },
        { "m", "${n}", "b/n=1,m=1", NULL, "checked like a line of the file" },
        { "frobnicate", "1", NULL,
          "--set frobnicate: the suite has nothing of this name; a parameter, a key", "unknown" },
        { "trails", "1", NULL,
          "--set trails: the suite has nothing of this name; did you mean "
          "'trials'?",
          "unknown, with a guess" },
        { "a.m", "1", NULL, "--set a.m: the suite has nothing", "unknown in this benchmark" },
        { "trials", "many", NULL, "--set trials: defaults.trials: 'many' is not a number",
          "a refused default names the option" },
        { "b.users", "0", NULL, "benchmarks.b.load: give 'users'", "a key of a load" },
        { "port.x", "80", NULL, "--set port.x: nothing in the suite refers to '${port.x}'",
          "a port that is not there" },
        { "port.x", "x", NULL, "--set port.x: 'x' is no port", "no port at all" },
        { "confidence", "2", NULL, "--set confidence: confidence: '2' is outside",
          "a key at the top" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        StrPair pair = { rows[i].key, rows[i].value };
        SuiteFlags flags = { .sets = { &pair, 1, 1 } };
        Err err;
        CLEANUP(suite_freep) Suite *s = parse_with(SETTABLE, &flags, &err);
        if (rows[i].want_case)
            CHECK(s && suite_find_case(s, rows[i].want_case), "%s: %s", rows[i].why, err.msg);
        else
            CHECK(!s && strstr(err.msg, rows[i].err), "%s: %.*s", rows[i].why,
                  (int)strcspn(err.msg, "\n"), err.msg);
    }
}

static void test_set_keys(void)
{
    StrPair pairs[] = { { "trials", "2" },
                        { "web.url", "http://b/" },
                        { "b.users", "8" },
                        { "a.prepare", "sync" },
                        { "seed", "5" } };
    SuiteFlags flags = { .sets = { pairs, 5, 5 } };
    Err err;
    CLEANUP(suite_freep) Suite *s = parse_with(SETTABLE, &flags, &err);
    if (!CHECK(s != NULL, "several keys: %s", err.msg))
        return;
    CHECK(s->cases[0].pace.trials == 2 && s->cases[1].pace.trials == 2,
          "the command line beats defaults and a benchmark's own line");
    CHECK_STR(s->targets[0].url, "http://b/", "a target's key");
    CHECK_INT(s->cases[1].load.users, 8, "a load's key");
    CHECK_STR(s->cases[0].command.prepare, "sync", "a command's key");
    CHECK(s->has_seed && s->seed == 5, "a key at the top");
    CHECK(s->overrides.n == 5, "all are told");
}

static void test_set_port(void)
{
    StrPair pair = { "port.web", "8088" };
    Err err;
    CLEANUP(suite_freep) Suite *s = load_good("shop.yaml", (StrMap){ &pair, 1, 1 }, &err);
    CHECK(s && strcmp(s->targets[0].url, "http://127.0.0.1:8088") == 0, "a pinned port");
}

static void test_quick(void)
{
    SuiteFlags flags = { .quick = true };
    Err err;
    CLEANUP(suite_freep) Suite *s = parse_with(SETTABLE, &flags, &err);
    CHECK(s && s->quick && s->cases[0].pace.trials == 6 && s->cases[1].pace.trials == 2 &&
              s->cases[1].pace.duration == NS_PER_S,
          "a quick look caps the pace");
}

static void test_large(void)
{
    const char *text =
        "assay: 1\nbenchmarks:\n  x:\n    command: a ${n} ${m}\n"
        "    params: { n: { from: 1, to: 101, step: 1 }, m: { from: 1, to: 100, step: "
        "1 } }\n";
    SuiteFlags flags = { .allow_large = true };
    Err err;
    CLEANUP(suite_freep) Suite *s = parse_with(text, &flags, &err);
    CHECK(s && s->n_cases == 10100, "the flag allows many cases: %s", err.msg);
}

static void test_no_port(void)
{
    Err err;
    CLEANUP(suite_freep)
    Suite *s = parse_with("assay: 1\nbenchmarks: { x: { command: 'a ${port.p}' } }\n", NULL, &err);
    CHECK(!s && strstr(err.msg, "t.yaml:2:29: benchmarks.x: '${port.p}': no free port"), "%s",
          err.msg);
}

static void test_crlf(void)
{
    Err err;
    CLEANUP(suite_freep)
    Suite *s = parse_with("\xef\xbb\xbf"
                          "assay: 1\r\nbenchmarks:\r\n  x:\r\n    command: a b\r\n",
                          NULL, &err);
    CHECK(s && strcmp(s->cases[0].command_text, "a b") == 0, "a file from Windows: %s", err.msg);
    CHECK_STR(s ? s->name : NULL, "t", "the file's name without extension");
}

static void test_warnings(void)
{
    Err err;
    CLEANUP(suite_freep)
    Suite *s =
        parse_with("assay: 1\n"
                   "targets: { web: { url: 'http://a/' } }\n"
                   "benchmarks: { x: { command: a, params: { n: [1, 2], m: 1 }, compare: m } "
                   "}\n",
                   NULL, &err);
    if (!CHECK(s && s->warnings.n == 3, "three warnings: %s", err.msg))
        return;
    CHECK_STR(s->warnings.v[0],
              "t.yaml:3:42: benchmarks.x.params.n: nothing refers to ${n}, so that its values make "
              "equal cases",
              "a parameter without effect");
    CHECK(strstr(s->warnings.v[1], "one value alone has no rival") != NULL, "a lonely rival");
    CHECK_STR(s->warnings.v[2], "t.yaml:2: targets.web: no benchmark uses it", "unused target");
}

static void test_few_rounds(void)
{
    static const struct {
        const char *top, *bench;
        ptrdiff_t n;
        const char *says, *why;
    } rows[] = {
        { "rules: { critical: { wall: +10% } }\n", "trials: 3", 1,
          "t.yaml:4: benchmarks.x: 3 rounds can't carry a verdict at 95.0 % (6 at least)",
          "too few for the rules" },
        { "rules: { critical: { wall: +10% } }\n", "trials: 6", 0, NULL, "just enough" },
        { "rules: { critical: { wall: +10% } }\n", "trials: 0", 0, NULL, "by time" },
        { "rules: { critical: { wall: +10% } }\n", "min_trials: 2, max_trials: 5", 1,
          "5 rounds can't", "by time, but bounded" },
        { "confidence: 99%\n", "trials: 7, params: { n: [1, 2] }, compare: n", 1,
          "7 rounds can't carry a verdict at 99.0 % (8 at least)", "more confidence wants more" },
        { "confidence: 90%\n", "trials: 3", 0, NULL, "nothing is judged" },
    };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        char text[400];
        snprintf(text, sizeof text, "assay: 1\n%sbenchmarks:\n  x: { command: 'a ${n}', %s%s }\n",
                 rows[i].top, rows[i].bench,
                 strstr(rows[i].bench, "params") ? "" : ", params: { n: 1 }");
        Err err;
        CLEANUP(suite_freep) Suite *s = parse_with(text, NULL, &err);
        if (!CHECK(s && s->warnings.n == rows[i].n, "%s: %s", rows[i].why, err.msg))
            continue;
        CHECK(!rows[i].says || strstr(s->warnings.v[0], rows[i].says), "  %s",
              s->warnings.n ? s->warnings.v[0] : "no warning");
    }
}

/* --------------------------------------------------------------------------------- files */

static void test_files(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    Suite *s = NULL;
    Err err = { 0 };
    CHECK_INT(suite_load(&s, "/nowhere/s.yaml", &test_vocab, NULL, &err), -ENOENT, "missing");
    CHECK_STR(err.msg, "read '/nowhere/s.yaml': No such file or directory", "told");
    CHECK_INT(suite_load(&s, root_dir(&a, "good"), &test_vocab, NULL, &err), -EISDIR, "a folder");
    CHECK(strstr(err.msg, "Is a directory") != NULL, "told");
    ptrdiff_t n = SUITE_BYTES_MAX + 1;
    char *big = arena_alloc(&a, n);
    memset(big, '#', (size_t)n);
    CHECK_INT(suite_parse_text(&s, (Str){ big, n }, "big", &test_vocab, NULL, &err), -EFBIG,
              "too large");
    CHECK_STR(err.msg, "big:1:1: larger than 4194304 bytes, the most that is read", "told");
    const char *path = arena_printf(&a, "%s/assay-big-%d.yaml", P_tmpdir, (int)getpid());
    CHECK(fs_write(path, (Str){ big, n }, &err) == 0, "a large file");
    CHECK_INT(suite_load(&s, path, &test_vocab, NULL, &err), -EFBIG, "too large a file");
    CHECK_STR(err.msg,
              arena_printf(&a, "%s:1:1: larger than 4194304 bytes, the most that is read", path),
              "told with its place");
    unlink(path);
}

int main(void)
{
    test_all_bad();
    test_all_good();
    test_rule_sets();
    test_replay();
    test_shop();
    test_rivals();
    test_beside();
    test_variables();
    test_scans();
    test_anchors();
    test_services();
    test_drivers_references();
    test_sets();
    test_set_keys();
    test_set_port();
    test_quick();
    test_large();
    test_no_port();
    test_crlf();
    test_warnings();
    test_few_rounds();
    test_files();
    return tap_done();
}
