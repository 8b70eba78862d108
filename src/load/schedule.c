#include "load/schedule.h"

uint64_t schedule_due_ns(const Schedule *s, uint64_t k)
{
    assert(s->rate_per_s > 0);
    /* 64 bits of mantissa on x86, 113 on aarch64: whole nanoseconds for years */
    return (uint64_t)((long double)k * (long double)NS_PER_S / (long double)s->rate_per_s);
}

uint64_t schedule_count_before(const Schedule *s, uint64_t offset_ns)
{
    uint64_t k =
        (uint64_t)((long double)offset_ns * (long double)s->rate_per_s / (long double)NS_PER_S);
    while (k > 0 && schedule_due_ns(s, k - 1) >= offset_ns)
        k--;
    while (schedule_due_ns(s, k) < offset_ns)
        k++;
    return k;
}

uint64_t schedule_count(const Schedule *s)
{
    return schedule_count_before(s, s->duration_ns);
}

uint64_t schedule_share(uint64_t count, uint32_t w, uint32_t n)
{
    assert(w < n);
    return count > w ? (count - w - 1) / n + 1 : 0;
}
