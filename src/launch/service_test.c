/* Real servers, started, awaited, stopped and lost. */
#include "launch/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/port.h"
#include "launch/ready.h"
#include "tap.h"

typedef struct Fix {
    Arena arena;
    const char *actor, *dir;
    volatile bool stop;
} Fix;

/* Does the process end within ten seconds? (A bound for failing, not a measure.) */
static bool ends(int pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0)
        return errno == ESRCH;
    struct pollfd p = { fd, POLLIN, 0 };
    int n = poll(&p, 1, 10000);
    close(fd);
    return n == 1;
}

static bool alive(int pid)
{
    return pid > 0 && kill(pid, 0) == 0;
}

static unsigned free_port(void)
{
    uint16_t port = 0;
    Err err = { 0 };
    if (port_free(NULL, &port, &err) < 0)
        abort();
    return port;
}

static ServiceSpec defaults(Fix *f)
{
    ServiceSpec s = { 0 };
    opt_defaults(&f->arena, service_opts, &s);
    return s;
}

static const char *url_of(Fix *f, unsigned port)
{
    return arena_printf(&f->arena, "http://127.0.0.1:%u/base", port);
}

static ServiceSpec server(Fix *f, unsigned port, unsigned delay_ms)
{
    ServiceSpec s = defaults(f);
    s.start = arena_printf(&f->arena, "'%s' serve %u %u", f->actor, port, delay_ms);
    return s;
}

static int start(Fix *f, Service **ret, const ServiceSpec *s, const char *url, Err *err)
{
    return service_start(ret, "web", s, url, f->dir, &f->stop, err);
}

typedef struct PlaceCase {
    const char *url, *host, *port; /* host NULL: refused */
} PlaceCase;

static const PlaceCase places[] = {
    { "http://127.0.0.1:8080", "127.0.0.1", "8080" },
    { "http://example.org/path:1", "example.org", "80" },
    { "https://example.org?x=http://y:1", "example.org", "443" },
    { "redis://user:pa:ss@cache:7000/0", "cache", "7000" },
    { "postgresql:///db", NULL, NULL },
    { "postgres://[::1]:5433/db", "::1", "5433" },
    { "mongodb://a:1,b:2/db", "a", "1" },
    { "nats://[::1]", "::1", "4222" },
    { "localhost:99", "localhost", "99" },
    { "localhost", NULL, NULL },
    { "http://:80", NULL, NULL },
    { "http://h:0", NULL, NULL },
    { "http://h:65536", NULL, NULL },
    { "http://h:x", NULL, NULL },
    { "", NULL, NULL },
};

static void test_places(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(places); i++) {
        Arena a = { 0 };
        Err err = { 0 };
        const char *host = NULL, *port = NULL;
        int r = url_place(&a, places[i].url, &host, &port, &err);
        CHECK((r == 0) == (places[i].host != NULL), "url '%s' %s", places[i].url, err.msg);
        CHECK_STR(host, places[i].host, "host");
        CHECK_STR(port, places[i].port, "port");
        arena_done(&a);
    }
}

typedef struct CheckCase {
    const char *ready, *url, *words; /* words NULL: refused */
} CheckCase;

static const CheckCase checks[] = {
    { NULL, NULL, "nothing" },
    { NULL, "http://h:1", "port 1 of h to accept" },
    { "/up", "http://h:1/x", "http://h:1/up to answer" },
    { "/up", "https://h", "port 443 of h to accept" },
    { "/up", NULL, NULL },
    { "tcp:99", NULL, "port 99 of 127.0.0.1 to accept" },
    { "tcp:99", "http://h:1", "port 99 of h to accept" },
    { "tcp:g:99", "http://h:1", "port 99 of g to accept" },
    { "tcp:", NULL, NULL },
    { "tcp:x", NULL, NULL },
    { "log:is up", NULL, "'is up' in its log" },
    { "log:", NULL, NULL },
    { "sleep:5s", NULL, NULL },
    { "healthz", "http://h:1", NULL },
};

