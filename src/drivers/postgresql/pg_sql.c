#include "drivers/postgresql/pg_sql.h"

#include <errno.h>
#include <string.h>

enum { SHOWN = 40 };

typedef struct Reader {
    Arena *a;
    Str in;
    TemplateEnv env;
    SqlScript *script;
    SqlStatement now;
    ptrdiff_t cap_pieces, cap_values, n_pieces;
    ptrdiff_t from;  /* where the piece at hand begins */
    ptrdiff_t depth; /* of parentheses, within which ';' ends nothing */
} Reader;

static char at(Str s, ptrdiff_t i)
{
    return i >= 0 && i < s.len ? s.ptr[i] : '\0';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

/* ---- where quotes and comments end: behind them, or -1 ---- */

static ptrdiff_t end_of_quote(Str in, ptrdiff_t i, bool backslashes)
{
    char quote = in.ptr[i++];
    for (; i < in.len; i++) {
        if (backslashes && in.ptr[i] == '\\')
            i++;
        else if (in.ptr[i] == quote && at(in, i + 1) == quote)
            i++;
        else if (in.ptr[i] == quote)
            return i + 1;
    }
    return -1;
}

/* They nest, unlike C's. */
static ptrdiff_t end_of_comment(Str in, ptrdiff_t i)
{
    ptrdiff_t depth = 0;
    while (i < in.len) {
        bool opens = in.ptr[i] == '/' && at(in, i + 1) == '*';
        bool closes = in.ptr[i] == '*' && at(in, i + 1) == '/';
        depth += opens - closes;
        i += opens || closes ? 2 : 1;
        if (depth == 0)
            return i;
    }
    return -1;
}

static ptrdiff_t end_of_line(Str in, ptrdiff_t i)
{
    ptrdiff_t n = str_find_char(str_slice(in, i, in.len), '\n');
    return n < 0 ? in.len : i + n + 1;
}

/* $tag$ … $tag$; i itself when no such quote begins here. */
static ptrdiff_t end_of_dollars(Str in, ptrdiff_t i)
{
    ptrdiff_t tag = i + 1;
    while (is_word(at(in, tag)) && at(in, tag) != '$')
        tag++;
    if (at(in, tag) != '$' || (at(in, i + 1) >= '0' && at(in, i + 1) <= '9'))
        return i;
    Str mark = str_slice(in, i, tag + 1);
    ptrdiff_t n = str_find(str_slice(in, tag + 1, in.len), mark);
    return n < 0 ? -1 : tag + 1 + n + mark.len;
}

/* ---- statements ---- */

static void add_piece(Reader *r, ptrdiff_t to)
{
    Str piece = str_slice(r->in, r->from, to);
    ARENA_PUSH(r->a, r->now.pieces, r->n_pieces, r->cap_pieces, piece);
}

/* What stands in [from, to) is a value, made of `text`. */
static int add_value(Reader *r, ptrdiff_t from, ptrdiff_t to, Str text, Err *err)
{
    Template *t = NULL;
    if (r->now.n_values == SQL_PARAMS_MAX)
        return err_set(err, -EINVAL, "query: more than %d values in a statement", SQL_PARAMS_MAX);
    TRY(template_compile(r->a, text, QUOTE_NONE, r->env, &t, err));
    add_piece(r, from);
    ARENA_PUSH(r->a, r->now.values, r->now.n_values, r->cap_values, t);
    r->from = to;
    return 0;
}

static bool is_blank(const Reader *r)
{
    return r->now.n_values == 0 && str_trim(r->now.pieces[0]).len == 0;
}

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return h;
}

static void end_statement(Reader *r, ptrdiff_t to)
{
    CLEANUP(strbuf_done) StrBuf b = { 0 };
    add_piece(r, to);
    if (!is_blank(r)) {
        strbuf_add(&b, r->now.pieces[0]);
        for (ptrdiff_t i = 0; i < r->now.n_values; i++) {
            strbuf_addf(&b, "$%td", i + 1);
            strbuf_add(&b, r->now.pieces[i + 1]);
        }
        r->now.text = arena_str(r->a, str_trim(strbuf_str(&b)));
        r->now.id = hash(r->now.text);
        r->now.name = arena_printf(r->a, "assay_%016llx", (unsigned long long)r->now.id);
        ARENA_PUSH(r->a, r->script->v, r->script->n, r->script->cap, r->now);
    }
    r->now = (SqlStatement){ 0 };
    r->n_pieces = r->cap_pieces = r->cap_values = 0;
    r->from = to + 1;
}

