#include "drivers/postgresql/pg_error.h"

#include <errno.h>
#include <string.h>

enum { STATE_CHARS = 5, CLASS_CHARS = 2 };

/* PostgreSQL 15, appendix A: what loads meet. */
static const char *const states[] = {
    "22001 value too long",
    "22003 number out of range",
    "22012 division by zero",
    "22P02 value is not of the type",
    "23502 null in a column that takes none",
    "23503 foreign key violation",
    "23505 unique violation",
    "23514 check violation",
    "25006 read-only transaction",
    "25P02 transaction is aborted",
    "26000 no such prepared statement",
    "28000 not let in: user, database, address or TLS",
    "28P01 wrong password",
    "3D000 no such database",
    "40001 serialization failure",
    "40P01 deadlock",
    "42501 not permitted",
    "42601 syntax error",
    "42703 no such column",
    "42804 type mismatch",
    "42883 no such function or operator",
    "42P01 no such table",
    "42P05 prepared statement exists already",
    "42P18 type of a value is not clear: cast it",
    "53100 disk full",
    "53200 out of memory",
    "53300 too many connections",
    "55P03 lock not available",
    "57014 cancelled, or statement_timeout",
    "57P01 terminated by an administrator",
    "57P02 server crashed",
    "57P03 server is starting or stopping",
    "57P05 idle session timeout",
};

/* The classes of the same appendix. */
static const char *const classes[] = {
    "08 connection error",
    "0A feature not supported",
    "21 too many rows for one value",
    "22 data error",
    "23 constraint violation",
    "25 transaction state",
    "28 not let in",
    "34 cursor name",
    "38 external routine",
    "40 transaction rolled back",
    "42 syntax or access rule",
    "53 too few resources",
    "54 limit exceeded",
    "55 object state",
    "57 operator intervened",
    "58 system error",
    "P0 raised by PL/pgSQL",
    "XX internal error",
};

static const char *find(const char *const *rows, ptrdiff_t n, const char *state, size_t chars)
{
    for (ptrdiff_t i = 0; i < n; i++)
        if (strncmp(rows[i], state, chars) == 0)
            return rows[i];
    return NULL;
}

const char *pg_state_cause(const char *state)
{
    const char *text = find(states, ARRAY_LEN(states), state, STATE_CHARS);
    if (!text)
        text = find(classes, ARRAY_LEN(classes), state, CLASS_CHARS);
    return text ? text : "another SQL error";
}

/* ---- connecting ---- */

/* The first that is found in the message counts. */
static const struct {
    const char *words;
    int code;
    const char *cause;
} reasons[] = {
    { "invalid response to SSL negotiation", EPROTO, "the server does not speak PostgreSQL" },
    { "expected authentication request", EPROTO, "the server does not speak PostgreSQL" },
    { "no password supplied", EACCES, "the server asks for a password (password, or PGPASSWORD)" },
    { "certificate verify failed", EKEYREJECTED, "the server's certificate is not trusted" },
    { "does not match host name", EKEYREJECTED, "the server's certificate is another host's" },
    { "root certificate file", EKEYREJECTED, "nothing to check certificates with (sslrootcert)" },
    { "does not support SSL", EKEYREJECTED, "sslmode wants TLS, and the server has none" },
    { "SSL error", EKEYREJECTED, "TLS handshake failed" },
};

static const int codes[] = { ECONNREFUSED, EHOSTUNREACH,  ENETUNREACH, ENOENT, EACCES,
                             ECONNRESET,   EADDRNOTAVAIL, EMFILE,      ENFILE, ETIMEDOUT };

/* "FATAL:  28P01\n": the last one, of the address that was tried last. */
static const char *last_state(const char *message)
{
    const char *found = NULL;
    for (const char *p = message; (p = strstr(p, ":  ")) != NULL; p++)
        if (strspn(p + 3, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == STATE_CHARS)
            found = p + 3;
    return found;
}

int pg_connect_errno(const char *message, const char **ret_cause)
{
    const char *state = last_state(message);
    *ret_cause = state ? pg_state_cause(state) : NULL;
    if (state)
        return -EACCES;
    for (ptrdiff_t i = 0; i < ARRAY_LEN(reasons); i++) {
        if (!strstr(message, reasons[i].words))
            continue;
        *ret_cause = reasons[i].cause;
        return -reasons[i].code;
    }
    for (ptrdiff_t i = 0; i < ARRAY_LEN(codes); i++)
        if (strstr(message, strerrordesc_np(codes[i])))
            return -codes[i];
    return -ECONNRESET;
}
