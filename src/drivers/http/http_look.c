#include "drivers/http/http_look.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/json_find.h"
#include "drivers/http/html_form.h"
#include "drivers/http/http_jar.h"
#include "load/script.h"

typedef enum LookKind {
    LOOK_JSON,
    LOOK_REGEX,
    LOOK_HEADER,
    LOOK_COOKIE,
    LOOK_FORM,
    LOOK_BODY,
    LOOK_SIZE, /* checks only, as the one below */
    LOOK_TIME,
    LOOK_SCRIPT,
} LookKind;

typedef struct LookItem {
    LookKind kind;
    Str arg;       /* pointer, name of a header, a cookie or a field */
    Regex *regex;  /* owned */
    ptrdiff_t var; /* extract: where it goes */
    int fn;        /* of the script */
    Str want;      /* check: json is it, header and body contain it; empty regex: matches */
    bool at_least; /* size, time: more than `limit` instead of less */
    bool or_equal;
    uint64_t limit;    /* bytes, ns */
    const char *wrong; /* in the arena: what to say when it fails */
} LookItem;

struct HttpLook {
    LookItem *v; /* [n], checks first */
    ptrdiff_t n, cap, n_checks;
    uint64_t body_max;
    bool at_head, at_body;
    const char *too_long;
};

/* ---- compiling ---- */

static const struct {
    const char *word;
    LookKind kind;
    bool takes; /* an argument */
    bool checks_only;
} kinds[] = {
    { "json", LOOK_JSON, true, false },     { "regex", LOOK_REGEX, true, false },
    { "header", LOOK_HEADER, true, false }, { "cookie", LOOK_COOKIE, true, false },
    { "form", LOOK_FORM, true, false },     { "body", LOOK_BODY, false, false },
    { "size", LOOK_SIZE, false, true },     { "time", LOOK_TIME, false, true },
    { "script", LOOK_SCRIPT, false, true },
};

static int refuse_source(const char *option, const char *name, Str text, bool check, Err *err)
{
    return err_set(err, -EINVAL,
                   "%s: '%s': '" STR_FMT "' is none of json /POINTER, regex PATTERN, header NAME, "
                   "cookie NAME, form FIELD, body%s",
                   option, name, STR_ARG(text), check ? ", status, size, time, script" : "");
}

/* "json /token": kind and argument. */
static int parse_source(const char *option, const char *name, Str text, bool check, LookItem *it,
                        Err *err)
{
    ptrdiff_t blank = str_find_char(text, ' ');
    Str word = str_slice(text, 0, blank < 0 ? text.len : blank);
    it->arg = blank < 0 ? (Str){ 0 } : str_trim(str_slice(text, blank + 1, text.len));
    for (ptrdiff_t i = 0; i < ARRAY_LEN(kinds); i++) {
        bool whole_json = kinds[i].kind == LOOK_JSON; /* the empty pointer is the whole */
        if (!str_eqz(word, kinds[i].word) || (kinds[i].checks_only && !check) ||
            (kinds[i].takes ? !it->arg.len && !whole_json : it->arg.len > 0))
            continue;
        it->kind = kinds[i].kind;
        if (whole_json && !json_pointer_ok(it->arg))
            return err_set(err, -EINVAL,
                           "%s: '%s': '" STR_FMT "' is no JSON pointer, such as /users/0/name",
                           option, name, STR_ARG(it->arg));
        return 0;
    }
    return refuse_source(option, name, text, check, err);
}

static int compile_regex(Arena *a, const char *option, LookItem *it, Str pattern, Err *err)
{
    if (regex_compile(arena_str(a, pattern), &it->regex, err) < 0)
        return err_wrap(err, "%s", option);
    return 0;
}

static void push(Arena *a, HttpLook *l, LookItem it)
{
    l->at_head |= it.kind == LOOK_HEADER || it.kind == LOOK_COOKIE || it.kind == LOOK_SCRIPT;
    l->at_body |= it.kind == LOOK_SCRIPT || it.kind == LOOK_JSON || it.kind == LOOK_REGEX ||
                  it.kind == LOOK_FORM || it.kind == LOOK_BODY;
    ARENA_PUSH(a, l->v, l->n, l->cap, it);
}

