/* A suite from file to cases: the order of things. The parts are in suite_*.c. */
#include "model/suite.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "model/suite_read.h"

const Opt suite_opts[] = {
    { .type = OPT_STR,
      .name = "suite",
      .offset = offsetof(Suite, name),
      .help = "name of the suite; else the file's" },
    OPT(Suite, build, STR, .arg = "COMMAND",
        .help = "shell text that makes a revision ready to be measured, in its folder, for "
                "--against"),
    OPT(Suite, min_effect, SHARE, .dflt = "1%", .min = 0, .max = 1,
        .help = "smallest change that matters; less is never a verdict"),
    OPT(Suite, confidence, SHARE, .dflt = "95%", .min = 0.5, .max = 0.999,
        .help = "confidence of intervals and verdicts"),
    OPT(Suite, correction, ENUM, .dflt = "holm", .choices = correction_names,
        .help = "for many comparisons at once: holm keeps the chance of any false alarm, bh the "
                "share of false ones among the alarms"),
    OPT(Suite, budget, NS,
        .help = "of pairs (--against, competitors): rounds in all for so long; a pair that is "
                "decided gets no more"),
    OPT(Suite, seed, U64,
        .help = "of order, schedules and everything drawn; else each run draws "
                "its own and stores it"),
    OPT(Suite, allow_large, BOOL, .dflt = "false", .help = "allow more than 10000 cases"),
    { .type = OPT_END },
};