static void test_checks(void)
{
    for (ptrdiff_t i = 0; i < ARRAY_LEN(checks); i++) {
        const CheckCase *c = &checks[i];
        Arena a = { 0 };
        Err err = { 0 };
        Ready r;
        char words[READY_WORDS_MAX];
        int e = ready_parse(&a, c->ready, c->url, &r, &err);
        if (c->words)
            CHECK_STR(e < 0 ? err.msg : ready_words(words, &r), c->words, "ready %s",
                      c->ready ? c->ready : "(none)");
        else
            CHECK(e == -EINVAL && err.msg[0], "%s", err.msg);
        arena_done(&a);
    }
}

static void check_up(Fix *f, const ServiceSpec *spec, const char *url, const char *why)
{
    Service *s = NULL;
    Err err = { 0 };
    int status;
    CHECK_INT(start(f, &s, spec, url, &err), 0, "%s: up %s", why, err.msg);
    if (!s)
        return;
    int pid = service_pid(s);
    CHECK(alive(pid) && !service_exited(s, &status), "%s: runs", why);
    s = service_stop(s);
    CHECK(!s && !alive(pid), "%s: is gone when stopped", why);
}

static void test_ready(Fix *f)
{
    unsigned port = free_port();
    ServiceSpec s = server(f, port, 150);
    check_up(f, &s, url_of(f, port), "port of the url");
    s.ready = "/up";
    check_up(f, &s, url_of(f, port), "HTTP");
    s.ready = "log:listening on";
    check_up(f, &s, NULL, "log");
    s.ready = arena_printf(&f->arena, "tcp:%u", port);
    check_up(f, &s, NULL, "another port");
    s.ready = NULL;
    check_up(f, &s, NULL, "no check");
    s.shell = true;
    s.start = arena_printf(&f->arena, "cd /; %s; true", s.start);
    check_up(f, &s, url_of(f, port), "shell");
}

static void test_not_ready(Fix *f)
{
    unsigned port = free_port();
    Service *s = NULL;
    Err err = { 0 };
    ServiceSpec spec = server(f, port, 0);
    spec.ready = "/down";
    spec.ready_timeout = 50 * NS_PER_MS;
    CHECK_INT(start(f, &s, &spec, url_of(f, port), &err), -ETIMEDOUT, "never ready");
    CHECK(strstr(err.msg, "answers 503") && strstr(err.msg, "listening on"), "%s", err.msg);
    spec = defaults(f);
    spec.shell = true;
    spec.start = "for i in 1 2 3 4 5 6 7; do echo line $i; done; exit 3";
    CHECK_INT(start(f, &s, &spec, url_of(f, port), &err), -ECHILD, "exits early");
    CHECK(strstr(err.msg, "code 3") && strstr(err.msg, "line 3\nline 4") &&
              !strstr(err.msg, "line 2"),
          "%s", err.msg);
    spec.start = "kill -11 $$";
    CHECK_INT(start(f, &s, &spec, url_of(f, port), &err), -ECHILD, "crashes early");
    CHECK(strstr(err.msg, "signal 11") && strstr(err.msg, "printed nothing"), "%s", err.msg);
    spec = defaults(f);
    spec.start = "no-such-server --port 1";
    CHECK_INT(start(f, &s, &spec, NULL, &err), -ENOENT, "%s", err.msg);
    spec.start = "";
    CHECK_INT(start(f, &s, &spec, NULL, &err), -EINVAL, "%s", err.msg);
    spec.start = "true 'x";
    CHECK_INT(start(f, &s, &spec, NULL, &err), -EINVAL, "%s", err.msg);
    spec.start = "true";
    spec.stop_signal = "TREM";
    CHECK_INT(start(f, &s, &spec, NULL, &err), -EINVAL, "%s", err.msg);
    spec.stop_signal = "SIGINT";
    spec.pid = 1;
    CHECK_INT(start(f, &s, &spec, NULL, &err), -EINVAL, "%s", err.msg);
    f->stop = true;
    spec = server(f, port, 60000);
    CHECK_INT(start(f, &s, &spec, url_of(f, port), &err), -EINTR, "the stop flag ends waiting");
    f->stop = false;
    CHECK(!s, "nothing was handed out");
}

