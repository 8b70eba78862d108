/* `${name}`, `${env.NAME}`, `${env.NAME:-text}`, `${suite.dir}`, `${port.NAME}`; `$${` is a plain
 * `${`. What comes out is never looked at again, so that an environment can't inject references. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/suite_read.h"

static int add_ref(Vars *v, Arena *a, const YamlNode *at, Str ref, StrBuf *out);

static bool is_within(const YamlNode *tree, const YamlNode *n)
{
    if (!tree || tree == n)
        return tree != NULL;
    for (ptrdiff_t i = 0; i < tree->n; i++)
        if (is_within(tree->kind == YAML_MAP ? tree->pairs[i].value : tree->items[i], n))
            return true;
    return false;
}

static bool is_extracted(const Vars *v, Str ref)
{
    Str name = str_slice(ref, 0, MAX(str_find_char(ref, '}'), (ptrdiff_t)0));
    for (ptrdiff_t i = 0; i < v->extracted.n; i++)
        if (str_eqz(name, v->extracted.v[i]))
            return true;
    return false;
}

/* `name(…` or `feed.name`: what a driver fills in. */
static bool is_drivers(Str ref)
{
    ptrdiff_t n = 0;
    while (n < ref.len && ((ref.ptr[n] >= 'a' && ref.ptr[n] <= 'z') || ref.ptr[n] == '_'))
        n++;
    return str_starts(ref, STR("feed.")) || (n > 0 && n < ref.len && ref.ptr[n] == '(');
}

/* One text. `len` bytes of output are charged to the suite. */
static int expand_text(Vars *v, Arena *a, const YamlNode *at, Str text, Str *ret)
{
    CLEANUP(strbuf_done) StrBuf out = { .max = (ptrdiff_t)1 << 20 };
    for (ptrdiff_t dollar; (dollar = str_find(text, STR("${"))) >= 0;) {
        bool escaped = dollar > 0 && text.ptr[dollar - 1] == '$';
        strbuf_add(&out, str_slice(text, 0, escaped ? dollar - 1 : dollar));
        text = str_slice(text, dollar + 2, text.len);
        bool later =
            (is_drivers(text) && (is_within(v->request, at) || is_within(v->scenarios, at))) ||
            (is_extracted(v, text) && is_within(v->scenarios, at));
        if (escaped || later) {
            strbuf_addz(&out, "${");
            continue;
        }
        ptrdiff_t end = str_find_char(text, '}');
        if (end < 0)
            return yaml_refuse(&v->r->diag, at, v->path,
                               "'${' without '}' (a plain '${' is "
                               "written '$${')");
        TRY(add_ref(v, a, at, str_slice(text, 0, end), &out));
        text = str_slice(text, end + 1, text.len);
    }
    strbuf_add(&out, text);
    v->r->expanded += out.len;
    if (out.overflow || v->r->expanded > EXPANDED_MAX)
        return yaml_refuse(&v->r->diag, at, v->path, "text grows too large with '${…}' filled in");
    *ret = (Str){ arena_str(a, strbuf_str(&out)), out.len };
    return 0;
}

/* ------------------------------------------------------------- environment, ports, suite */

static int add_env(Vars *v, const YamlNode *at, Str name, StrBuf *out)
{
    ptrdiff_t dash = str_find(name, STR(":-"));
    Str dflt = dash < 0 ? (Str){ 0 } : str_slice(name, dash + 2, name.len);
    char key[NAME_MAX_BYTES + 1];
    snprintf(key, sizeof key, STR_FMT, STR_ARG(str_slice(name, 0, dash < 0 ? name.len : dash)));
    const SuiteFlags *f = v->r->flags;
    const char *value = f->env ? f->env(f->user, key) : getenv(key);
    if (value && utf8_invalid_at(str(value)) >= 0)
        return yaml_refuse(&v->r->diag, at, v->path, "environment variable '%s' is not UTF-8", key);
    if (value && (*value || dash < 0))
        strbuf_addz(out, value);
    else if (dash >= 0)
        strbuf_add(out, dflt);
    else
        return yaml_refuse(&v->r->diag, at, v->path,
                           "environment variable '%s' is not set (${env.%s:-text} gives a default)",
                           key, key);
    return 0;
}

static bool port_taken(const Suite *s, const char *number)
{
    for (ptrdiff_t i = 0; i < s->ports.n; i++)
        if (strcmp(s->ports.v[i].value, number) == 0)
            return true;
    return false;
}

static int draw_port(Vars *v, const YamlNode *at, const char *name, const char **ret)
{
    const SuiteFlags *f = v->r->flags;
    if (!f->free_port)
        return yaml_refuse(&v->r->diag, at, v->path, "'${port.%s}': no free port can be had here",
                           name);
    for (int i = 0; i < 50; i++) {
        uint16_t port = 0;
        Err err = { 0 };
        if (f->free_port(f->user, &port, &err) < 0)
            return yaml_refuse(&v->r->diag, at, v->path, "'${port.%s}': %s", name, err.msg);
        const char *number = arena_printf(&v->r->s->arena, "%u", (unsigned)port);
        if (!port_taken(v->r->s, number)) {
            *ret = number;
            return 0;
        }
    }
    return yaml_refuse(&v->r->diag, at, v->path, "'${port.%s}': no free port was found", name);
}

