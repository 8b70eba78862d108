#include "load/template.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/json_find.h"
#include "load/zipf.h"

enum { U64_DIGITS = 20, ARGS_MAX = 64, STRING_MAX = 65536, ID_CHARS = 16, UUID_CHARS = 36 };

typedef enum GenKind {
    GEN_TEXT, /* stands for itself */
    GEN_UNIFORM,
    GEN_ZIPF,
    GEN_HOTSPOT,
    GEN_SEQ,
    GEN_USER,
    GEN_ID,
    GEN_UUID,
    GEN_NOW,
    GEN_STRING,
    GEN_PICK,
    GEN_FEED,
    GEN_VAR,
} GenKind;

typedef struct Part {
    GenKind kind;
    Str text;         /* GEN_TEXT */
    uint64_t a, b, c; /* the call's numbers */
    Zipf zipf;
    Str *choices; /* [n_choices] GEN_PICK, quoted already */
    ptrdiff_t n_choices, column, var;
} Part;

struct Template {
    Part *parts;
    ptrdiff_t n, cap;
    ptrdiff_t max;
    ptrdiff_t n_vars; /* parts that are variables */
    TemplateQuote quote;
    TemplateEnv env;
};

static const struct {
    const char *name;
    GenKind kind;
    int args_min, args_max;
    const char *form;
} calls[] = {
    { "uniform", GEN_UNIFORM, 2, 2, "uniform(1,100)" },
    { "zipf", GEN_ZIPF, 1, 2, "zipf(1000) or zipf(1000,0.99)" },
    { "hotspot", GEN_HOTSPOT, 3, 3, "hotspot(1000,10,90)" },
    { "seq", GEN_SEQ, 0, 0, "seq()" },
    { "user", GEN_USER, 0, 0, "user()" },
    { "id", GEN_ID, 0, 0, "id()" },
    { "uuid", GEN_UUID, 0, 0, "uuid()" },
    { "now", GEN_NOW, 0, 0, "now()" },
    { "string", GEN_STRING, 1, 1, "string(16)" },
    { "pick", GEN_PICK, 1, ARGS_MAX, "pick(red|green|blue)" },
};

/* ---- finding ---- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

ptrdiff_t template_var(const StrList *vars, Str name)
{
    for (ptrdiff_t i = 0; vars && i < vars->n; i++)
        if (str_eqz(name, vars->v[i]))
            return i;
    return -1;
}

/* "name}…" of a variable: how long the name is; 0 when it is none. */
static ptrdiff_t var_length(Str in, const StrList *vars)
{
    ptrdiff_t end = vars ? str_find_char(in, '}') : -1;
    return end > 0 && template_var(vars, str_slice(in, 0, end)) >= 0 ? end : 0;
}

/* The next `${name(…)}`, `${feed.name}` or `${variable}`: where it begins; *ret_in what stands in
 * the braces, or what follows when they are not closed. -1: none. */
static ptrdiff_t find_ref(Str text, const StrList *vars, Str *ret_in)
{
    for (ptrdiff_t from = 0, at;
         (at = str_find(str_slice(text, from, text.len), STR("${"))) >= 0;) {
        at += from;
        Str in = str_slice(text, at + 2, text.len);
        ptrdiff_t n = 0;
        while (n < in.len && is_name_char(in.ptr[n]))
            n++;
        bool call = n > 0 && n < in.len && in.ptr[n] == '(';
        ptrdiff_t var = var_length(in, vars);
        if (var) {
            *ret_in = str_slice(in, 0, var);
            return at;
        }
        if (call || str_starts(in, STR("feed."))) {
            ptrdiff_t end = call ? str_find(in, STR(")}")) + 1 : str_find_char(in, '}');
            *ret_in = end > 0 ? str_slice(in, 0, end) : (Str){ in.ptr, -1 };
            return at;
        }
        from = at + 2;
    }
    return -1;
}

bool template_varies(Str text, const StrList *vars)
{
    Str in;
    return find_ref(text, vars, &in) >= 0;
}

ptrdiff_t template_find(Str text, const StrList *vars, ptrdiff_t *ret_bytes)
{
    Str in = { 0 };
    ptrdiff_t at = find_ref(text, vars, &in);
    *ret_bytes = at < 0 || in.len < 0 ? 0 : in.len + 3;
    return at;
}

/* ---- quoting ---- */

static const char hex_digits[] = "0123456789ABCDEF";

static bool is_unreserved(char c)
{
    return is_name_char(c) || c == '-' || c == '.' || c == '~';
}

