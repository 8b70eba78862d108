/* What a load over sockets promises: the freeze law, the planned count, memory. Slower than a unit
 * test. Times of a shared machine get an allowance, stated where it is used. */
#include "drivers/http/http.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "drivers/fake_server.h"
#include "drivers/trial.h"
#include "tap.h"

#define OK_REPLY "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, World!"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool sanitized = true;
#else
static const bool sanitized = false;
#endif

enum { FREEZE_T_S = 4, FREEZE_F_S = 2 };

static const FakeScript good = { .reply = { OK_REPLY, sizeof(OK_REPLY) - 1 } };

typedef struct Freeze {
    FakeServer *server;
    pthread_t thread;
    uint64_t begin_ns, stopped_ns, continued_ns;
} Freeze;

static void sleep_until(uint64_t ns)
{
    struct timespec ts = { .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0)
        ;
}

static void *freeze_main(void *arg)
{
    Freeze *z = arg;
    sleep_until(z->begin_ns + NS_PER_S / 2);
    kill(z->server->pid, SIGSTOP);
    z->stopped_ns = clock_mono_ns();
    sleep_until(z->stopped_ns + FREEZE_F_S * NS_PER_S);
    kill(z->server->pid, SIGCONT);
    z->continued_ns = clock_mono_ns();
    return NULL;
}

static void begin_freeze(void *user, uint64_t begin_ns)
{
    Freeze *z = user;
    z->begin_ns = begin_ns;
    pthread_create(&z->thread, NULL, freeze_main, z);
}

/* A server stopped for F of T seconds, far below its capacity: whoever was due x into the freeze
 * waits F - x, so the quantile q of the response time is T q - (T - F), the mean F^2 / 2T. */
static void test_freeze(void)
{
    FakeServer f = fake_start(&good);
    Freeze z = { .server = &f };
    TestTrial t;
    char url[FAKE_URL_MAX];
    test_trial_init(&t, &driver_http);
    test_trial_set(&t, "url", fake_url(url, &f));
    test_trial_set(&t, "rate", "500/s");
    test_trial_set(&t, "connections", "16");
    test_trial_set(&t, "timeout", "30s");
    t.plan.warmup_ns = 200 * NS_PER_MS;
    t.plan.duration_ns = FREEZE_T_S * NS_PER_S;
    t.plan.on_begin = begin_freeze;
    t.plan.user = &z;
    test_trial_run(&t);
    CHECK_INT(t.result, 0, "a trial with a freeze runs (%s)", t.err.msg);
    pthread_join(z.thread, NULL);
    CHECK_INT(t.trial->outcomes.ok, 500 * FREEZE_T_S, "every operation was answered");
    double T = FREEZE_T_S * 1e9, F = (double)(z.continued_ns - z.stopped_ns);
    /* A process that may run again does not run at once on a busy machine: whoever waited longest
     * tells how long the server really stood still, which is no less than we held it. */
    double seen = test_trial_quantile(&t, "latency", 1);
    CHECK(seen >= F - 2e6 - 1e9 / 500, "the freeze shows in full: %.1f of %.1f ms", seen / 1e6,
          F / 1e6);
    F = MAX(F, seen);
    double allowance = 20e6; /* to work off what had piled up */
    for (int i = 0; i < 2; i++) {
        double q = i ? 0.99 : 0.75, law = T * q - (T - F);
        CHECK_NEAR(test_trial_quantile(&t, "latency", q), law, MAX(0.01 * law, 2e6) + allowance,
                   "response time p%g follows the law", q * 100);
    }
    const Metric *m = trial_find_metric(t.trial, "latency");
    CHECK_NEAR(m ? hist_mean(m->hist) : (double)NAN, F * F / 2 / T, F * F / 2 / T / 100 + allowance,
               "and so does the mean");
    CHECK(test_trial_quantile(&t, "service_time", 0.75) < 0.1e9,
          "service time alone would have hidden it: p75 is %g ms",
          test_trial_quantile(&t, "service_time", 0.75) / 1e6);
    CHECK(test_trial_reason(&t, "late-sends"), "the trial says that operations had to wait");
    test_trial_done(&t);
    fake_stop(&f);
}

/* This process's resident bytes now. */
static double resident_bytes(void)
{
    Arena a = { 0 };
    Str s;
    double pages = (double)NAN;
    if (fs_read(&a, "/proc/self/statm", 4096, &s, NULL) == 0) {
        Str piece, rest = s;
        uint64_t n = 0;
        if (str_cut(&rest, ' ', &piece) && str_cut(&rest, ' ', &piece) &&
            str_to_u64(piece, &n) == 0)
            pages = (double)n;
    }
    arena_done(&a);
    return pages * 4096;
}

static void look_at_memory(void *user, const LoadTick *k)
{
    double *most = user;
    (void)k;
    *most = fmax(*most, resident_bytes());
}