static int add_port(Vars *v, const YamlNode *at, Str name, StrBuf *out)
{
    if (!suite_name_ok(name))
        return yaml_refuse(&v->r->diag, at, v->path,
                           "'${port.NAME}' wants a name of letters, digits, '_' and '-'");
    Arena *a = &v->r->s->arena;
    const char *key = arena_str(a, name), *number = strmap_get(&v->r->s->ports, key);
    if (!number) {
        number = strmap_get(&v->r->flags->sets, arena_printf(a, "port.%s", key));
        if (!number)
            TRY(draw_port(v, at, key, &number));
        strmap_set(a, &v->r->s->ports, key, number);
    }
    strbuf_addz(out, number);
    return 0;
}

/* ------------------------------------------------------------------------------- parameters */

/* The circle, told from the busy parameter that was met again. The order of discovery is lost, but
 * each busy parameter refers to another busy one. */
static int refuse_cycle(Vars *v, const Param *p)
{
    CLEANUP(strbuf_done) StrBuf names = { .max = 200 };
    for (ptrdiff_t i = 0; i < v->params->n; i++)
        if (v->params->v[i].state == PARAM_BUSY)
            strbuf_addf(&names, "%s%s", names.len ? ", " : "", v->params->v[i].name);
    return yaml_refuse(&v->r->diag, p->key, v->path,
                       "parameters refer to each other in a circle: %s", strbuf_z(&names));
}

static bool is_printable(Str s)
{
    for (ptrdiff_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return false;
    return true;
}

static int resolve(Vars *v, Arena *a, Param *p)
{
    if (p->state == PARAM_DONE)
        return 0;
    if (p->state == PARAM_BUSY)
        return refuse_cycle(v, p);
    p->state = PARAM_BUSY;
    const YamlNode *value = p->values[p->at];
    p->text = value->text;
    if (value->dollar)
        TRY(expand_text(v, a, value, value->text, &p->text));
    if (p->text.len > PARAM_TEXT_MAX)
        return yaml_refuse(&v->r->diag, value, v->path,
                           "a value of '%s' is longer than 200 bytes; it is part of a case's name",
                           p->name);
    if (!is_printable(p->text))
        return yaml_refuse(&v->r->diag, value, v->path,
                           "a value of '%s' holds a line break or control character", p->name);
    p->state = PARAM_DONE;
    return 0;
}

int vars_resolve(Vars *v, Arena *a)
{
    for (ptrdiff_t i = 0; i < v->params->n; i++)
        v->params->v[i].state = PARAM_OPEN;
    for (ptrdiff_t i = 0; i < v->params->n; i++)
        TRY(resolve(v, a, &v->params->v[i]));
    return 0;
}

static int refuse_unknown(Vars *v, const YamlNode *at, Str ref)
{
    const char *names[PARAMS_MAX], *near = NULL;
    ptrdiff_t n = 0;
    for (; v->params && n < v->params->n; n++)
        names[n] = v->params->v[n].name;
    if (str_find_char(ref, '(') >= 0 || str_starts(ref, STR("feed.")))
        return yaml_refuse(&v->r->diag, at, v->path,
                           "'${%.60s}': values drawn for each operation are not in this build",
                           arena_str(&v->r->s->arena, ref));
    near = str_nearest(ref, names, n);
    const char *shown = arena_str(&v->r->s->arena, str_slice(ref, 0, 60));
    if (near)
        return yaml_refuse(&v->r->diag, at, v->path, "no parameter '%s'; did you mean '${%s}'?",
                           shown, near);
    if (v->why_no_params)
        return yaml_refuse(&v->r->diag, at, v->path, "'${%s}': %s", shown, v->why_no_params);
    return yaml_refuse(&v->r->diag, at, v->path,
                       "no parameter '%s' (an environment variable is '${env.%s}', a plain '${' is "
                       "written '$${')",
                       shown, shown);
}

static int add_param(Vars *v, Arena *a, const YamlNode *at, Str ref, StrBuf *out)
{
    for (ptrdiff_t i = 0; v->params && i < v->params->n; i++) {
        Param *p = &v->params->v[i];
        if (!str_eqz(ref, p->name))
            continue;
        TRY(resolve(v, a, p));
        p->used = true;
        strbuf_add(out, p->text);
        return 0;
    }
    return refuse_unknown(v, at, ref);
}

static int add_ref(Vars *v, Arena *a, const YamlNode *at, Str ref, StrBuf *out)
{
    if (str_starts(ref, STR("env.")))
        return add_env(v, at, str_slice(ref, 4, ref.len), out);
    if (str_starts(ref, STR("port.")))
        return add_port(v, at, str_slice(ref, 5, ref.len), out);
    if (str_eqz(ref, "suite.dir")) {
        strbuf_addz(out, v->r->s->dir);
        return 0;
    }
    return add_param(v, a, at, ref, out);
}

/* ---------------------------------------------------------------------------------- trees */

static int expand_scalar(void *user, Arena *a, const YamlNode *scalar, Str *ret)
{
    return expand_text(user, a, scalar, scalar->text, ret);
}

const YamlNode *vars_expand(Vars *v, Arena *a, const YamlNode *n)
{
    return yaml_expand(a, n, expand_scalar, v);
}

static int look_for_params(void *user, Arena *a, const YamlNode *scalar, Str *ret)
{
    (void)a;
    bool *found = user;
    Str text = *ret = scalar->text;
    for (ptrdiff_t dollar; (dollar = str_find(text, STR("${"))) >= 0;) {
        bool escaped = dollar > 0 && text.ptr[dollar - 1] == '$';
        text = str_slice(text, dollar + 2, text.len);
        bool global = str_starts(text, STR("env.")) || str_starts(text, STR("port.")) ||
                      str_starts(text, STR("suite."));
        *found |= !escaped && !global;
    }
    return 0;
}

bool vars_has_params(Arena *a, const YamlNode *n)
{
    bool found = false;
    yaml_expand(a, n, look_for_params, &found);
    return found;
}
