/* Other harnesses' results become runs: one file per foreign format, one row in harness_formats.
 *
 * A format is recognised by content, never by a file's name alone. Values equal what the source
 * says, converted into assay's units (ns, bytes, bytes/s, 1/s, share); samples that the source
 * holds become trials; figures without their samples are kept as given ones (model/run.h). A name
 * that stands twice in a source is one case with more trials. Times of the day without a zone are
 * taken for UTC.
 *
 * Nothing here trusts its input: sizes are bounded, whatever is refused is -EINVAL with the reason.
 * No state; one thread at a time per input. */
#pragma once

#include "base/json.h"
#include "model/run.h"

typedef struct HarnessInput {
    Arena *arena;     /* scratch, lives as long as the input; owned */
    const char *path; /* as named, for messages; a folder for formats that are trees of files */
    Str text;         /* the whole content, inflated, without byte order mark, NUL-terminated;
                         empty for a folder */
    json_t *json;     /* owned; NULL unless the text is one JSON document */
    Err json_err;     /* why it is none, though it looks like one; code 0 else */
    bool folder;
    uint64_t hash;    /* of content (of a folder: of its path) */
    uint64_t wall_ns; /* when the file was last written; 0 when unknown */
} HarnessInput;

/* Read a file ("-" is standard input; gzip is inflated) or take a folder. The path is borrowed.
 * -ENOENT and kin, -EFBIG beyond 512 MiB (inflated or not), -EINVAL for broken gzip. */
MUST_CHECK int harness_open(HarnessInput *ret, const char *path, Err *err);
/* The same for text in memory, called `name`; both are borrowed. */
MUST_CHECK int harness_open_text(HarnessInput *ret, Str text, const char *name, Err *err);
/* Accepts one that failed to open. */
void harness_close(HarnessInput *in);

typedef struct Harvest Harvest;

typedef struct HarnessFormat {
    const char *name;     /* "google-benchmark": for --format and for tags */
    const char *producer; /* "Google Benchmark": what wrote it */
    const char *summary;  /* one line */
    /* 0 (certainly not) to 100; pure and cheap: looks at the head of the text, at keys. Above 50 is
     * taken. */
    int (*recognise)(const HarnessInput *in);
    /* Fill the run at into->run; 0 or negative errno with err set. The caller has checked that the
     * format was recognised or asked for by name, so the content may still be anything. */
    int (*read)(const HarnessInput *in, Harvest *into, Err *err);
    /* How many runs there are, for histories; NULL: one. */
    ptrdiff_t (*count)(const HarnessInput *in);
} HarnessFormat;

/* Ended by name == NULL. */
extern const HarnessFormat *const harness_formats[];
/* NULL when unknown. */
const HarnessFormat *harness_find(const char *name);
/* The format that is most certain of the content, or NULL. */
const HarnessFormat *harness_recognise(const HarnessInput *in);

/* Read one run, summarised, owned by the caller; of a history the newest.
 *
 *   format  NULL: found by content
 *
 * run.id follows from content and date: the same file gives the same id. run.suite is the format's
 * name unless the source names one; run.tool stays assay; tags say `producer`, `producer_version`
 * (where stated), `format`, `source` (the file's name). Commit, branch, host, date are the
 * source's, or not there; without a date, started is when the file was written (tag `dated_by` =
 * "file"). -EINVAL when nobody knows the content or it holds no result. */
MUST_CHECK int harness_read(const HarnessInput *in, const HarnessFormat *format, Run **ret,
                            Err *err);

/* Called once a run, in the source's order; the run is lent. Negative ends the reading. */
typedef int HarnessRunFn(Run *run, void *user, Err *err);
/* All runs of a history (one, of other formats) but empty ones. Memory: one run at a time. -EINVAL
 * when there is none. */
MUST_CHECK int harness_read_history(const HarnessInput *in, const HarnessFormat *format,
                                    HarnessRunFn *each, void *user, Err *err);
