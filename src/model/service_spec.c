#include "model/spec.h"

#include <errno.h>
#include <signal.h>

#include "base/str_split.h"

static const struct {
    const char *name;
    int number;
} signals[] = {
    { "TERM", SIGTERM }, { "INT", SIGINT },   { "QUIT", SIGQUIT }, { "HUP", SIGHUP },
    { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 }, { "KILL", SIGKILL }, { "WINCH", SIGWINCH },
};

const Opt service_opts[] = {
    { .type = OPT_HEAD, .name = "Service" },
    OPT(ServiceSpec, start, STR, .arg = "COMMAND",
        .help = "command that starts the server; split into words like a shell does"),
    OPT(ServiceSpec, shell, BOOL, .help = "start it by /bin/sh -c"),
    OPT(ServiceSpec, cwd, STR, .arg = "DIR", .help = "folder to start it in"),
    OPT(ServiceSpec, env, MAP, .arg = "NAME=VALUE", .help = "added to its environment"),
    OPT(ServiceSpec, ready, STR, .arg = "CHECK",
        .help =
            "what shows that it is up: /PATH (HTTP on the url), tcp:PORT or log:TEXT; the url's "
            "port when not given"),
    OPT(ServiceSpec, ready_timeout, NS, .dflt = "30s", .min = 1e6, .max = 3.6e12,
        .help = "how long it may take to come up"),
    OPT(ServiceSpec, stop_signal, STR, .arg = "NAME", .dflt = "TERM",
        .help = "signal that asks it to end: TERM, INT, QUIT, HUP, USR1, USR2, WINCH or KILL"),
    OPT(ServiceSpec, stop_timeout, NS, .dflt = "5s", .min = 0, .max = 3.6e12,
        .help = "how long it may take to end before KILL"),
    OPT(ServiceSpec, log, STR, .arg = "FILE",
        .help = "where its output goes; .assay/logs/NAME.log when not given"),
    OPT(ServiceSpec, pid, U32, .arg = "PID", .dflt = "0",
        .help = "watch this process instead of starting one"),
    OPT(ServiceSpec, pidfile, STR, .arg = "FILE",
        .help = "watch the process whose number is in it"),
    { .type = OPT_END },
};

int service_signal(const char *name)
{
    Str plain = str(name);
    if (!name)
        return SIGTERM;
    if (str_starts(plain, STR("SIG")))
        plain = str_slice(plain, 3, plain.len);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(signals); i++)
        if (str_eqz(plain, signals[i].name))
            return signals[i].number;
    return -EINVAL;
}

static int refuse_signal(const char *name, Err *err)
{
    const char *names[ARRAY_LEN(signals)];
    CLEANUP(strbuf_done) StrBuf list = { .max = 128 };
    for (ptrdiff_t i = 0; i < ARRAY_LEN(signals); i++) {
        names[i] = signals[i].name;
        strbuf_addf(&list, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = str_nearest(str(name), names, ARRAY_LEN(names));
    if (near)
        return err_set(err, -EINVAL, "stop_signal: no signal '%.60s'; did you mean '%s'?", name,
                       near);
    return err_set(err, -EINVAL, "stop_signal: '%.60s' is none of %s", name, strbuf_z(&list));
}

int service_spec_check(const ServiceSpec *s, Err *err)
{
    CLEANUP(arena_done) Arena scratch = { 0 };
    StrList words = { 0 };
    if (service_signal(s->stop_signal) < 0)
        return refuse_signal(s->stop_signal, err);
    if (!s->start || s->shell)
        return 0;
    int r = str_split_words(&scratch, str(s->start), &words, err);
    if (r < 0)
        return err_wrap(err, "start");
    return words.n ? 0 : err_set(err, -EINVAL, "start: an empty command");
}