static char *put_url(char *to, Str v)
{
    for (ptrdiff_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.ptr[i];
        if (is_unreserved(v.ptr[i])) {
            *to++ = v.ptr[i];
            continue;
        }
        *to++ = '%';
        *to++ = hex_digits[c >> 4];
        *to++ = hex_digits[c & 15];
    }
    return to;
}

static char *put_header(char *to, Str v)
{
    for (ptrdiff_t i = 0; i < v.len; i++) {
        unsigned char c = (unsigned char)v.ptr[i];
        *to++ = c < ' ' || c == 0x7f ? ' ' : v.ptr[i];
    }
    return to;
}

static char *put_quoted(char *to, Str v, TemplateQuote quote)
{
    switch (quote) {
    case QUOTE_URL:
        return put_url(to, v);
    case QUOTE_JSON:
        return json_escape(to, v);
    case QUOTE_HEADER:
        return put_header(to, v);
    case QUOTE_NONE:
        break;
    }
    if (v.len)
        memcpy(to, v.ptr, (size_t)v.len);
    return to + v.len;
}

/* Bytes that one may become. */
static ptrdiff_t swell(TemplateQuote quote)
{
    return quote == QUOTE_URL ? 3 : quote == QUOTE_JSON ? 6 : 1;
}

/* ---- compiling ---- */

static int bad_call(Str in, const char *form, Err *err)
{
    return err_set(err, -EINVAL, "'${" STR_FMT "}' is not of the form ${%s}", STR_ARG(in), form);
}

/* Numbers between the parentheses; all must be there. */
static int numbers(Str args, uint64_t *v, int n)
{
    Str one;
    for (int i = 0; i < n; i++)
        if (!str_cut(&args, ',', &one) || str_to_u64(str_trim(one), &v[i]) < 0)
            return -EINVAL;
    return args.ptr ? -EINVAL : 0;
}

static int compile_zipf(Part *p, Str args)
{
    Str first, exponent = STR("0.99");
    double s;
    if (!str_cut(&args, ',', &first) || str_to_u64(str_trim(first), &p->a) < 0 || p->a == 0)
        return -EINVAL;
    if (args.ptr)
        exponent = str_trim(args);
    if (str_to_f64(exponent, &s) < 0 || s < 0 || s > 100)
        return -EINVAL;
    p->zipf = zipf_new(p->a, s);
    return 0;
}

static void compile_pick(Arena *a, Template *t, Part *p, Str args)
{
    Str one;
    ptrdiff_t cap = 0;
    while (str_cut(&args, '|', &one)) {
        char *to = arena_alloc(a, one.len * swell(t->quote) + 1);
        Str quoted = { to, put_quoted(to, one, t->quote) - to };
        ARENA_PUSH(a, p->choices, p->n_choices, cap, quoted);
    }
}

static int compile_args(Arena *a, Template *t, Part *p, Str args)
{
    switch (p->kind) {
    case GEN_UNIFORM:
        TRY(numbers(args, &p->a, 2));
        return p->a <= p->b && p->b - p->a < UINT64_MAX ? 0 : -EINVAL;
    case GEN_HOTSPOT:
        TRY(numbers(args, &p->a, 3));
        return p->b > 0 && p->b < p->a && p->c <= 100 ? 0 : -EINVAL;
    case GEN_ZIPF:
        return compile_zipf(p, args);
    case GEN_STRING:
        TRY(numbers(args, &p->a, 1));
        return p->a <= STRING_MAX ? 0 : -EINVAL;
    case GEN_PICK:
        compile_pick(a, t, p, args);
        return 0;
    case GEN_TEXT:
    case GEN_SEQ:
    case GEN_USER:
    case GEN_ID:
    case GEN_UUID:
    case GEN_NOW:
    case GEN_FEED:
    case GEN_VAR:
        break;
    }
    return str_trim(args).len ? -EINVAL : 0;
}

static const char *nearest_call(Str name)
{
    const char *names[ARRAY_LEN(calls)];
    for (ptrdiff_t i = 0; i < ARRAY_LEN(calls); i++)
        names[i] = calls[i].name;
    const char *near = str_nearest(name, names, ARRAY_LEN(calls));
    return near ? near : "uniform";
}