static void test_taken(Fix *f)
{
    unsigned port = free_port();
    Service *a = NULL, *b = NULL;
    Err err = { 0 };
    ServiceSpec s = server(f, port, 0);
    CHECK_INT(start(f, &a, &s, url_of(f, port), &err), 0, "the first %s", err.msg);
    CHECK_INT(service_start(&b, "other", &s, url_of(f, port), f->dir, &f->stop, &err), -EADDRINUSE,
              "%s", err.msg);
    service_stop(a);
}

static void test_exit(Fix *f)
{
    unsigned port = free_port();
    Service *s = NULL;
    Err err = { 0 };
    int status = 0;
    ServiceSpec spec = server(f, port, 0);
    CHECK_INT(start(f, &s, &spec, url_of(f, port), &err), 0, "up %s", err.msg);
    int pid = service_pid(s);
    kill(pid, SIGKILL);
    ends(pid);
    while (!service_exited(s, &status))
        poll(NULL, 0, 1);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a killed server is noticed");
    service_stop(s);
}

static int number_in(Fix *f, const char *path)
{
    Str text = { 0 };
    Err err = { 0 };
    uint64_t v;
    if (fs_read(&f->arena, path, 100, &text, &err) < 0 || str_to_u64(str_trim(text), &v) < 0)
        return -1;
    return (int)v;
}

/* Goes into the background, into a session of its own. */
static void test_daemon(Fix *f)
{
    Service *s = NULL;
    Err err = { 0 };
    int status;
    const char *file = fs_join(&f->arena, f->dir, "daemon.pid");
    ServiceSpec spec = defaults(f);
    spec.start = arena_printf(&f->arena, "%s daemon %s", f->actor, file);
    spec.pidfile = "daemon.pid";
    spec.shell = true;
    spec.start = arena_printf(&f->arena, "%s && echo is up", spec.start);
    spec.ready = "log:is up";
    CHECK_INT(start(f, &s, &spec, NULL, &err), 0, "a daemon %s", err.msg);
    int pid = number_in(f, file);
    CHECK_INT(service_pid(s), pid, "is known by its pidfile");
    CHECK(!service_exited(s, &status), "going into the background is no exit");
    service_stop(s);
    CHECK(!alive(pid), "it is stopped");
    spec.pidfile = NULL;
    CHECK_INT(start(f, &s, &spec, NULL, &err), 0, "without a pidfile %s", err.msg);
    pid = number_in(f, file);
    while (service_pid(s) != pid && !service_exited(s, &status))
        poll(NULL, 0, 1);
    CHECK_INT(service_pid(s), pid, "the launcher finds it");
    service_stop(s);
    CHECK(!alive(pid), "and ends it");
}

static void test_deaf(Fix *f)
{
    Service *s = NULL;
    Err err = { 0 };
    ServiceSpec spec = defaults(f);
    spec.shell = true;
    spec.start = arena_printf(&f->arena, "trap '' TERM; %s deaf & %s deaf", f->actor, f->actor);
    spec.ready = "log:deaf";
    spec.stop_timeout = 50 * NS_PER_MS;
    CHECK_INT(start(f, &s, &spec, NULL, &err), 0, "a tree that ignores TERM %s", err.msg);
    int pid = service_pid(s);
    service_stop(s);
    CHECK(!alive(pid) && kill(-pid, 0) < 0, "is killed as a whole group");
}

static void test_attach(Fix *f)
{
    Service *s = NULL;
    Err err = { 0 };
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    ServiceSpec spec = defaults(f);
    spec.pid = (uint32_t)pid;
    CHECK_INT(start(f, &s, &spec, NULL, &err), 0, "attach %s", err.msg);
    CHECK(service_pid(s) == pid && !service_exited(s, &status), "it is watched");
    s = service_stop(s);
    CHECK(alive(pid), "and left alone at the end");
    const char *file = fs_join(&f->arena, f->dir, "it.pid");
    CHECK_INT(fs_write(file, str(arena_printf(&f->arena, "%d\n", pid)), &err), 0, "a pidfile");
    spec.pid = 0;
    spec.pidfile = "it.pid";
    CHECK_INT(start(f, &s, &spec, NULL, &err), 0, "attach by pidfile %s", err.msg);
    kill(pid, SIGKILL);
    ends(pid);
    CHECK(service_exited(s, &status) && status == 0, "its end is noticed");
    service_stop(s);
    waitpid(pid, NULL, 0);
    CHECK_INT(start(f, &s, &spec, NULL, &err), -ESRCH, "%s", err.msg);
    spec.pidfile = "none.pid";
    CHECK_INT(start(f, &s, &spec, NULL, &err), -ENOENT, "%s", err.msg);
}

