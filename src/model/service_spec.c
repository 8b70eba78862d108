#include "model/spec.h"

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
        .help = "signal that asks it to end: TERM, INT, QUIT, HUP, USR1, USR2 or KILL"),
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
