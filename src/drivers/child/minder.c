/* The load's side: messages to the minder, and what it left in the slots. */
#include "drivers/child/minder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "drivers/child/mind.h"

int minder_start(Minder *m, char *const *const *programs, Err *err)
{
    int pair[2];
    *m = (Minder){ .fd = -1 };
    m->slots = mmap(NULL, MINDER_SLOTS * sizeof(MinderSlot), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (m->slots == MAP_FAILED)
        m->slots = NULL;
    if (!m->slots || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        int r = -errno;
        minder_stop(m);
        return err_errno(err, r, "cannot prepare to start worker processes");
    }
    m->fd = pair[0];
    m->pid = fork();
    if (m->pid == 0)
        mind(pair[1], m->slots, programs);
    close(pair[1]);
    if (m->pid > 0)
        return 0;
    int r = -errno;
    minder_stop(m);
    return err_errno(err, r, "fork");
}

void minder_stop(Minder *m)
{
    if (m->fd >= 0)
        close(m->fd);
    while (m->pid > 0 && waitpid(m->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    if (m->slots)
        munmap(m->slots, MINDER_SLOTS * sizeof(MinderSlot));
    *m = (Minder){ .fd = -1 };
}

static int take_slot(Minder *m)
{
    for (int i = 0; i < MINDER_SLOTS; i++) {
        /* one given back is free once its process has ended: the minder knows it by the slot */
        int none = minder_has_ended(m, i) ? 2 : 0;
        if (__atomic_compare_exchange_n(&m->slots[i].used, &none, 1, false, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED)) {
            m->slots[i].ended = m->slots[i].n_tail = 0;
            return i;
        }
    }
    return -EAGAIN;
}

void minder_release(Minder *m, int slot)
{
    __atomic_store_n(&m->slots[slot].used, 2, __ATOMIC_RELEASE);
}

/* A message, with a descriptor when fd >= 0. */
static int tell(const Minder *m, const MindMessage *msg, int fd)
{
    union {
        char room[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { { 0 } };
    MindMessage copy = *msg;
    struct iovec iov = { &copy, sizeof copy };
    struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
    if (fd >= 0) {
        h.msg_control = control.room;
        h.msg_controllen = sizeof control.room;
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    return sendmsg(m->fd, &h, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int spawn(Minder *m, int program, int slot, int *ret_fd)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return -errno;
    int r = fcntl(pair[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
    if (r == 0)
        r = tell(m, &(MindMessage){ MIND_START, slot, program }, pair[1]);
    close(pair[1]);
    if (r < 0)
        close(pair[0]);
    else
        *ret_fd = pair[0];
    return r;
}

int minder_spawn(Minder *m, int program, int *ret_fd)
{
    int slot = take_slot(m);
    if (slot < 0)
        return slot;
    int r = spawn(m, program, slot, ret_fd);
    if (r < 0)
        __atomic_store_n(&m->slots[slot].used, 0, __ATOMIC_RELEASE);
    return r < 0 ? r : slot;
}

/* When the minder is gone, its workers are, too. */
void minder_end(Minder *m, int slot, bool now)
{
    if (tell(m, &(MindMessage){ now ? MIND_KILL : MIND_END, slot, 0 }, -1) < 0)
        __atomic_store_n(&m->slots[slot].ended, 1, __ATOMIC_RELEASE);
}

bool minder_has_ended(const Minder *m, int slot)
{
    return __atomic_load_n(&m->slots[slot].ended, __ATOMIC_ACQUIRE);
}

/* The last lines of stderr that fit, on one line. */
static void put_tail(const MinderSlot *s, char *buf, ptrdiff_t cap)
{
    Str tail = str_trim((Str){ s->tail, s->n_tail });
    if (tail.len == 0 || cap < 8)
        return;
    tail = str_slice(tail, tail.len - (cap - 3), tail.len);
    ptrdiff_t n = snprintf(buf, (size_t)cap, ": " STR_FMT, STR_ARG(tail));
    for (ptrdiff_t i = 0; i < n && i < cap - 1; i++)
        if (buf[i] == '\n')
            buf[i] = '|';
        else if ((unsigned char)buf[i] < ' ')
            buf[i] = ' ';
}

void minder_why(const Minder *m, int slot, char *buf, ptrdiff_t cap)
{
    const MinderSlot *s = &m->slots[slot];
    int n =
        WIFSIGNALED(s->status)
            ? snprintf(buf, (size_t)cap, "the process was ended by signal %d", WTERMSIG(s->status))
            : snprintf(buf, (size_t)cap, "the process ended (exit code %d)",
                       WEXITSTATUS(s->status));
    put_tail(s, buf + n, cap - n);
}