static int compile_call(Arena *a, Template *t, Part *p, Str in, Err *err)
{
    ptrdiff_t open = str_find_char(in, '(');
    Str name = str_slice(in, 0, open), args = str_slice(in, open + 1, in.len - 1);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(calls); i++) {
        if (!str_eqz(name, calls[i].name))
            continue;
        p->kind = calls[i].kind;
        return compile_args(a, t, p, args) < 0 ? bad_call(in, calls[i].form, err) : 0;
    }
    return err_set(err, -EINVAL, "'${" STR_FMT "}': there is no '" STR_FMT "'; did you mean '%s'?",
                   STR_ARG(in), STR_ARG(name), nearest_call(name));
}

static int compile_feed(Arena *a, const Template *t, Part *p, Str in, Err *err)
{
    Str name = str_slice(in, 5, in.len);
    p->kind = GEN_FEED;
    if (!t->env.feed)
        return err_set(err, -EINVAL, "'${" STR_FMT "}' wants a file of rows: feed", STR_ARG(in));
    p->column = feed_column(t->env.feed, name);
    return p->column >= 0
               ? 0
               : err_set(err, -EINVAL, "'${" STR_FMT "}': the feed has no such column; it has %s",
                         STR_ARG(in), feed_column_names(a, t->env.feed));
}

static int compile_ref(Arena *a, Template *t, Part *p, Str in, Err *err)
{
    p->var = template_var(t->env.vars, in);
    if (p->var >= 0) {
        p->kind = GEN_VAR;
        t->n_vars++;
        return 0;
    }
    return str_starts(in, STR("feed.")) ? compile_feed(a, t, p, in, err)
                                        : compile_call(a, t, p, in, err);
}

static ptrdiff_t part_max(const Template *t, const Part *p)
{
    ptrdiff_t most = 0;
    switch (p->kind) {
    case GEN_TEXT:
        return p->text.len;
    case GEN_ID:
        return ID_CHARS;
    case GEN_UUID:
        return UUID_CHARS;
    case GEN_STRING:
        return (ptrdiff_t)p->a;
    case GEN_FEED:
        return feed_longest(t->env.feed, p->column) * swell(t->quote);
    case GEN_VAR:
        return 0; /* template_room knows */
    case GEN_PICK:
        for (ptrdiff_t i = 0; i < p->n_choices; i++)
            most = MAX(most, p->choices[i].len);
        return most;
    case GEN_UNIFORM:
    case GEN_ZIPF:
    case GEN_HOTSPOT:
    case GEN_SEQ:
    case GEN_USER:
    case GEN_NOW:
        break;
    }
    return U64_DIGITS;
}

static void add_part(Arena *a, Template *t, const Part *p)
{
    t->max += part_max(t, p);
    ARENA_PUSH(a, t->parts, t->n, t->cap, *p);
}

static void add_text(Arena *a, Template *t, Str text)
{
    if (text.len)
        add_part(a, t, &(Part){ .kind = GEN_TEXT, .text = text });
}

int template_compile(Arena *a, Str text, TemplateQuote quote, TemplateEnv env, Template **ret,
                     Err *err)
{
    Template *t = ARENA_ARRAY(a, Template, 1);
    t->quote = quote;
    t->env = env;
    Str in;
    for (ptrdiff_t at; (at = find_ref(text, env.vars, &in)) >= 0;) {
        Part p = { 0 };
        add_text(a, t, str_slice(text, 0, at));
        if (in.len < 0)
            return err_set(err, -EINVAL, "'" STR_FMT "': '${' without its end",
                           STR_ARG(str_slice(text, at, MIN(at + 40, text.len))));
        TRY(compile_ref(a, t, &p, in, err));
        add_part(a, t, &p);
        text = str_slice(text, at + 2 + in.len + 1, text.len);
    }
    add_text(a, t, text);
    *ret = t;
    return 0;
}

ptrdiff_t template_max(const Template *t)
{
    return t->max;
}

ptrdiff_t template_room(const Template *t, const Draw *d)
{
    ptrdiff_t room = t->max;
    for (ptrdiff_t i = 0; t->n_vars && i < t->n; i++)
        if (t->parts[i].kind == GEN_VAR)
            room += draw_get(d, t->parts[i].var).len * swell(t->quote);
    return room;
}

/* ---- rendering ---- */

static char *put_u64(char *to, uint64_t v)
{
    char digits[U64_DIGITS];
    int n = 0;
    do
        digits[n++] = (char)('0' + v % 10);
    while ((v /= 10) > 0);
    while (n > 0)
        *to++ = digits[--n];
    return to;
}

static char *put_hex(char *to, uint64_t v, int n)
{
    for (int i = n - 1; i >= 0; i--)
        *to++ = "0123456789abcdef"[v >> (4 * i) & 15];
    return to;
}

