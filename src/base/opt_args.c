/* Command lines against option rows. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/opt.h"

typedef struct Args {
    Arena *arena;
    const OptSet *sets;
    int argc, at;
    char *const *argv;
    StrList *pos;
    Err *err;
} Args;

typedef struct Found {
    const Opt *row;
    void *dst;
} Found;

static Found find_name(const OptSet *sets, Str name)
{
    for (const OptSet *s = sets; s->rows; s++) {
        const Opt *o = opt_find(s->rows, name);
        if (o)
            return (Found){ o, s->dst };
    }
    return (Found){ 0 };
}

static Found find_letter(const OptSet *sets, char letter)
{
    for (const OptSet *s = sets; s->rows; s++)
        OPT_EACH (o, s->rows)
            if (o->letter == letter)
                return (Found){ o, s->dst };
    return (Found){ 0 };
}

static int refuse_unknown(Args *p, Str name)
{
    const char *names[256];
    ptrdiff_t n = 0;
    for (const OptSet *s = p->sets; s->rows; s++)
        OPT_EACH (o, s->rows)
            if (n < ARRAY_LEN(names) && o->type != OPT_HEAD && !o->hidden)
                names[n++] = o->name;
    char plain[OPT_NAME_MAX];
    snprintf(plain, sizeof plain, STR_FMT, STR_ARG(name));
    for (char *c = plain; *c; c++)
        *c = *c == '-' ? '_' : *c;
    const char *near = str_nearest(str(plain), names, n);
    if (!near)
        return err_set(p->err, -EINVAL, "unknown option '--" STR_FMT "' (see --help)",
                       STR_ARG(name));
    Found f = find_name(p->sets, str(near));
    char flag[OPT_NAME_MAX];
    return err_set(p->err, -EINVAL, "unknown option '--" STR_FMT "'; did you mean '%s'?",
                   STR_ARG(name), opt_flag(flag, f.row));
}

/* Set the option and put its spelling in front of what went wrong. */
static int set_value(Args *p, Found f, Str value)
{
    Err inner = { 0 };
    char flag[OPT_NAME_MAX];
    int r = opt_set(p->arena, f.row, f.dst, value, &inner);
    if (r == 0)
        return 0;
    const char *text = inner.msg; /* begins with the field's name: say the flag instead */
    ptrdiff_t skip = (ptrdiff_t)strlen(f.row->name);
    return err_set(p->err, r, "%s%s", opt_flag(flag, f.row), text + skip);
}

static int next_value(Args *p, Found f, Str *ret)
{
    char flag[OPT_NAME_MAX];
    if (p->at + 1 >= p->argc)
        return err_set(p->err, -EINVAL, "%s needs a value %s (see --help)", opt_flag(flag, f.row),
                       opt_arg(f.row));
    *ret = str(p->argv[++p->at]);
    return 0;
}

static int parse_long(Args *p, Str word)
{
    ptrdiff_t eq = str_find_char(word, '=');
    Str name = eq < 0 ? word : str_slice(word, 0, eq);
    Found f = find_name(p->sets, name);
    if (f.row && f.row->type == OPT_BOOL)
        return set_value(p, f, eq < 0 ? STR("true") : str_slice(word, eq + 1, word.len));
    if (f.row) {
        Str value = str_slice(word, eq + 1, word.len);
        if (eq < 0)
            TRY(next_value(p, f, &value));
        return set_value(p, f, value);
    }
    if (eq < 0 && str_starts(name, STR("no-"))) {
        f = find_name(p->sets, str_slice(name, 3, name.len));
        if (f.row && f.row->type == OPT_BOOL)
            return set_value(p, f, STR("false"));
    }
    return refuse_unknown(p, name);
}

/* "-qv" is -q -v; "-c32" and "-c 32" are the same. */
static int parse_short(Args *p, Str letters)
{
    for (ptrdiff_t i = 0; i < letters.len; i++) {
        Found f = find_letter(p->sets, letters.ptr[i]);
        if (!f.row)
            return err_set(p->err, -EINVAL, "unknown option '-%c' (see --help)", letters.ptr[i]);
        if (f.row->type == OPT_BOOL) {
            TRY(set_value(p, f, STR("true")));
            continue;
        }
        Str value = str_slice(letters, i + 1, letters.len);
        if (value.len == 0)
            TRY(next_value(p, f, &value));
        return set_value(p, f, value);
    }
    return 0;
}

static int parse_word(Args *p, const char *word)
{
    if (word[0] == '-' && word[1] == '-')
        return parse_long(p, str(word + 2));
    if (word[0] == '-' && word[1] != '\0')
        return parse_short(p, str(word + 1));
    strlist_add(p->arena, p->pos, word);
    return 0;
}

int opt_parse(Arena *a, const OptSet *sets, int argc, char *const *argv, StrList *pos,
              ptrdiff_t *dashdash, Err *err)
{
    Args p = { .arena = a, .sets = sets, .argc = argc, .argv = argv, .pos = pos, .err = err };
    *dashdash = -1;
    for (; p.at < argc; p.at++) {
        if (strcmp(argv[p.at], "--") == 0) {
            *dashdash = pos->n;
            while (++p.at < argc)
                strlist_add(a, pos, argv[p.at]);
            break;
        }
        TRY(parse_word(&p, argv[p.at]));
    }
    return 0;
}
