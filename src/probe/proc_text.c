/* Texts about one process or thread. */
#include "probe/proc_text.h"

#include <errno.h>

#include "probe/scan.h"

/* "pid (name) state ppid …". The name is whatever the process calls itself; after its closing
 * parenthesis, the last of the text, stand only a letter and numbers. */
static bool cut_name(Str *text, ProcStat *ret)
{
    if (!procscan_pid(text, &ret->pid))
        return false;
    ptrdiff_t open = str_find_char(*text, '('), close = text->len - 1;
    while (close > open && text->ptr[close] != ')')
        close--;
    if (open < 0 || close <= open)
        return false;
    ret->name = str_slice(*text, open + 1, close);
    *text = str_slice(*text, close + 1, text->len);
    return true;
}

int proc_parse_stat(Str text, ProcStat *ret)
{
    ProcStat s = { 0 };
    Str state;
    if (!cut_name(&text, &s) || !procscan_word(&text, &state) || state.len != 1)
        return -EINVAL;
    s.state = state.ptr[0];
    bool ok = procscan_pid(&text, &s.ppid) && procscan_skips(&text, 5) && /* pgrp … flags */
              procscan_u64(&text, &s.minor_faults) && procscan_u64(&text, &s.waited_minor_faults) &&
              procscan_u64(&text, &s.major_faults) && procscan_u64(&text, &s.waited_major_faults) &&
              procscan_u64(&text, &s.user_ticks) && procscan_u64(&text, &s.system_ticks) &&
              procscan_u64(&text, &s.waited_user_ticks) &&
              procscan_u64(&text, &s.waited_system_ticks) &&
              procscan_skips(&text, 2) && /* priority, nice: may be negative */
              procscan_u64(&text, &s.n_threads) && procscan_skip(&text) &&
              procscan_u64(&text, &s.start_ticks);
    if (!ok)
        return -EINVAL;
    *ret = s;
    return 0;
}

int proc_parse_statm(Str text, uint64_t *ret_pages)
{
    return procscan_skip(&text) && procscan_u64(&text, ret_pages) ? 0 : -EINVAL;
}

static bool line_u64(Str text, Str key, uint64_t *ret)
{
    Str rest;
    return procscan_line(text, key, &rest) && procscan_u64(&rest, ret);
}

int proc_parse_io(Str text, ProcIo *ret)
{
    ProcIo io;
    if (!line_u64(text, STR("read_bytes:"), &io.read_bytes) ||
        !line_u64(text, STR("write_bytes:"), &io.write_bytes))
        return -EINVAL;
    *ret = io;
    return 0;
}

int proc_parse_status(Str text, ProcStatus *ret)
{
    ProcStatus s = { 0 };
    uint64_t kib;
    if (!procscan_line(text, STR("Name:"), &s.name) ||
        !line_u64(text, STR("voluntary_ctxt_switches:"), &s.switches_waited) ||
        !line_u64(text, STR("nonvoluntary_ctxt_switches:"), &s.switches_forced))
        return -EINVAL;
    s.name = str_trim(s.name);
    s.has_peak = line_u64(text, STR("VmHWM:"), &kib) &&
                 !__builtin_mul_overflow(kib, (uint64_t)1024, &s.rss_peak_bytes);
    *ret = s;
    return 0;
}

bool proc_next_pid(Str *rest, int *ret)
{
    return procscan_pid(rest, ret);
}
