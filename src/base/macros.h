/* Small language helpers that every room uses. No functions, no state. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define UNUSED __attribute__((unused))

/* Run the destructor `fn` (which takes a pointer to the variable) when the variable leaves scope.
 */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hand over ownership: yields the pointer and leaves NULL behind. */
#define TAKE(p)                                                                                    \
    (__extension__({                                                                               \
        __typeof__(p) take_tmp_ = (p);                                                             \
        (p) = NULL;                                                                                \
        take_tmp_;                                                                                 \
    }))

/* Pass a negative result up; evaluates `e` once. */
#define TRY(e)                                                                                     \
    do {                                                                                           \
        int try_r_ = (e);                                                                          \
        if (try_r_ < 0)                                                                            \
            return try_r_;                                                                         \
    } while (0)

#define ARRAY_LEN(a) ((ptrdiff_t)(sizeof(a) / sizeof((a)[0])))

/* Each argument is evaluated once; the counter keeps nested uses from shadowing each other. */
#define PICK_(a, b, op, ta, tb)                                                                    \
    (__extension__({                                                                               \
        __typeof__(a) ta = (a);                                                                    \
        __typeof__(b) tb = (b);                                                                    \
        ta op tb ? ta : tb;                                                                        \
    }))
#define PICK_JOIN2_(x, n) x##n
#define PICK_JOIN_(x, n) PICK_JOIN2_(x, n)
#define PICK_NAMED_(a, b, op, n) PICK_(a, b, op, PICK_JOIN_(pick_a_, n), PICK_JOIN_(pick_b_, n))
#define MIN(a, b) PICK_NAMED_(a, b, <, __COUNTER__)
#define MAX(a, b) PICK_NAMED_(a, b, >, __COUNTER__)

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
