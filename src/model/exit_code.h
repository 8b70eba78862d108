/* What the program's exit status says: a contract. */
#pragma once

typedef enum ExitCode {
    ASSAY_OK = 0,     /* done, and every gate held */
    ASSAY_FAILED = 1, /* the run failed: target unreachable, store unwritable, internal error */
    ASSAY_USAGE = 2,  /* wrong usage, or a suite that does not parse */
    ASSAY_EXPECTATION = 3,  /* an expectation broke */
    ASSAY_REGRESSED = 4,    /* a regression whose rule blocks */
    ASSAY_INVALID = 5,      /* the measurement is INVALID */
    ASSAY_INCONCLUSIVE = 6, /* not enough evidence either way, and --strict asked for it */
    ASSAY_SPOOLED = 7, /* all held, but the results wait in the spool for a store out of reach */
    ASSAY_INTERRUPTED = 130,
    ASSAY_TERMINATED = 143,
} ExitCode;
