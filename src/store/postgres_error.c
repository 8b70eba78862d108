/* What PostgreSQL or libpq said, as errors that name the store and the cure. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres.h"

/* SQLSTATEs by their beginning, PostgreSQL 15, appendix A; the first that fits counts. */
typedef struct State {
    const char *state;
    int code;
    const char *cure;
} State;

static const State states[] = {
    { "28P01", -EACCES,
      "set PGPASSWORD, or a line of ~/.pgpass (or the file that PGPASSFILE names) for it" },
    { "28", -EACCES, "check the user's name, and the server's pg_hba.conf" },
    { "3D000", -ENXIO, "make it with createdb, or correct the name at the end of the URL" },
    { "42501", -EACCES,
      "grant the user what is missing: CREATE on the database for the first use, then the rights "
      "on the schema assay" },
    { "25006", -EROFS, "the server takes no writes (a standby?): name the primary in the URL" },
    { "40001", -EAGAIN, "try again" },
    { "40P01", -EAGAIN, "try again" },
    { "23503", -EAGAIN, "try again" },
    { "23505", -EAGAIN, "try again" },
    { "57014", -EHOSTUNREACH, "ASSAY_STORE_TIMEOUT allows it more time" },
    { "57", -EHOSTUNREACH, "it is starting or stopping" },
    { "08", -EHOSTUNREACH, "look at the network between" },
    { "53100", -ENOSPC, "make room on the server's disk" },
    { "53", -EHOSTUNREACH, "the server has too few resources: look at max_connections and memory" },
    { "58", -EIO, "look at the server's log" },
    { "XX", -EBADMSG, "look at the server's log" },
};

static const State *find_state(const char *state)
{
    for (ptrdiff_t i = 0; state && i < ARRAY_LEN(states); i++)
        if (strncmp(states[i].state, state, strlen(states[i].state)) == 0)
            return &states[i];
    return NULL;
}

/* One line of it, without the end of the line. */
static Str first_line(const char *text)
{
    Str rest = str(text), line = { NULL, 0 };
    str_cut(&rest, '\n', &line);
    return str_trim(line);
}

int postgres_gone(const Postgres *p, const char *why, Err *err)
{
    return err_set(err, -EHOSTUNREACH, "%s: '%s' %s", p->sql.doing, p->sql.path, why);
}

int postgres_fail(const Postgres *p, const PGresult *r, Err *err)
{
    const char *state = r ? pq.resultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *said = r ? pq.resultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const State *known = find_state(state);
    if (!state) {
        Str line = first_line(pq.errorMessage(p->pg));
        return err_set(err, -EHOSTUNREACH, "%s: '%s': the connection broke: " STR_FMT, p->sql.doing,
                       p->sql.path, STR_ARG(line));
    }
    if (!known)
        return err_set(err, -EIO, "%s: '%s': %s (SQLSTATE %s)", p->sql.doing, p->sql.path,
                       said ? said : "an error", state);
    return err_set(err, known->code, "%s: '%s': %s (SQLSTATE %s); %s", p->sql.doing, p->sql.path,
                   said ? said : "an error", state, known->cure);
}

static bool is_state_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}

/* "28P01" of "FATAL:  28P01: password …" (PQERRORS_VERBOSE), and what stands behind; false when the
 * failure was libpq's own. */
static bool split_state(const char *message, char ret_state[6], const char **ret_said)
{
    for (const char *at = strstr(message, ":  "); at; at = strstr(at + 1, ":  ")) {
        const char *code = at + 3;
        int n = 0;
        while (n < 5 && is_state_char(code[n]))
            n++;
        if (n == 5 && code[5] == ':') {
            memcpy(ret_state, code, 5);
            ret_state[5] = '\0';
            *ret_said = code + 6;
            return true;
        }
    }
    return false;
}

/* What libpq says of itself is several lines, one for each address tried, with hints behind tabs;
 * the last counts. */
static Str last_line(const char *text)
{
    Str rest = str(text), line, last = STR("no reason given");
    while (str_cut(&rest, '\n', &line))
        if (str_trim(line).len && line.ptr[0] != '\t')
            last = str_trim(line);
    return last;
}

int postgres_refused(const Postgres *p, Err *err)
{
    const char *message = pq.errorMessage(p->pg), *said = NULL;
    char state[6];
    if (split_state(message, state, &said)) {
        const State *known = find_state(state);
        Str line = first_line(said);
        return err_set(err, known ? known->code : -EIO,
                       "%s: '%s' refuses: " STR_FMT " (SQLSTATE %s)%s%s", p->sql.doing, p->sql.path,
                       STR_ARG(line), state, known ? "; " : "", known ? known->cure : "");
    }
    if (pq.connectionNeedsPassword(p->pg))
        return err_set(err, -EACCES, "%s: '%s' wants a password, and there is none: %s",
                       p->sql.doing, p->sql.path, states[0].cure);
    Str line = last_line(message);
    return err_set(err, -EHOSTUNREACH, "%s: '%s' can't be reached: " STR_FMT, p->sql.doing,
                   p->sql.path, STR_ARG(line));
}