/* kill -9 of the process that holds the service, and of the launcher in between. */
static void test_killed(Fix *f)
{
    unsigned port = free_port();
    int said[2];
    if (pipe(said) < 0)
        abort();
    pid_t me = fork();
    if (me == 0) {
        Service *s = NULL;
        Err err = { 0 };
        ServiceSpec spec = defaults(f);
        spec.shell = true;
        spec.start = arena_printf(&f->arena, "trap '' TERM; %s deaf & %s serve %u", f->actor,
                                  f->actor, port);
        int pid = start(f, &s, &spec, url_of(f, port), &err) < 0 ? -1 : service_pid(s);
        if (write(said[1], &pid, sizeof pid) != sizeof pid)
            _exit(1);
        for (;;)
            pause();
    }
    int pid = -1;
    CHECK(read(said[0], &pid, sizeof pid) == sizeof pid && alive(pid), "another process serves");
    kill(me, SIGKILL);
    waitpid(me, NULL, 0);
    CHECK(ends(pid), "when that is killed, the server ends");
    while (kill(-pid, 0) == 0 && ends(pid))
        poll(NULL, 0, 5);
    CHECK(kill(-pid, 0) < 0, "with its whole group, though it ignores TERM");
    close(said[0]);
    close(said[1]);
}

static void test_nginx(Fix *f)
{
    if (access("/usr/sbin/nginx", X_OK) < 0) {
        tap_skip("no nginx here");
        return;
    }
    unsigned port = free_port();
    Err err = { 0 };
    Service *s = NULL;
    int status;
    const char *conf = fs_join(&f->arena, f->dir, "nginx.conf");
    const char *text =
        arena_printf(&f->arena,
                     "pid %s/nginx.pid; error_log stderr; worker_processes 1; events {}\n"
                     "http { access_log off; client_body_temp_path %s/b; proxy_temp_path %s/p;\n"
                     "fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/s;\n"
                     "server { listen 127.0.0.1:%u; location / { return 200 ok; } } }\n",
                     f->dir, f->dir, f->dir, f->dir, f->dir, f->dir, port);
    CHECK_INT(fs_write(conf, str(text), &err), 0, "a configuration");
    ServiceSpec spec = defaults(f);
    spec.start = arena_printf(&f->arena, "/usr/sbin/nginx -c %s", conf);
    spec.ready = "/";
    CHECK_INT(start(f, &s, &spec, url_of(f, port), &err), 0, "nginx as a daemon %s", err.msg);
    if (!s)
        return;
    int master = number_in(f, fs_join(&f->arena, f->dir, "nginx.pid"));
    while (service_pid(s) != master && !service_exited(s, &status))
        poll(NULL, 0, 1);
    CHECK_INT(service_pid(s), master, "its master is the root");
    service_stop(s);
    CHECK(!alive(master), "and ends with it");
}

int main(void)
{
    const char *helpers = getenv("ASSAY_HELPERS");
    if (!helpers)
        TAP_SKIP_ALL("ASSAY_HELPERS does not say where the helper programs are");
    Fix f = { 0 };
    char dir[] = "/tmp/assay-service-XXXXXX";
    Err err = { 0 };
    f.actor = fs_join(&f.arena, helpers, "actor");
    f.dir = mkdtemp(dir);
    test_places();
    test_checks();
    test_ready(&f);
    test_not_ready(&f);
    test_taken(&f);
    test_exit(&f);
    test_daemon(&f);
    test_deaf(&f);
    test_attach(&f);
    test_killed(&f);
    test_nginx(&f);
    CHECK_INT(fs_remove_tree(dir, &err), 0, "clean-up %s", err.msg);
    arena_done(&f.arena);
    return tap_done();
}
