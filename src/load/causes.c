/* What operations failed of: two small tables, filled in the hot loop without allocation, and the
 * words made of them at the end. */
#include <string.h>

#include "load/tally.h"

void causes_add_status(Causes *c, int status, uint64_t n)
{
    int i = 0;
    while (i < c->n_codes && c->codes[i].status != status)
        i++;
    if (i == TALLY_CODES) {
        c->other += n;
        return;
    }
    c->n_codes = MAX(c->n_codes, i + 1);
    c->codes[i].status = status;
    c->codes[i].n += n;
}

/* Mostly the same text is the same pointer; where it comes from outside, each thread has its own.
 */
static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

void causes_add(Causes *c, const char *text, int code, uint64_t n)
{
    int i = 0;
    while (i < c->n_causes && (!same_text(c->causes[i].text, text) || c->causes[i].code != code))
        i++;
    if (i == TALLY_CAUSES) {
        c->other += n;
        return;
    }
    c->n_causes = MAX(c->n_causes, i + 1);
    c->causes[i].text = text;
    c->causes[i].code = code;
    c->causes[i].n += n;
}

void causes_merge(Causes *into, const Causes *from)
{
    for (int i = 0; i < from->n_codes; i++)
        causes_add_status(into, from->codes[i].status, from->codes[i].n);
    for (int i = 0; i < from->n_causes; i++)
        causes_add(into, from->causes[i].text, from->causes[i].code, from->causes[i].n);
    into->other += from->other;
}

/* Index over both tables, codes first, of the most frequent row not yet said; -1: none. */
static int most_frequent(const Causes *c, const bool *said)
{
    int best = -1;
    uint64_t most = 0;
    for (int i = 0; i < c->n_codes + c->n_causes; i++) {
        uint64_t n = i < c->n_codes ? c->codes[i].n : c->causes[i - c->n_codes].n;
        if (said[i] || n <= most)
            continue;
        most = n;
        best = i;
    }
    return best;
}

void causes_describe(const Causes *c, int most, StrBuf *b)
{
    bool said[TALLY_CODES + TALLY_CAUSES] = { false };
    for (int k = 0; k < most; k++) {
        int i = most_frequent(c, said);
        if (i < 0)
            return;
        said[i] = true;
        if (k > 0)
            strbuf_addz(b, ", ");
        if (i < c->n_codes) {
            strbuf_addf(b, "%llu x status %d", (unsigned long long)c->codes[i].n,
                        c->codes[i].status);
            continue;
        }
        const CauseCount *row = &c->causes[i - c->n_codes];
        const char *text = row->text ? row->text : strerrordesc_np(-row->code);
        strbuf_addf(b, "%llu x %s", (unsigned long long)row->n, text ? text : "unknown error");
    }
}
