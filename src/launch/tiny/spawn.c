#include "launch/tiny/spawn.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>

enum { STACK_BYTES = 8192 };

/* The string at *at, which moves behind it; NULL when the plan ends first. */
static char *next_text(const Plan *p, uint64_t *at)
{
    char *s = p->map + *at;
    while (*at < p->bytes && p->map[*at])
        ++*at;
    return (*at)++ < p->bytes ? s : NULL;
}

int plan_open(Plan *p, const LaunchRequest *q, int fd)
{
    *p = (Plan){ .bytes = q->plan_bytes };
    long map = SYS6(SYS_mmap, 0, p->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    if (map < 0 && map > -4096)
        return (int)map;
    p->map = (char *)map;
    char **table = (char **)(void *)p->map;
    uint64_t at = ((uint64_t)q->n_argv + q->n_env + 2) * sizeof *table;
    p->path = next_text(p, &at);
    p->cwd = next_text(p, &at);
    p->argv = table;
    p->env = table + q->n_argv + 1;
    bool whole = p->path && p->cwd;
    for (uint32_t i = 0; whole && i < q->n_argv; i++)
        whole = (p->argv[i] = next_text(p, &at)) != NULL;
    for (uint32_t i = 0; whole && i < q->n_env; i++)
        whole = (p->env[i] = next_text(p, &at)) != NULL;
    if (!whole)
        plan_close(p);
    return whole ? 0 : -EPROTO;
}

void plan_close(Plan *p)
{
    if (p->map)
        SYS2(SYS_munmap, p->map, p->bytes);
    p->map = NULL;
}

typedef struct Start {
    const Plan *plan;
    const int *fds;
    volatile int error;
    volatile uint32_t stage;
} Start;

/* In the child, on memory shared with the launcher, which sleeps: between here and exec nothing may
 * be changed but `s`. All descriptors but 0 to 2 close on exec. */
static void run_child(void *arg)
{
    Start *s = arg;
    uint64_t none = 0;
    SYS2(SYS_setpgid, 0, 0);
    SYS2(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL);
    s->stage = LAUNCH_STAGE_CHDIR;
    s->error = (int)(s->plan->cwd[0] ? SYS1(SYS_chdir, s->plan->cwd) : 0);
    if (s->error == 0) {
        for (int i = 0; i < 3; i++)
            SYS3(SYS_dup3, s->fds[i], i, 0);
        SYS4(SYS_rt_sigprocmask, SIG_SETMASK, &none, 0, sizeof none);
        s->stage = LAUNCH_STAGE_EXEC;
        s->error = (int)SYS3(SYS_execve, s->plan->path, s->plan->argv, s->plan->env);
    }
    sys_exit(127);
}

int spawn(const Plan *p, const int fds[3], uint32_t *ret_stage)
{
    static _Alignas(16) char stack[STACK_BYTES];
    Start s = { .plan = p, .fds = fds };
    int pid = (int)sys_spawn(run_child, stack + sizeof stack, &s);
    if (pid < 0 || s.error == 0)
        return pid;
    int status;
    while (sys_wait(pid, &status, 0, NULL) == -EINTR)
        ;
    *ret_stage = s.stage;
    return s.error;
}