bool suite_name_ok(Str name)
{
    for (ptrdiff_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
        if (!letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.')
            return false;
    }
    return name.len > 0 && name.len <= NAME_MAX_BYTES && name.ptr[0] != '-';
}

int suite_want_map(SuiteReader *r, const YamlNode *n, const char *path)
{
    char found[YAML_SHOW_MAX];
    if (n->kind == YAML_MAP)
        return 0;
    return yaml_refuse(&r->diag, n, path, "wants a mapping (key: value), found %s",
                       yaml_show(found, n));
}

int suite_refuse_spec(SuiteReader *r, const YamlNode *map, const char *path, const char *msg)
{
    Str key, rest = str(msg);
    bool cut = str_cut(&rest, ':', &key);
    assert(cut && rest.ptr);
    (void)cut;
    const YamlNode *at = yaml_get(map, arena_str(&r->s->arena, key));
    return yaml_refuse(&r->diag, at ? at : map, yaml_path(&r->s->arena, path, key), "%s",
                       rest.ptr + 1);
}

static YamlNode *copy_map(Arena *a, const YamlNode *map)
{
    YamlNode *m = ARENA_NEW(a, YamlNode);
    *m = *map;
    m->pairs = ARENA_ARRAY(a, YamlPair, map->n);
    m->n = 0;
    return m;
}

const YamlNode *suite_pick(Arena *a, const YamlNode *map, const Opt *rows, bool in)
{
    YamlNode *m = copy_map(a, map);
    YAML_EACH (p, map)
        if ((rows && opt_find(rows, p->key->text)) == in)
            m->pairs[m->n++] = *p;
    return m;
}

const YamlNode *suite_without(Arena *a, const YamlNode *map, const char *key)
{
    YamlNode *m = copy_map(a, map);
    YAML_EACH (p, map)
        if (!str_eqz(p->key->text, key))
            m->pairs[m->n++] = *p;
    return m;
}

static int check_version(SuiteReader *r)
{
    char found[YAML_SHOW_MAX];
    TRY(suite_want_map(r, r->root, NULL));
    const YamlNode *n = yaml_get(r->root, "assay");
    if (!n)
        return yaml_refuse(&r->diag, r->root, NULL,
                           "no 'assay: 1' at the top; it names the version of the suite language");
    if (n->kind == YAML_SCALAR && str_eqz(n->text, "1"))
        return 0;
    return yaml_refuse(&r->diag, n, "assay",
                       "this build reads version 1 of the suite language, found %s",
                       yaml_show(found, n));
}

static int read_top(SuiteReader *r)
{
    static const char *const others[] = { "assay",      "defaults", "targets",
                                          "benchmarks", "rules",    NULL };
    const YamlNode *include = yaml_get(r->root, "include");
    if (include)
        return yaml_refuse(&r->diag, include, "include", "is not in this build");
    Arena *a = &r->s->arena;
    Vars v = { .r = r, .path = "", .why_no_params = "parameters belong to single benchmarks" };
    const YamlNode *own = vars_expand(&v, a, suite_pick(a, r->root, suite_opts, true));
    if (!own)
        return -EINVAL;
    const YamlNode *rest = suite_pick(a, r->root, suite_opts, false);
    YamlNode *all = copy_map(a, r->root);
    YAML_EACH (p, own)
        all->pairs[all->n++] = *p;
    YAML_EACH (p, rest)
        all->pairs[all->n++] = *p;
    const YamlContext c = { &r->diag, "", NULL };
    const OptSet sets[] = { { suite_opts, r->s }, { 0 } };
    int bad = opt_apply_yaml(a, sets, others, all, &c);
    r->s->has_seed = yaml_get(r->root, "seed") != NULL;
    r->s->allow_large |= r->flags->allow_large;
    return bad;
}

static int read_section(SuiteReader *r, const YamlNode *map, const char *key, const Opt *rows,
                        void *dst)
{
    const YamlNode *n = yaml_get(map, key);
    if (!n)
        return 0;
    const YamlContext c = { &r->diag, yaml_path(&r->s->arena, "defaults", str(key)), NULL };
    const OptSet sets[] = { { rows, dst }, { 0 } };
    return opt_apply_yaml(&r->s->arena, sets, NULL, n, &c);
}

static int read_defaults(SuiteReader *r)
{
    static const char *const others[] = { "command", "functions", "load", NULL };
    Arena *a = &r->s->arena;
    opt_defaults(a, pace_opts, &r->pace);
    opt_defaults(a, command_opts, &r->command);
    opt_defaults(a, function_opts, &r->function);
    opt_defaults(a, load_opts, &r->load);
    const YamlNode *map = yaml_get(r->root, "defaults");
    if (!map)
        return 0;
    Vars v = { .r = r,
               .path = "defaults",
               .why_no_params = "parameters belong to single "
                                "benchmarks" };
    map = vars_expand(&v, a, map);
    if (!map)
        return -EINVAL;
    const YamlContext c = { &r->diag, "defaults", NULL };
    const OptSet sets[] = { { pace_opts, &r->pace }, { 0 } };
    int bad = opt_apply_yaml(a, sets, others, map, &c);
    TRY(read_section(r, map, "command", command_opts, &r->command));
    TRY(read_section(r, map, "functions", function_opts, &r->function));
    TRY(read_section(r, map, "load", load_opts, &r->load));
    return bad;
}

static void warn_unused(SuiteReader *r)
{
    Arena *a = &r->s->arena;
    for (ptrdiff_t i = 0; i < r->s->n_targets; i++)
        if (!r->target_used[i])
            strlist_add(a, &r->s->warnings,
                        arena_printf(a, "%s:%d: targets.%s: no benchmark uses it", r->diag.file,
                                     r->s->targets[i].line, r->s->targets[i].name));
}

/* A sign test of n rounds that all point one way has p = 2^(1-n): with fewer than this, none is
 * ever small enough. Source: Dixon & Mood, J. Am. Stat. Assoc. 41 (1946) 557. */
static uint32_t least_rounds(double confidence)
{
    return 1 + (uint32_t)ceil(-log2(1 - confidence) - 1e-9);
}

/* Rounds that a case can't exceed; 0: open. */
static uint32_t most_rounds(const PaceSpec *p)
{
    return p->trials ? p->trials : p->max_trials;
}

/* Once per benchmark: its cases differ in their parameters only. */
static void warn_few_rounds(SuiteReader *r)
{
    Suite *s = r->s;
    uint32_t least = least_rounds(s->confidence);
    for (ptrdiff_t i = 0; i < s->n_cases; i++) {
        const SuiteCase *c = &s->cases[i];
        uint32_t most = most_rounds(&c->pace);
        bool told = i > 0 && strcmp(s->cases[i - 1].benchmark, c->benchmark) == 0;
        bool judged = c->group >= 0 || s->rules.n > 0;
        if (kind_is_load(c->kind) || c->kind == KIND_HARNESS || told || !judged || !most ||
            most >= least)
            continue;
        char share[FMT_MAX];
        strlist_add(&s->arena, &s->warnings,
                    arena_printf(&s->arena,
                                 "%s:%d: benchmarks.%s: %u round%s can't carry a verdict at %s (%u "
                                 "at least)",
                                 r->diag.file, c->line, c->benchmark, most, most == 1 ? "" : "s",
                                 fmt_share(share, s->confidence), least));
    }
}

/* Every section is read even after one was refused, so that one look shows all. */
static void read_all(SuiteReader *r)
{
    if (suite_apply_sets(r) < 0 || check_version(r) < 0)
        return;
    int top = read_top(r), defaults = read_defaults(r), targets = targets_read(r);
    int rules = rules_read(r), benchmarks = benchmarks_read(r);
    if (top < 0 || defaults < 0 || targets < 0 || rules < 0 || benchmarks < 0) {
        assert(r->diag.n > 0);
        return;
    }
    suite_check_port_sets(r);
    warn_unused(r);
    warn_few_rounds(r);
}

static const char *stem_of(Arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    Str name = str(slash ? slash + 1 : path);
    if (str_eqz(name, "-"))
        return "stdin";
    for (ptrdiff_t i = name.len - 1; i > 0; i--)
        if (name.ptr[i] == '.')
            return arena_str(a, str_slice(name, 0, i));
    return arena_str(a, name);
}

static int parse(Suite *s, Str text, const SuiteVocab *vocab, const SuiteFlags *flags, Err *err)
{
    static const SuiteFlags no_flags = { 0 };
    SuiteReader r = { .s = s, .vocab = vocab, .flags = flags ? flags : &no_flags };
    r.diag.file = s->path;
    opt_defaults(&s->arena, suite_opts, s);
    s->name = stem_of(&s->arena, s->path);
    s->quick = r.flags->quick;
    TRY(yaml_parse(&s->arena, text, s->path, SUITE_BYTES_MAX, &r.root, err));
    read_all(&r);
    int code = yaml_diag_end(&r.diag, err);
    yaml_diag_done(&r.diag);
    return code;
}

static Suite *suite_new(const char *path)
{
    Suite *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->path = arena_strdup(&s->arena, path);
    s->dir = fs_dirname(&s->arena, path);
    return s;
}

int suite_parse_text(Suite **ret, Str text, const char *path, const SuiteVocab *vocab,
                     const SuiteFlags *flags, Err *err)
{
    CLEANUP(suite_freep) Suite *s = suite_new(path);
    if (!s)
        return err_set(err, -ENOMEM, "suite");
    s->text = (Str){ arena_str(&s->arena, text), text.len };
    TRY(parse(s, s->text, vocab, flags, err));
    *ret = TAKE(s);
    return 0;
}

static int absolute_dir(Suite *s, Err *err)
{
    char *real = realpath(s->dir, NULL);
    if (!real)
        return err_errno(err, -errno, "folder '%s'", s->dir);
    s->dir = arena_strdup(&s->arena, real);
    free(real);
    return 0;
}

int suite_load(Suite **ret, const char *path, const SuiteVocab *vocab, const SuiteFlags *flags,
               Err *err)
{
    CLEANUP(suite_freep) Suite *s = suite_new(path);
    if (!s)
        return err_set(err, -ENOMEM, "suite");
    int r = fs_read(&s->arena, path, SUITE_BYTES_MAX, &s->text, err);
    if (r == -EFBIG)
        return err_set(err, r, "%s:1:1: larger than %d bytes, the most that is read", path,
                       SUITE_BYTES_MAX);
    TRY(r);
    TRY(absolute_dir(s, err));
    TRY(parse(s, s->text, vocab, flags, err));
    *ret = TAKE(s);
    return 0;
}

Suite *suite_free(Suite *s)
{
    if (s) {
        Arena a = s->arena; /* the suite's strings live in it, the suite does not */
        arena_done(&a);
        free(s);
    }
    return NULL;
}

void suite_freep(Suite **s)
{
    *s = suite_free(*s);
}

bool suite_case_matches(const SuiteCase *c, const char *glob)
{
    return str_glob(str(glob), str(c->name)) || str_glob(str(glob), str(c->benchmark));
}

const SuiteCase *suite_find_case(const Suite *s, const char *name)
{
    for (ptrdiff_t i = 0; i < s->n_cases; i++)
        if (strcmp(s->cases[i].name, name) == 0)
            return &s->cases[i];
    return NULL;
}
