/* A stand-in for the build's drivers, so that tests of the suite language do not change when a
 * driver learns something. */
#pragma once

#include <string.h>

#include "model/suite.h"

typedef struct WebTarget {
    const char *url;
    uint64_t connect_timeout;
    bool verify;
    StrMap headers;
} WebTarget;

typedef struct WebRequest {
    const char *method, *path, *body;
    StrMap headers;
    StrList statuses;
    int version;
    uint64_t body_max;
    double keep;
} WebRequest;

typedef struct KvTarget {
    const char *url;
    uint32_t database;
} KvTarget;

typedef struct KvRequest {
    const char *command;
    uint32_t pipeline;
} KvRequest;

static const char *const web_versions[] = { "1.0", "1.1", NULL };

static const Opt web_target_opts[] = {
    OPT(WebTarget, url, STR, .required = true, .help = "where requests go"),
    OPT(WebTarget, connect_timeout, NS, .dflt = "5s", .min = 1, .max = 60e9,
        .help = "longest wait for a connection"),
    OPT(WebTarget, verify, BOOL, .dflt = "true", .help = "check the server's certificate"),
    OPT(WebTarget, headers, MAP, .help = "headers of every request"),
    { .type = OPT_END },
};

static const Opt web_request_opts[] = {
    OPT(WebRequest, method, STR, .dflt = "GET", .help = "request method"),
    OPT(WebRequest, path, STR, .dflt = "/", .help = "path and query"),
    OPT(WebRequest, body, STR, .help = "request body"),
    OPT(WebRequest, headers, MAP, .help = "headers of this request"),
    OPT(WebRequest, statuses, LIST, .help = "statuses that count as success"),
    OPT(WebRequest, version, ENUM, .choices = web_versions, .dflt = "1.1", .help = "HTTP version"),
    OPT(WebRequest, body_max, BYTES, .dflt = "1MiB", .help = "largest reply that is read"),
    OPT(WebRequest, keep, SHARE, .dflt = "100%", .min = 0, .max = 1,
        .help = "share of requests that keep their connection"),
    { .type = OPT_END },
};

static const Opt kv_target_opts[] = {
    OPT(KvTarget, url, STR, .required = true, .help = "where the server listens"),
    OPT(KvTarget, database, U32, .dflt = "0", .min = 0, .max = 15,
        .help = "number of the database"),
    { .type = OPT_END },
};

static const Opt kv_request_opts[] = {
    OPT(KvRequest, command, STR, .required = true, .help = "what to send"),
    OPT(KvRequest, pipeline, U32, .dflt = "1", .min = 1, .max = 1000, .help = "commands at a time"),
    { .type = OPT_END },
};

typedef struct KvStream {
    int mode;
} KvStream;

static const char *const kv_modes[] = { "pubsub", "log", NULL };

static const Opt kv_stream_opts[] = {
    OPT(KvStream, mode, ENUM, .dflt = "pubsub", .choices = kv_modes, .help = "what carries it"),
    { .type = OPT_END },
};

static const DriverVocab test_drivers[] = {
    { .name = "web",
      .summary = "requests over HTTP",
      .target_opts = web_target_opts,
      .target_size = sizeof(WebTarget),
      .request_opts = web_request_opts,
      .request_size = sizeof(WebRequest),
      .schemes = "http https",
      .default_path_key = "path" },
    { .name = "kv",
      .summary = "commands to a key-value store",
      .target_opts = kv_target_opts,
      .target_size = sizeof(KvTarget),
      .request_opts = kv_request_opts,
      .request_size = sizeof(KvRequest),
      .stream_opts = kv_stream_opts,
      .stream_size = sizeof(KvStream),
      .schemes = "kv redis" },
    { .name = "void", .summary = "nothing, to measure the harness" },
    { 0 },
};

static const SuiteVocab test_vocab = { test_drivers };

/* Environment and ports that are the same everywhere. */
static inline const char *test_env(void *user, const char *name)
{
    (void)user;
    return strcmp(name, "HOST") == 0    ? "example.org"
           : strcmp(name, "EMPTY") == 0 ? ""
           : strcmp(name, "EVIL") == 0  ? "${size}"
                                        : NULL;
}

/* Counts up in *user, every number given twice. */
static inline int test_port(void *user, uint16_t *ret, Err *err)
{
    (void)err;
    int *n = (int *)user;
    *ret = (uint16_t)(9000 + (*n)++ / 2);
    return 0;
}
