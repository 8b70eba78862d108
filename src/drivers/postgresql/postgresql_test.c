/* The driver against servers that answer well and badly: each query ends in one outcome. */
#include "drivers/postgresql/postgresql.h"

#include <errno.h>
#include <stdlib.h>

#include "drivers/freeze.h"
#include "drivers/postgresql/pg_fake.h"
#include "drivers/trial.h"
#include "tap.h"

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
    for (ptrdiff_t i = 0; i < ARRAY_LEN(cases); i++) {
        FakeServer f = fake_pg_start(&cases[i].s);
        TestTrial t;
        begin(&t, &f);
        test_trial_set_all(&t, cases[i].opts, ARRAY_LEN(cases[i].opts));
        test_trial_run(&t);
        CHECK_STR(t.result ? t.err.msg : test_trial_verdict(&t), cases[i].want, "%s", cases[i].why);
        test_trial_done(&t);
        fake_stop(&f);
    }
}

static void test_login(void)
{
    FakeServer f = fake_pg_start(&(FakePg){ .login = STR(ERROR("28P01")) });
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "password", "s3cret");
    test_trial_run(&t);
    CHECK(t.result < 0 && strstr(t.err.msg, "28P01"), "a refused login: %s", t.err.msg);
    CHECK(!strstr(t.err.msg, "s3cret"), "   and the password is not told");
    test_trial_done(&t);
    fake_stop(&f);
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
    FakeServer f = fake_pg_start(&(FakePg){ .end = FAKE_KEEP });
    TestTrial t;
    begin(&t, &f);
    test_trial_set(&t, "pipeline", "7");
    test_trial_run(&t);
    CHECK_NEAR(test_trial_value(&t, "statements"), 7.0 * (double)t.trial->outcomes.ok, 14,
               "seven statements an operation");
    test_trial_done(&t);
    fake_stop(&f);
}

static const struct {
    const char *name, *value, *word;
} refused[] = {
    { "url", "127.0.0.1", "postgresql://user@host" },
    { "url", "postgresql://u@[::1/", "postgresql://user@host" },
    { "url", "postgresql://u:s3cret@127.0.0.1:1/", "PGPASSWORD" },
    { "url", "postgresql://127.0.0.1:1/?password=s3cret", "PGPASSWORD" },
    { "url", "postgresql://u:s3cret@[::1/", "postgresql://user@host" },
    { "sslmode", "maybe", "verify-full" },
    { "query", " ; ", "empty" },
    { "query", "SELECT ${feed.k}", "feed" },
    { "feed", "/none.csv", "no ${feed.COLUMN}" },
    { "expect_rows", "many", "not a number" },
};

static void test_refused(void)
{
    FakeServer f = fake_nobody();
    for (ptrdiff_t i = 0; i < ARRAY_LEN(refused); i++) {
        TestTrial t;
        begin(&t, &f);
        test_trial_set(&t, refused[i].name, refused[i].value);
        test_trial_run(&t);
        CHECK(t.result < 0 && strstr(t.err.msg, refused[i].word) && !strstr(t.err.msg, "s3cret"),
              "refused: %s %s: %s", refused[i].name, refused[i].value, t.err.msg);
        test_trial_done(&t);
    }
}

static void test_freeze(void)
{
    FakeServer f = fake_pg_start(&(FakePg){ .end = FAKE_KEEP });
    TestTrial t;
    char buf[FREEZE_TEXT_MAX];
    begin(&t, &f);
    CHECK_STR(test_freeze_law(&t, &f, buf), "",
              "a frozen server's time is told from when each was due");
    test_trial_done(&t);
    fake_stop(&f);
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
