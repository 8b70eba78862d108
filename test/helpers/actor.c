/* A program that does one thing, for tests of how programs are started and measured.
 *
 *     actor touch MIB [free]     write to every page of that much fresh memory; say what the kernel
 *                                knows of our size on stdout, then exit
 *     actor hold MIB MS          the same, and keep it for a while
 *     actor spin MS              burn CPU time
 *     actor sleep MS
 *     actor exit CODE
 *     actor die SIGNAL
 *     actor print BYTES          to stdout; `complain BYTES` to stderr
 *     actor deaf                 ignore TERM, say "deaf", and wait for ever
 *     actor orphan MS            leave a grandchild behind that holds stdout open that long
 *     actor daemon FILE          go into the background for ever; its pid into FILE
 *     actor pair MIB MS          two children that hold MIB each at the same time
 *     actor serve PORT [MS]      say "listening", accept TCP on 127.0.0.1 and answer HTTP, after MS
 *     actor tty                  read a line from the terminal
 *     actor become MS PROGRAM…   exec that after a while
 *     actor ticked N             get N timer signals, one a millisecond */
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The digits at the start of the text; 0 when there are none. */
static long number(const char *s)
{
    long v = 0;
    while (s && (*s == ' ' || *s == '\t'))
        s++;
    for (; s && *s >= '0' && *s <= '9'; s++)
        v = v * 10 + (*s - '0');
    return v;
}

static void nap_ms(long ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
    while (nanosleep(&t, &t) < 0)
        ;
}

static char *touch(long mib)
{
    size_t n = (size_t)mib << 20;
    char *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        exit(9);
    for (size_t i = 0; i < n; i += 4096)
        p[i] = 1;
    return p;
}

/* The exact resident size now, in KiB. */
static long rss_kib(void)
{
    static char text[4096];
    int fd = open("/proc/self/status", O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        exit(9);
    text[n] = '\0';
    return number(strstr(text, "VmRSS:") + 6);
}

/* The first round faults in all code that the second one needs, so that the size read there still
 * holds at the exit. */
static void do_touch(long mib, int give_back)
{
    char line[32];
    char *p = touch(mib);
    for (int round = 0; round < 2; round++) {
        int n = snprintf(line, sizeof line, "%ld", rss_kib());
        syscall(SYS_lseek, 1, 0, SEEK_SET);
        syscall(SYS_write, 1, line, n);
    }
    if (give_back)
        munmap(p, (size_t)mib << 20);
    syscall(SYS_exit_group, 0);
}

static void spin_ms(long ms)
{
    struct timespec t;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < ms);
}

static void print(int fd, long n)
{
    static char block[65536];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)('a' + i % 26);
    while (n > 0) {
        size_t want = n < (long)sizeof block ? (size_t)n : sizeof block;
        ssize_t k = write(fd, block, want);
        if (k < 0)
            exit(9);
        n -= k;
    }
}

static void deaf(void)
{
    signal(SIGTERM, SIG_IGN);
    if (write(1, "deaf\n", 5) < 0)
        _exit(9);
    for (;;)
        pause();
}

static void go_daemon(const char *file)
{
    int ready[2];
    char c;
    if (pipe(ready) < 0)
        exit(9);
    if (fork() > 0) { /* leave when the daemon has said who it is */
        close(ready[1]);
        exit(read(ready[0], &c, 1) == 1 ? 0 : 9);
    }
    setsid();
    char pid[16];
    int n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (write(fd, pid, (size_t)n) != n || write(ready[1], "x", 1) != 1)
        _exit(9);
    for (;;)
        pause();
}

static void pair(long mib, long ms)
{
    for (int i = 0; i < 2; i++) {
        if (fork() == 0) {
            touch(mib);
            nap_ms(ms);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
}

static void serve(long port, long delay_ms)
{
    nap_ms(delay_ms);
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0 || listen(s, 8) < 0) {
        perror("listen");
        exit(3);
    }
    printf("listening on %ld\n", port);
    fflush(stdout);
    for (;;) {
        char in[512];
        int c = accept(s, NULL, NULL);
        ssize_t n = read(c, in, sizeof in - 1);
        in[n > 0 ? n : 0] = '\0';
        const char *reply = strncmp(in, "GET /up ", 8) == 0 ? "HTTP/1.0 204 No Content\r\n\r\n"
                                                            : "HTTP/1.0 503 Not Yet\r\n\r\n";
        if (n > 0 && write(c, reply, strlen(reply)) < 0)
            perror("write");
        close(c);
    }
}

static void read_tty(void)
{
    char c;
    int fd = open("/dev/tty", O_RDWR);
    exit(fd >= 0 && read(fd, &c, 1) == 1 ? 0 : 9);
}

static volatile sig_atomic_t n_ticks;

static void on_tick(int sig)
{
    (void)sig;
    n_ticks++;
}

static void ticked(long n)
{
    struct itimerval every = { { 0, 1000 }, { 0, 1000 } };
    signal(SIGALRM, on_tick);
    setitimer(ITIMER_REAL, &every, NULL);
    while (n_ticks < n)
        pause();
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "", *a = argc > 2 ? argv[2] : NULL;
    const char *b = argc > 3 ? argv[3] : NULL;
    if (strcmp(what, "touch") == 0)
        do_touch(number(a), b != NULL);
    else if (strcmp(what, "hold") == 0)
        touch(number(a)), nap_ms(number(b));
    else if (strcmp(what, "spin") == 0)
        spin_ms(number(a));
    else if (strcmp(what, "sleep") == 0)
        nap_ms(number(a));
    else if (strcmp(what, "exit") == 0)
        return (int)number(a);
    else if (strcmp(what, "die") == 0)
        raise((int)number(a));
    else if (strcmp(what, "print") == 0)
        print(1, number(a));
    else if (strcmp(what, "complain") == 0)
        print(2, number(a));
    else if (strcmp(what, "deaf") == 0)
        deaf();
    else if (strcmp(what, "orphan") == 0)
        fork() == 0 ? nap_ms(number(a)) : (void)0;
    else if (strcmp(what, "daemon") == 0)
        go_daemon(a);
    else if (strcmp(what, "pair") == 0)
        pair(number(a), number(b));
    else if (strcmp(what, "serve") == 0)
        serve(number(a), number(b));
    else if (strcmp(what, "tty") == 0)
        read_tty();
    else if (strcmp(what, "become") == 0 && argc > 3)
        nap_ms(number(a)), execvp(argv[3], argv + 3);
    else if (strcmp(what, "ticked") == 0)
        ticked(number(a));
    else
        return 99;
    return 0;
}