static void test_memory(void)
{
    if (sanitized) {
        tap_skip("memory: a sanitizer's own is in the way");
        return;
    }
    FakeServer f = fake_start(&good);
    TestTrial t;
    char url[FAKE_URL_MAX];
    double most = 0;
    test_trial_init(&t, &driver_http);
    test_trial_set(&t, "url", fake_url(url, &f));
    test_trial_set(&t, "users", "1000");
    test_trial_set(&t, "timeout", "5s");
    t.plan.duration_ns = NS_PER_S;
    t.plan.on_tick = look_at_memory;
    t.plan.user = &most;
    test_trial_run(&t);
    CHECK(t.result == 0 && t.trial->outcomes.ok >= 1000, "a thousand connections work (%s)",
          t.err.msg);
    CHECK_INT(outcomes_failed(&t.trial->outcomes), 0, "none of them fails");
    CHECK(most > 0 && most <= 24 * 1024 * 1024, "in %.1f MiB", most / 1024 / 1024);
    test_trial_done(&t);
    fake_stop(&f);
}

/* A real server. It announces every fiftieth close, so none may cost a failure. */
static void write_conf(const char *dir, int port)
{
    StrBuf b = { 0 };
    strbuf_addf(
        &b,
        "daemon off; master_process off; worker_processes 1; pid %s/pid; error_log "
        "%s/error.log; events { worker_connections 256; } http { access_log off; "
        "keepalive_requests 50; client_body_temp_path %s/b; proxy_temp_path %s/p; "
        "fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/s; server { listen "
        "127.0.0.1:%d; location / { return 200 \"Hello, World!\"; } location /no { return "
        "404; } } }",
        dir, dir, dir, dir, dir, dir, dir, port);
    Arena a = { 0 };
    if (fs_write(fs_join(&a, dir, "nginx.conf"), strbuf_str(&b), NULL) < 0)
        abort();
    arena_done(&a);
    strbuf_done(&b);
}

static const char *find_nginx(void)
{
    static const char *const places[] = { "/usr/sbin/nginx", "/usr/bin/nginx",
                                          "/usr/local/sbin/nginx" };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(places); i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return NULL;
}

static int start_nginx(const char *program, const char *dir)
{
    Arena a = { 0 };
    const char *conf = fs_join(&a, dir, "nginx.conf");
    int pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, 2);
        execl(program, program, "-p", dir, "-c", conf, (char *)NULL);
        _exit(127);
    }
    arena_done(&a);
    return pid;
}

/* A trial that ends well or finds nobody: the server is starting. */
static void run_when_up(TestTrial *t, const char *url, const char *path)
{
    for (int i = 0; i < 100; i++) {
        test_trial_init(t, &driver_http);
        test_trial_set(t, "url", url);
        test_trial_set(t, "path", path);
        test_trial_set(t, "users", "4");
        test_trial_run(t);
        if (t->result != -ECONNREFUSED)
            return;
        test_trial_done(t);
        sleep_until(clock_mono_ns() + 50 * NS_PER_MS);
    }
    abort();
}

static void test_nginx(void)
{
    const char *program = find_nginx();
    if (!program) {
        tap_skip("nginx: not installed (tools/setup brings it)");
        return;
    }
    char dir[] = "/tmp/assay-nginx-XXXXXX", url[FAKE_URL_MAX];
    FakeServer place = fake_nobody();
    if (!mkdtemp(dir))
        abort();
    write_conf(dir, place.port);
    place.pid = start_nginx(program, dir);
    TestTrial t;
    run_when_up(&t, fake_url(url, &place), "/");
    const Outcomes *o = &t.trial->outcomes;
    CHECK(t.result == 0 && o->ok > 0 && o->ok == o->scheduled,
          "nginx: all of %llu operations ok %s", (unsigned long long)o->scheduled, t.err.msg);
    CHECK(o->ok < 200 || test_trial_value(&t, "reconnects") > 0, "nginx: closes were followed");
    test_trial_done(&t);
    run_when_up(&t, url, "/no");
    o = &t.trial->outcomes;
    CHECK(o->scheduled > 0 && o->failed[FAIL_STATUS] == o->scheduled, "nginx: 404 is a failure");
    CHECK(test_trial_reason(&t, "nothing-succeeded"), "nginx: … and a trial of them is invalid");
    test_trial_done(&t);
    fake_stop(&place);
    if (fs_remove_tree(dir, NULL) < 0)
        printf("# %s is left behind\n", dir);
}

static void test_pacing(void)
{
    FakeServer f = fake_start(&good);
    TestTrial t;
    char url[FAKE_URL_MAX];
    test_trial_init(&t, &driver_http);
    test_trial_set(&t, "url", fake_url(url, &f));
    test_trial_set(&t, "rate", "9973/s");
    t.plan.warmup_ns = 100 * NS_PER_MS;
    t.plan.duration_ns = NS_PER_S;
    test_trial_run(&t);
    CHECK_INT(t.trial->outcomes.scheduled, 9973, "a prime rate: exactly the planned count");
    CHECK_INT(t.trial->outcomes.ok, 9973, "all answered");
    double p50 = test_trial_quantile(&t, "lateness", 0.5);
    double p99 = test_trial_quantile(&t, "lateness", 0.99);
    printf("# lateness p50 %.1f us, p99 %.1f us\n", p50 / 1e3, p99 / 1e3);
    test_trial_done(&t);
    fake_stop(&f);
}

int main(void)
{
    test_nginx();
    test_pacing();
    test_freeze();
    test_memory();
    return tap_done();
}