static char *put_uuid(char *to, Rng *rng)
{
    uint64_t high = rng_u64(rng), low = rng_u64(rng);
    high = (high & ~0xf000ull) | 0x4000;
    low = (low & ~(3ull << 62)) | 2ull << 62;
    to = put_hex(to, high >> 32, 8);
    *to++ = '-';
    to = put_hex(to, high >> 16 & 0xffff, 4);
    *to++ = '-';
    to = put_hex(to, high & 0xffff, 4);
    *to++ = '-';
    to = put_hex(to, low >> 48, 4);
    *to++ = '-';
    return put_hex(to, low & 0xffffffffffff, 12);
}

static char *put_string(char *to, Rng *rng, uint64_t n)
{
    static const char set[64] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab";
    uint64_t bits = 0;
    for (uint64_t i = 0; i < n; i++) {
        if (i % 10 == 0)
            bits = rng_u64(rng);
        *to++ = set[bits & 63];
        bits >>= 6;
    }
    return to;
}

static uint64_t hotspot(Rng *rng, const Part *p)
{
    bool hot = rng_below(rng, 100) < p->c;
    return 1 + (hot ? rng_below(rng, p->b) : p->b + rng_below(rng, p->a - p->b));
}

static char *put_part(const Template *t, const Part *p, Draw *d, char *to)
{
    switch (p->kind) {
    case GEN_TEXT:
        memcpy(to, p->text.ptr, (size_t)p->text.len);
        return to + p->text.len;
    case GEN_UNIFORM:
        return put_u64(to, p->a + rng_below(&d->rng, p->b - p->a + 1));
    case GEN_ZIPF:
        return put_u64(to, zipf_draw(&p->zipf, &d->rng));
    case GEN_HOTSPOT:
        return put_u64(to, hotspot(&d->rng, p));
    case GEN_SEQ:
        return put_u64(to, (d->n - 1) * d->n_users + d->user);
    case GEN_USER:
        return put_u64(to, d->user);
    case GEN_ID:
        return put_hex(to, rng_u64(&d->rng), ID_CHARS);
    case GEN_UUID:
        return put_uuid(to, &d->rng);
    case GEN_NOW:
        return put_u64(to, clock_wall_ns() / NS_PER_MS);
    case GEN_STRING:
        return put_string(to, &d->rng, p->a);
    case GEN_PICK:
        return put_quoted(to, p->choices[rng_below(&d->rng, (uint64_t)p->n_choices)], QUOTE_NONE);
    case GEN_FEED:
        return put_quoted(to, feed_value(t->env.feed, d->row, p->column), t->quote);
    case GEN_VAR:
        return put_quoted(to, draw_get(d, p->var), t->quote);
    }
    return to;
}

ptrdiff_t template_render(const Template *t, Draw *d, char *buf)
{
    char *to = buf;
    for (ptrdiff_t i = 0; i < t->n; i++)
        to = put_part(t, &t->parts[i], d, to);
    assert(to - buf <= template_room(t, d));
    return to - buf;
}

int template_feed(Arena *a, const char *path, FeedOrder order, TemplateEnv *env, Feed **ret,
                  Err *err)
{
    if (!path)
        return 0;
    if (env->feed)
        return err_set(err, -EINVAL, "feed: the scenario has one, a row for each pass");
    TRY(feed_read(a, path, order, ret, err));
    env->feed = *ret;
    return 0;
}

void draw_next(Draw *d, Feed *feed)
{
    if (feed)
        d->row = feed_next(feed, d);
    d->n++;
}

/* ---- variables ---- */

int draw_set(Draw *d, ptrdiff_t var, Str value)
{
    DrawVar *v = &d->vars[var];
    if (v->cap < value.len) {
        char *grown = realloc(v->text, (size_t)value.len * 2);
        if (!grown)
            return -ENOMEM;
        v->text = grown;
        v->cap = value.len * 2;
    }
    if (value.len)
        memcpy(v->text, value.ptr, (size_t)value.len);
    v->n = value.len;
    return 0;
}

Str draw_get(const Draw *d, ptrdiff_t var)
{
    return d->vars ? (Str){ d->vars[var].text, d->vars[var].n } : (Str){ 0 };
}

void draw_forget(Draw *d, ptrdiff_t n_vars, bool release)
{
    for (ptrdiff_t i = 0; d->vars && i < n_vars; i++) {
        d->vars[i].n = 0;
        if (!release)
            continue;
        free(d->vars[i].text);
        d->vars[i] = (DrawVar){ 0 };
    }
}
