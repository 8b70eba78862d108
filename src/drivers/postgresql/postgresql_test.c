/* The driver against servers that answer well and badly: each query ends in one outcome. */
#include "drivers/postgresql/postgresql.h"

#include <errno.h>
#include <stdlib.h>

#include "drivers/postgresql/pg_fake.h"
#include "tap.h"

#include "drivers/trial_test_util.h"

#define READY "Z\0\0\0\x05I"
#define ERROR(state) "E\0\0\0\023SFATAL\0C" state "\0\0"

static void begin(TestTrial *t, const FakeServer *f)
{
    char url[FAKE_URL_MAX];
    test_trial_init(t, &driver_postgresql);
    snprintf(url, sizeof url, "postgresql://u@127.0.0.1:%d/db", f->port);
    test_trial_set(t, "url", url);
    test_trial_set(t, "users", "2");
    t->plan.duration_ns = 40 * NS_PER_MS;
}

static const struct {
    FakePg s;
    const char *opts[6]; /* name, value, … */
    const char *want, *why;
} cases[] = {
    { { .end = FAKE_KEEP }, .want = "ok", .why = "prepared" },
    { { .end = FAKE_KEEP }, { "protocol", "extended" }, .want = "ok", .why = "parsed each time" },
    { { .end = FAKE_KEEP }, { "protocol", "simple" }, .want = "ok", .why = "as text" },
    { { .end = FAKE_KEEP }, { "pipeline", "20" }, .want = "ok", .why = "a pipeline" },
    { { .end = FAKE_KEEP }, { "transaction", "yes" }, .want = "ok", .why = "a transaction" },
    { { .end = FAKE_KEEP }, { "expect_rows", "1" }, .want = "check", .why = "a row is missing" },
    { { .reply = STR(ERROR("42P01") READY) },
      { "protocol", "simple" },
      .want = "status",
      .why = "an error" },
    { { .reply = STR(ERROR("42P01") READY) }, .want = "status", .why = "one while preparing" },
    { { .reply = STR("HTTP/1.1 400 Bad Request\r\n\r\n") },
      { "protocol", "simple" },
      .want = "protocol",
      .why = "another protocol" },
    { { .reply = STR("T\xff\xff\xff\xff") },
      { "protocol", "simple" },
      .want = "protocol",
      .why = "a length that can't be" },
    { { .reply = STR("G\0\0\0\x07\0\0\0") },
      { "protocol", "simple" },
      .want = "protocol",
      .why = "COPY" },
    { { .reply = STR("C\0\0\0\x0dSELE"), .end = FAKE_CLOSE },
      { "protocol", "simple" },
      .want = "reset",
      .why = "closed within the reply" },
    { { .reply = STR("C\0\0\0\x0dSELECT 0\0"), .end = FAKE_RESET },
      { "protocol", "simple" },
      .want = "reset",
      .why = "reset before it is complete" },
    { { .reply = STR(ERROR("57P01")), .end = FAKE_CLOSE },
      { "protocol", "simple" },
      .want = "reset",
      .why = "terminated by an administrator" },
    { { .end = FAKE_CLOSE }, .want = "reset", .why = "closed instead of a reply" },
    { { .end = FAKE_HOLD }, { "timeout", "20ms" }, .want = "timed_out", .why = "silence" },
};

static void test_cases(void)
{
    CHECK_VERDICTS(begin, fake_pg_start, cases);
}

static void test_login(void)
{
    check_no_trial(begin, fake_pg_start(&(FakePg){ .login = STR(ERROR("28P01")) }),
                   &(Refused){ { "password", "s3cret" }, "28P01", "a login" });
}

/* libpq closes the first's socket and opens the second's, mostly with the same number. */
static void test_second_host(void)
{
    FakeServer nobody = fake_nobody(), f = fake_pg_start(&(FakePg){ .end = FAKE_KEEP });
    char url[2 * FAKE_URL_MAX];
    TestTrial t;
    begin(&t, &f);
    snprintf(url, sizeof url, "postgresql://u@127.0.0.1:%d,127.0.0.1:%d/db", nobody.port, f.port);
    test_trial_set(&t, "url", url);
    test_trial_run(&t);
    CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), "ok", "the second of two hosts");
    test_trial_done(&t);
    fake_stop(&f);
}

static void test_statements(void)
{
    check_pipeline(begin, fake_pg_start(&(FakePg){ .end = FAKE_KEEP }), "statements");
}

static const Refused refused[] = {
    { { "url", "127.0.0.1" }, "postgresql://user@host" },
    { { "url", "postgresql://u@[::1/" }, "postgresql://user@host" },
    { { "url", "postgresql://u:s3cret@127.0.0.1:1/" }, "PGPASSWORD" },
    { { "url", "postgresql://127.0.0.1:1/?password=s3cret" }, "PGPASSWORD" },
    { { "url", "postgresql://u:s3cret@[::1/" }, "postgresql://user@host" },
    { { "sslmode", "maybe" }, "verify-full" },
    { { "query", " ; " }, "empty" },
    { { "query", "SELECT ${feed.k}" }, "feed" },
    { { "feed", "/none.csv" }, "no ${feed.COLUMN}" },
    { { "expect_rows", "many" }, "not a number" },
};

static void test_refused(void)
{
    check_refused(begin, refused, ARRAY_LEN(refused));
}

static void test_freeze(void)
{
    check_freeze(begin, fake_pg_start(&(FakePg){ .end = FAKE_KEEP }));
}

int main(void)
{
    if (!pg_built_in()) {
        tap_skip("this build has no libpq (libpq-dev)");
        return tap_done();
    }
    test_freeze();
    test_cases();
    test_login();
    test_second_host();
    test_statements();
    test_refused();
    return tap_done();
}