/* ---- tokens: each returns where the next one begins, or negative with err ---- */

static ptrdiff_t unclosed(const Reader *r, ptrdiff_t i, Err *err)
{
    return err_set(err, -EINVAL, "query: what begins with '" STR_FMT "' has no end",
                   STR_ARG(str_slice(r->in, i, MIN(i + SHOWN, r->in.len))));
}

/* What can't be a parameter must not vary. */
static ptrdiff_t fixed(const Reader *r, ptrdiff_t i, ptrdiff_t end, Err *err)
{
    if (end < 0)
        return unclosed(r, i, err);
    if (template_varies(str_slice(r->in, i, end), r->env.vars))
        return err_set(err, -EINVAL,
                       "query: '" STR_FMT "': only values can differ, alone or within '…'",
                       STR_ARG(str_slice(r->in, i, MIN(i + SHOWN, end))));
    return end;
}

/* The constant 'it''s' without its quotes. */
static Str unquote(Reader *r, Str in)
{
    char *to = arena_alloc(r->a, in.len + 1);
    ptrdiff_t n = 0;
    for (ptrdiff_t i = 1; i + 1 < in.len; i++) {
        to[n++] = in.ptr[i];
        i += in.ptr[i] == '\'';
    }
    return (Str){ to, n };
}

static ptrdiff_t read_constant(Reader *r, ptrdiff_t i, Err *err)
{
    char before = at(r->in, i - 1);
    bool escaped = (before == 'e' || before == 'E') && !is_word(at(r->in, i - 2));
    ptrdiff_t end = end_of_quote(r->in, i, escaped);
    bool plain = !is_word(before) && before != '&';
    if (end < 0 || !plain || !template_varies(str_slice(r->in, i, end), r->env.vars))
        return fixed(r, i, end, err);
    TRY(add_value(r, i, end, unquote(r, str_slice(r->in, i, end)), err));
    return end;
}

static ptrdiff_t read_dollar(Reader *r, ptrdiff_t i, Err *err)
{
    ptrdiff_t bytes, end;
    char next = at(r->in, i + 1);
    if (is_word(at(r->in, i - 1)))
        return i + 1;
    if (next >= '0' && next <= '9')
        return err_set(err, -EINVAL, "query: $%c: parameters are made of ${…}, not numbered", next);
    if (next != '{') {
        end = end_of_dollars(r->in, i);
        return end == i ? i + 1 : fixed(r, i, end, err);
    }
    Str rest = str_slice(r->in, i, r->in.len);
    if (template_find(rest, r->env.vars, &bytes) != 0)
        return i + 1;
    end = bytes ? i + bytes : r->in.len; /* compiling says what is wrong with it */
    TRY(add_value(r, i, end, str_slice(r->in, i, end), err));
    return end;
}

static ptrdiff_t read_other(Reader *r, ptrdiff_t i)
{
    char c = r->in.ptr[i];
    r->depth += (c == '(') - (c == ')');
    if (c == ';' && r->depth <= 0)
        end_statement(r, i);
    return i + 1;
}

static ptrdiff_t read_token(Reader *r, ptrdiff_t i, Err *err)
{
    char c = r->in.ptr[i], next = at(r->in, i + 1);
    if (c == '\'')
        return read_constant(r, i, err);
    if (c == '$')
        return read_dollar(r, i, err);
    if (c == '"')
        return fixed(r, i, end_of_quote(r->in, i, false), err);
    if (c == '-' && next == '-')
        return fixed(r, i, end_of_line(r->in, i), err);
    if (c == '/' && next == '*')
        return fixed(r, i, end_of_comment(r->in, i), err);
    return read_other(r, i);
}

int sql_compile(Arena *a, Str text, TemplateEnv env, SqlScript *ret, Err *err)
{
    Reader r = { .a = a, .in = text, .env = env, .script = ret };
    if (text.len && memchr(text.ptr, '\0', (size_t)text.len))
        return err_set(err, -EINVAL, "query: holds a NUL byte");
    for (ptrdiff_t i = 0; i < text.len;) {
        i = read_token(&r, i, err);
        if (i < 0)
            return (int)i;
    }
    end_statement(&r, text.len);
    return 0;
}