static int add_extract(Arena *a, HttpLook *l, const StrPair *p, const StrList *vars, Err *err)
{
    LookItem it = { 0 };
    Str text = str_trim(str(p->value));
    TRY(parse_source("extract", p->key, text, false, &it, err));
    if (it.kind == LOOK_REGEX)
        TRY(compile_regex(a, "extract", &it, it.arg, err));
    it.var = template_var(vars, str(p->key));
    if (it.var < 0)
        return err_set(err, -EINVAL, "extract: belongs to the steps of scenarios");
    it.wrong = arena_printf(a, "nothing to extract: %s (" STR_FMT ")", p->key, STR_ARG(text));
    push(a, l, it);
    return 0;
}

static int parse_limit(const StrPair *p, LookItem *it, Err *err)
{
    Str text = str_trim(str(p->value));
    Err why = { 0 };
    it->at_least = str_starts(text, STR(">"));
    if (!it->at_least && !str_starts(text, STR("<")))
        return err_set(err, -EINVAL, "check: %s: '%s' is no limit, such as '< %s'", p->key,
                       p->value, it->kind == LOOK_SIZE ? "10KiB" : "200ms");
    it->or_equal = text.len > 1 && text.ptr[1] == '=';
    text = str_trim(str_slice(text, 1 + it->or_equal, text.len));
    int r = it->kind == LOOK_SIZE ? fmt_parse_size(text, &it->limit, &why)
                                  : fmt_parse_duration(text, &it->limit, &why);
    return r < 0 ? err_set(err, -EINVAL, "check: %s: %s", p->key, why.msg) : 0;
}

static int add_check(Arena *a, HttpLook *l, const StrPair *p, struct Script *script, Err *err)
{
    LookItem it = { 0 };
    TRY(parse_source("check", p->key, str_trim(str(p->key)), true, &it, err));
    it.want = str(p->value);
    if (it.kind == LOOK_REGEX)
        TRY(compile_regex(a, "check", &it, it.arg, err));
    if (it.kind == LOOK_SIZE || it.kind == LOOK_TIME)
        TRY(parse_limit(p, &it, err));
    if (it.kind == LOOK_SCRIPT && (it.fn = script_find(script, it.want, err)) < 0)
        return err_wrap(err, "check");
    it.wrong = arena_printf(a, "check failed: %s: %s", p->key, p->value);
    push(a, l, it);
    return 0;
}

int http_look_prepare(Arena *a, const StrMap *extract, const StrMap *check, uint64_t body_max,
                      TemplateEnv env, HttpLook **ret, Err *err)
{
    if (!extract->n && !check->n)
        return 0;
    HttpLook *l = *ret = ARENA_NEW(a, HttpLook);
    l->body_max = body_max;
    for (ptrdiff_t i = 0; i < check->n; i++)
        if (strcmp(check->v[i].key, "status") != 0) /* http_prepare.c's */
            TRY(add_check(a, l, &check->v[i], env.script, err));
    l->n_checks = l->n;
    for (ptrdiff_t i = 0; i < extract->n; i++)
        TRY(add_extract(a, l, &extract->v[i], env.vars, err));
    char size[FMT_MAX];
    l->too_long = arena_printf(a, "a body longer than keep_max, %s: can't look into it",
                               fmt_value(size, (double)body_max, "bytes"));
    return 0;
}

void http_look_release(HttpLook *l)
{
    for (ptrdiff_t i = 0; l && i < l->n; i++)
        regex_free(l->v[i].regex);
}

bool http_look_at_head(const HttpLook *l)
{
    return l && l->at_head;
}

bool http_look_at_body(const HttpLook *l)
{
    return l && l->at_body;
}

uint64_t http_look_body_max(const HttpLook *l)
{
    return l->body_max;
}

/* ---- looking ---- */

/* The cookie that this reply sets, or one from before. */
static Str find_cookie(const HttpLookReply *reply, Str name)
{
    Str set, found = { 0 };
    ptrdiff_t at = 0;
    while ((set = seen_field(reply->seen, STR("set-cookie"), &at)).ptr) {
        ptrdiff_t eq = str_find_char(set, '='), end = str_find_char(set, ';');
        end = end < 0 ? set.len : end;
        if (eq >= 0 && eq < end && str_eq(str_trim(str_slice(set, 0, eq)), name))
            found = str_trim(str_slice(set, eq + 1, end));
    }
    return found.ptr || !reply->jar ? found : jar_find(reply->jar, name);
}

