/* What is shown of a URL never holds a password. */
#include "store/postgres_url.h"

#include <string.h>

#include "tap.h"

static void test_shown(void)
{
    static const struct {
        const char *url, *shown;
    } rows[] = {
        { "postgresql://h/db", "postgresql://h/db" },
        { "postgresql://me@h:5432/db", "postgresql://me@h:5432/db" },
        { "postgresql://me:s3cret@h:5432/db", "postgresql://me@h:5432/db" },
        { "postgres://me:s3cret@h/db", "postgres://me@h/db" },
        { "postgresql://me:s3c/r@et@h/db", "postgresql://me@h/db" },
        { "postgresql://me:s3c?r@h/db?sslmode=require", "postgresql://me@h/db?sslmode=require" },
        { "postgresql://me:s3cret/db", "postgresql://me:***" },
        { "postgresql://:s3cret@/db", "postgresql://@/db" },
        { "postgresql://h/db?password=s3cret&user=me", "postgresql://h/db?password=***&user=me" },
        { "postgresql://h/db?p%61ssword=s3cret", "postgresql://h/db?p%61ssword=***" },
        { "postgresql://h/db?sslpassword=s3cret", "postgresql://h/db?sslpassword=***" },
        { "postgresql://h/db?user=me:s3cret@x", "postgresql://h/db?user=***" },
        { "postgresql://h:5432/db?user=a@b", "postgresql://h:5432/db?user=***" },
        { "postgresql://me@corp:s3cret@h/db", "postgresql://me@corp:***" },
        { "postgresql://me:12/s3cret@h/db", "postgresql://me@h/db" },
        { "postgresql://[::1]:5433,b:5434/db", "postgresql://[::1]:5433,b:5434/db" },
        { "postgresql:///db?host=/tmp/x&port=5433", "postgresql:///db?host=/tmp/x&port=5433" },
        { "postgresql:me:s3cret@h", "postgresql:me@h" },
        { "postgresql:", "postgresql:" },
    };
    CLEANUP(arena_done) Arena a = { 0 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *shown = postgres_shown_url(&a, rows[i].url);
        CHECK(!strstr(shown, "s3c"), "%s: no password", rows[i].url);
        CHECK_STR(shown, rows[i].shown, "   but the rest");
    }
}

static void test_database(void)
{
    CLEANUP(arena_done) Arena a = { 0 };
    CHECK_STR(postgres_database_url(&a, "postgresql://me@h:1/db?sslmode=require&port=2"),
              "postgresql://h:1/db?port=2", "the place alone");
    CHECK_STR(postgres_database_url(&a, "postgres://h/db"), "postgresql://h/db", "either scheme");
}

int main(void)
{
    test_shown();
    test_database();
    return tap_done();
}
