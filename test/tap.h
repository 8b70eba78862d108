/* Plain C tests that speak TAP. Each CHECK evaluates its arguments once, says what it saw when it
 * fails, and goes on.
 *
 *     int main(void)
 *     {
 *         CHECK(1 + 1 == 2, "sums");
 *         CHECK_INT(f(3), 9, "f squares");
 *         return tap_done();
 *     }
 */
#pragma once

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 3, 4), unused)) static bool tap_result(bool ok, const char *place,
                                                                     const char *fmt, ...)
{
    va_list ap;
    char text[2048];
    tap_count++;
    tap_failed += !ok;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (char *c = text; *c; c++) /* one line per result, whatever was quoted */
        *c = *c == '\n' ? ' ' : *c;
    printf("%sok %d - %s\n", ok ? "" : "not ", tap_count, text);
    if (!ok)
        printf("# at %s\n", place);
    fflush(stdout);
    return ok;
}

#define TAP_STR2(x) #x
#define TAP_STR(x) TAP_STR2(x)
#define TAP_PLACE __FILE__ ":" TAP_STR(__LINE__)

#define CHECK(cond, ...) tap_result((cond), TAP_PLACE " (" #cond ")", __VA_ARGS__)

#define CHECK_INT(got, want, ...)                                                                  \
    do {                                                                                           \
        long long tap_g_ = (long long)(got), tap_w_ = (long long)(want);                           \
        if (!tap_result(tap_g_ == tap_w_, TAP_PLACE, __VA_ARGS__))                                 \
            printf("# got %lld, want %lld\n", tap_g_, tap_w_);                                     \
    } while (0)

#define CHECK_STR(got, want, ...)                                                                  \
    do {                                                                                           \
        const char *tap_g_ = (got), *tap_w_ = (want);                                              \
        bool tap_ok_ = tap_g_ && tap_w_ ? strcmp(tap_g_, tap_w_) == 0 : tap_g_ == tap_w_;          \
        if (!tap_result(tap_ok_, TAP_PLACE, __VA_ARGS__))                                          \
            printf("# got  '%s'\n# want '%s'\n", tap_g_ ? tap_g_ : "(null)",                       \
                   tap_w_ ? tap_w_ : "(null)");                                                    \
    } while (0)

/* |got - want| <= tol */
#define CHECK_NEAR(got, want, tol, ...)                                                            \
    do {                                                                                           \
        double tap_g_ = (got), tap_w_ = (want), tap_t_ = (tol);                                    \
        if (!tap_result(fabs(tap_g_ - tap_w_) <= tap_t_, TAP_PLACE, __VA_ARGS__))                  \
            printf("# got %.17g, want %.17g within %g\n", tap_g_, tap_w_, tap_t_);                 \
    } while (0)

/* A whole test that cannot run here: says why and what would bring it. */
#define TAP_SKIP_ALL(...)                                                                          \
    do {                                                                                           \
        printf("1..0 # SKIP ");                                                                    \
        printf(__VA_ARGS__);                                                                       \
        putchar('\n');                                                                             \
        exit(0);                                                                                   \
    } while (0)
__attribute__((format(printf, 1, 2), unused)) static void tap_skip(const char *fmt, ...)
{
    va_list ap;
    printf("ok %d # SKIP ", ++tap_count);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

/* Prints the plan; the value main() returns. */
__attribute__((unused)) static int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}
