#include "selftest/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftest/fetch.h"
#include "selftest/loop.h"

struct TestServer {
    SrvLoop loop; /* the thread's; unused by the parent of a process */
    int port, pid;
    bool has_thread;
    pthread_t thread;
};

static int listen_on(int port, int *ret_fd, int *ret_port, Err *err)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)port),
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof at;
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return err_errno(err, -errno, "socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* The kernel's arrival time of each request, inherited by accepted connections: what the server
     * did counts from there, however late it was woken. Where there is none, the time of reading
     * stands in. */
    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) < 0) {
        int r = err_errno(err, -errno, "listen on 127.0.0.1:%d", port);
        close(fd);
        return r;
    }
    *ret_fd = fd;
    *ret_port = ntohs(at.sin_port);
    return 0;
}

static void close_fds(SrvLoop *l)
{
    int *fds[] = { &l->listen_fd, &l->epoll_fd, &l->stop_fd };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(fds); i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
        *fds[i] = -1;
    }
}

static int open_fds(TestServer *s, int port, Err *err)
{
    SrvLoop *l = &s->loop;
    TRY(listen_on(port, &l->listen_fd, &s->port, err));
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->epoll_fd < 0 || l->stop_fd < 0)
        return err_errno(err, -errno, "descriptors of the test server");
    return 0;
}

static void *serve(void *arg)
{
    SrvLoop *l = arg;
    Err err = { 0 };
    if (srv_run(l, &err) < 0)
        shutdown(l->listen_fd, SHUT_RDWR); /* clients shall see a refusal, not a silent server */
    srv_done(l);
    return NULL;
}

/* The child's life. It ends with its parent, and when stop_fd (shared by both) is written. */
static _Noreturn void serve_process(TestServer *s, int parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == parent)
        serve(&s->loop);
    _exit(0);
}

static int start_process(TestServer *s, Err *err)
{
    int parent = getpid();
    s->pid = fork();
    if (s->pid < 0)
        return err_errno(err, -errno, "fork the test server");
    if (s->pid == 0)
        serve_process(s, parent);
    close(s->loop.listen_fd); /* else the port would stay open after the child's end */
    s->loop.listen_fd = -1;
    return 0;
}

static int start_thread(TestServer *s, Err *err)
{
    int r = pthread_create(&s->thread, NULL, serve, &s->loop);
    if (r)
        return err_errno(err, -r, "start the test server's thread");
    s->has_thread = true;
    return 0;
}

int test_server_start(TestServer **ret, const TestServerOpts *o, Err *err)
{
    CLEANUP(test_server_stopp) TestServer *s = calloc(1, sizeof *s);
    if (!s)
        return err_set(err, -ENOMEM, "test server");
    s->loop = (SrvLoop){
        .epoll_fd = -1, .listen_fd = -1, .stop_fd = -1, .seed = o->seed, .busy = o->busy
    };
    TRY(open_fds(s, o->port, err));
    TRY(o->process ? start_process(s, err) : start_thread(s, err));
    *ret = TAKE(s);
    return 0;
}

TestServer *test_server_stop(TestServer *s)
{
    if (!s)
        return NULL;
    uint64_t one = 1;
    bool told = s->loop.stop_fd >= 0 && write(s->loop.stop_fd, &one, sizeof one) == sizeof one;
    if (s->has_thread)
        pthread_join(s->thread, NULL);
    if (s->pid > 0) {
        kill(s->pid, told ? SIGCONT : SIGKILL);
        while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    close_fds(&s->loop);
    free(s);
    return NULL;
}

void test_server_stopp(TestServer **s)
{
    *s = test_server_stop(*s);
}

int test_server_port(const TestServer *s)
{
    return s->port;
}

int test_server_pid(const TestServer *s)
{
    return s->pid;
}

/* ---- stats ---- */

static uint64_t get_count(const json_t *j, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(j, key));
}

static int read_hist(const json_t *bins, Hist **ret, Err *err)
{
    TRY(hist_new(ret, err));
    size_t i;
    const json_t *pair;
    json_array_foreach(bins, i, pair)
        hist_record_n(*ret, (uint64_t)json_integer_value(json_array_get(pair, 0)),
                      (uint64_t)json_integer_value(json_array_get(pair, 1)));
    return 0;
}

static int read_route(const json_t *route, TestServerStats *st, Err *err)
{
    st->received = get_count(route, "received");
    st->finished = get_count(route, "finished");
    st->aborted = get_count(route, "aborted");
    const json_t *kinds = json_object_get(route, "kinds");
    for (int k = 0; k < REPLY_N; k++)
        st->kinds[k] = get_count(kinds, srv_reply_name((ReplyKind)k));
    TRY(read_hist(json_object_get(route, "drawn"), &st->drawn, err));
    TRY(read_hist(json_object_get(route, "did"), &st->did, err));
    return read_hist(json_object_get(route, "late"), &st->late, err);
}

static const json_t *find_route(const json_t *all, const char *target)
{
    size_t i;
    const json_t *route;
    json_array_foreach(json_object_get(all, "routes"), i, route)
    {
        const char *t = json_get_text(route, "target");
        if (t && str_eqz(str(t), target))
            return route;
    }
    return NULL;
}

int test_server_stats(const TestServer *s, const char *target, TestServerStats *ret, Err *err)
{
    CLEANUP(json_free) json_t *all = NULL;
    TestServerStats st = { 0 };
    TRY(fetch_json(s->port, "/stats", &all, err));
    int r = read_route(find_route(all, target), &st, err);
    if (r < 0)
        test_server_stats_done(&st);
    else
        *ret = st;
    return r;
}

void test_server_stats_done(TestServerStats *st)
{
    st->drawn = hist_free(st->drawn);
    st->did = hist_free(st->did);
    st->late = hist_free(st->late);
}

int test_server_forget(const TestServer *s, Err *err)
{
    CLEANUP(json_free) json_t *answer = NULL;
    return fetch_json(s->port, "/forget", &answer, err);
}

int test_server_closed_port(Err *err)
{
    int fd, port;
    TRY(listen_on(0, &fd, &port, err));
    close(fd);
    return port;
}
