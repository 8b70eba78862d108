/* Command lines into words. */
#include <errno.h>

#include "base/str_split.h"

typedef struct Splitter {
    Str text;
    ptrdiff_t at;
    StrBuf word;
    bool any; /* a word has begun, be it empty ('') */
} Splitter;

/* Inside double quotes a backslash only protects these (POSIX.1-2017, XCU 2.2.3). */
static bool is_protected(char c)
{
    return c == '"' || c == '\\' || c == '$' || c == '`';
}

static int open_quote(const Splitter *s, ptrdiff_t from, Err *err)
{
    return err_set(err, -EINVAL, "the quote %c at column %td is never closed", s->text.ptr[from],
                   from + 1);
}

static int take_single(Splitter *s, Err *err)
{
    ptrdiff_t from = s->at - 1;
    for (; s->at < s->text.len; s->at++) {
        if (s->text.ptr[s->at] == '\'') {
            s->at++;
            return 0;
        }
        strbuf_addc(&s->word, s->text.ptr[s->at]);
    }
    return open_quote(s, from, err);
}

/* A backslash before a newline joins lines; at the end of the text it stands for itself. */
static void take_backslash(Splitter *s, bool quoted)
{
    if (s->at == s->text.len) {
        strbuf_addc(&s->word, '\\');
        return;
    }
    char c = s->text.ptr[s->at++];
    if (c == '\n')
        return;
    if (quoted && !is_protected(c))
        strbuf_addc(&s->word, '\\');
    strbuf_addc(&s->word, c);
}

static int take_double(Splitter *s, Err *err)
{
    ptrdiff_t from = s->at - 1;
    while (s->at < s->text.len) {
        char c = s->text.ptr[s->at++];
        if (c == '"')
            return 0;
        if (c == '\\' && s->at < s->text.len)
            take_backslash(s, true);
        else
            strbuf_addc(&s->word, c);
    }
    return open_quote(s, from, err);
}

static void end_word(Splitter *s, Arena *a, StrList *ret)
{
    if (s->any)
        strlist_add(a, ret, arena_str(a, strbuf_str(&s->word)));
    strbuf_clear(&s->word);
    s->any = false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n';
}

static int split(Splitter *s, Arena *a, StrList *ret, Err *err)
{
    while (s->at < s->text.len) {
        char c = s->text.ptr[s->at++];
        if (is_blank(c)) {
            end_word(s, a, ret);
            continue;
        }
        /* A joined line alone begins no word. */
        if (c == '\\' && s->at < s->text.len && s->text.ptr[s->at] == '\n') {
            s->at++;
            continue;
        }
        s->any = true;
        if (c == '\'')
            TRY(take_single(s, err));
        else if (c == '"')
            TRY(take_double(s, err));
        else if (c == '\\')
            take_backslash(s, false);
        else
            strbuf_addc(&s->word, c);
    }
    end_word(s, a, ret);
    return 0;
}

int str_split_words(Arena *a, Str text, StrList *ret, Err *err)
{
    if (str_find_char(text, '\0') >= 0)
        return err_set(err, -EINVAL, "a command line can't hold a NUL byte");
    Splitter s = { .text = text };
    StrList words = { 0 };
    int r = split(&s, a, &words, err);
    strbuf_done(&s.word);
    if (r < 0)
        return r;
    for (ptrdiff_t i = 0; i < words.n; i++)
        strlist_add(a, ret, words.v[i]);
    return 0;
}