/* The raw value; ptr NULL when there is none. */
static Str find(const LookItem *it, const HttpLookReply *reply)
{
    Str body = { reply->seen->body, reply->seen->n_body }, found = { 0 };
    ptrdiff_t at = 0;
    switch (it->kind) {
    case LOOK_JSON:
        return json_find(body, it->arg, &found) == 0 ? found : (Str){ 0 };
    case LOOK_REGEX:
        return regex_find(it->regex, &reply->seen->scratch, body, &found) ? found : (Str){ 0 };
    case LOOK_HEADER:
        return seen_field(reply->seen, it->arg, &at);
    case LOOK_COOKIE:
        return find_cookie(reply, it->arg);
    case LOOK_FORM:
        return html_form_value(body, it->arg);
    case LOOK_BODY:
        return body.len ? body : STR("");
    case LOOK_SIZE:
    case LOOK_TIME:
    case LOOK_SCRIPT:
        break;
    }
    return found;
}

/* As a value that people would write: strings without their quotes and references. Longer ones
 * than the buffer stay as they are. */
static Str plain(const LookItem *it, Str raw, char *buf, ptrdiff_t cap)
{
    ptrdiff_t n = -1;
    if (raw.len <= cap && it->kind == LOOK_JSON)
        n = json_unquote(raw, buf);
    else if (raw.len <= cap && it->kind == LOOK_FORM)
        n = html_unescape(raw, buf);
    return n < 0 ? raw : (Str){ buf, n };
}

static bool within(const LookItem *it, uint64_t v)
{
    if (v == it->limit)
        return it->or_equal;
    return it->at_least ? v > it->limit : v < it->limit;
}

static bool holds(const LookItem *it, const HttpLookReply *reply, Str value)
{
    const Outcome *o = reply->out;
    switch (it->kind) {
    case LOOK_SIZE:
        return within(it, reply->body_bytes);
    case LOOK_TIME:
        return within(it, o->done_ns - o->sent_ns);
    case LOOK_REGEX: /* `regex PATTERN: yes`: it matches; any other text: what it finds */
        return value.ptr &&
               (str_eqz(it->want, "yes") || str_eqz(it->want, "true") || str_eq(value, it->want));
    case LOOK_JSON:
    case LOOK_COOKIE:
    case LOOK_FORM:
        return value.ptr && str_eq(value, it->want);
    case LOOK_HEADER:
    case LOOK_BODY:
        return value.ptr && str_find(value, it->want) >= 0;
    case LOOK_SCRIPT:
        break;
    }
    return false;
}

static Str header_of(void *user, Str name)
{
    ptrdiff_t at = 0;
    return seen_field(user, name, &at);
}

static const char *ask_script(const LookItem *it, VuIo *io, const HttpLookReply *reply)
{
    const HttpSeen *seen = reply->seen;
    const ScriptReply r = { .status = reply->out->status,
                            .body = { seen->body, seen->n_body },
                            .took_ns = reply->out->done_ns - reply->out->sent_ns,
                            .header = header_of,
                            .user = reply->seen };
    return script_check(io, it->fn, &r);
}

const char *http_look(const HttpLook *l, VuIo *io, const HttpLookReply *reply)
{
    ptrdiff_t cap;
    char *buf = vu_scratch(io, &cap);
    if (reply->seen->cut)
        return l->too_long;
    for (ptrdiff_t i = 0; i < l->n; i++) {
        const LookItem *it = &l->v[i];
        const char *why = it->kind == LOOK_SCRIPT ? ask_script(it, io, reply) : NULL;
        if (why)
            return why;
        if (it->kind == LOOK_SCRIPT)
            continue;
        Str raw = find(it, reply);
        Str value = raw.ptr ? plain(it, raw, buf, cap) : raw;
        bool ok = i < l->n_checks ? holds(it, reply, value)
                                  : value.ptr && draw_set(vu_draw(io), it->var, value) == 0;
        if (!ok)
            return it->wrong;
    }
    return NULL;
}
