#include "drivers/postgresql/pg_error.h"

#include <errno.h>

#include "tap.h"

static const struct {
    const char *state, *want;
} states[] = {
    { "40001", "40001 serialization failure" },
    { "42P01", "42P01 no such table" },
    { "23999", "23 constraint violation" },
    { "ZZ000", "another SQL error" },
};

static const struct {
    const char *message;
    int code;
    const char *cause; /* what it begins with; NULL: none */
} refusals[] = {
    { "connection to server at \"h\", port 1 failed: Connection refused\n\tIs it?", -ECONNREFUSED,
      NULL },
    { "connection to server on socket \"/x\" failed: No such file or directory", -ENOENT, NULL },
    { "connection to server at \"h\", port 1 failed: FATAL:  28P01\n", -EACCES, "28P01" },
    { "… failed: FATAL:  28P01\n… failed: FATAL:  3D000\n", -EACCES, "3D000" },
    { "fe_sendauth: no password supplied", -EACCES, "the server asks" },
    { "server does not support SSL, but SSL was required", -EKEYREJECTED, "sslmode" },
    { "SSL error: certificate verify failed", -EKEYREJECTED, "the server's certificate" },
    { "expected authentication request from server, but received H", -EPROTO, "the server does" },
    { "server closed the connection unexpectedly", -ECONNRESET, NULL },
    { "", -ECONNRESET, NULL },
};

int main(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(states); i++)
        CHECK_STR(pg_state_cause(states[i].state), states[i].want, "SQLSTATE %s", states[i].state);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const char *cause, *want = refusals[i].cause;
        CHECK_INT(pg_connect_errno(refusals[i].message, &cause), refusals[i].code, "%s",
                  refusals[i].message);
        CHECK(want ? cause && str_starts(str(cause), str(want)) : !cause, "   its cause");
    }
    return tap_done();
}
