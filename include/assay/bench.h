/* Function benchmarks: one C99 header (C++ takes it too) and one library, libassay.
 *
 *     #include <assay/bench.h>
 *
 *     ASSAY_BENCH(parse)                        // a function void (AssayBench *b)
 *     {
 *         char *text = make_text(assay_arg(b)); // outside the loop: not timed
 *         assay_bytes(b, strlen(text));
 *         ASSAY_LOOP(b)                         // timed
 *             assay_keep(parse(text));
 *         free(text);
 *     }
 *     ASSAY_ARGS(parse, "size", 16, 256, 4096)
 *
 *     ASSAY_MAIN
 *
 *     cc -O2 bench.c $(pkg-config --cflags --libs assay) && ./a.out
 *     assay bench ./a.out                       // interleaved, several processes, stored, judged
 *
 * What a benchmark may rely on
 *   - Its function is called once per epoch and thread: what stands before and behind the loop runs
 *     that often, untimed. An epoch has as many iterations as fill about a millisecond or more.
 *   - Within the loop nothing is added but a counter that goes down; what an empty loop costs is
 *     measured and shown, never subtracted.
 *   - The compiler may drop or hoist work whose result nobody sees: give results to assay_keep, and
 *     pass inputs through assay_hide where they are constants.
 *
 * Units: times are ns of CLOCK_MONOTONIC. Names may hold letters, digits, '_', '-', '.'.
 * Errors: a benchmark that leaves its loop early, never enters it or enters it twice is reported as
 * failed, as is one that calls assay_fail. Threads: every function on a bench is to be called by
 * the thread that was given it. */
#ifndef ASSAY_BENCH_H
#define ASSAY_BENCH_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if !defined(__GNUC__)
#error "assay/bench.h needs gcc, clang or a compiler that understands their inline assembly"
#endif
#define ASSAY_API __attribute__((visibility("default")))

typedef struct AssayBench AssayBench;
typedef void AssayFunction(AssayBench *b);

/* ---- the loop ---- */

/* Run the statement behind it as often as the harness asks, timed. Once per call of the function.
 */
#define ASSAY_LOOP(b)                                                                              \
    for (uint64_t assay_left_ = assay_begin_(b); assay_left_ || (assay_left_ = assay_more_(b));    \
         --assay_left_)

/* Within the loop: work that is not to be timed, such as making fresh input, stands between these.
 * A pair costs two looks at the clock; how much of that falls into the measured time is measured
 * and shown ("pause"). Where an iteration takes less than some microseconds, make many inputs
 * before the loop instead. */
ASSAY_API void assay_pause(AssayBench *b);
ASSAY_API void assay_resume(AssayBench *b);

/* ---- barriers: no instruction of their own, but values that must be real ---- */

/* Where a scalar may be kept. Memory is not among it: a value that is there already would count as
 * kept without having been loaded. */
#if defined(__x86_64__) || defined(__i386__)
#define ASSAY_REGISTER_CLASS_ "r,x" /* general, vector */
#define ASSAY_ANY_INOUT_ "+r,x,m"
#elif defined(__aarch64__)
#define ASSAY_REGISTER_CLASS_ "r,w"
#define ASSAY_ANY_INOUT_ "+r,w,m"
#else
#define ASSAY_REGISTER_CLASS_ "r"
#define ASSAY_ANY_INOUT_ "+r,m"
#endif

/* assay_keep(expression): its value must be computed, and everything written to memory before must
 * be there. Scalars and structs; an array counts as its address. A large struct is copied: keep its
 * address instead.
 *
 * assay_hide(variable): from here on the compiler knows nothing about its value, so that it can't
 * compute at compile time what depends on it. The variable stays as it is.
 *
 * assay_clobber(): all memory may be looked at and changed here: writes are done, reads are made
 * again. */
#ifdef __cplusplus
} /* extern "C": templates have C++ linkage */
template <typename T> struct AssayInRegister_ {
    static const bool value = sizeof(T) <= sizeof(void *) && !__is_class(T) && !__is_union(T);
};
template <typename T, unsigned long n> struct AssayInRegister_<T[n]> {
    static const bool value = false;
};
template <bool in_register> struct AssayBarrier_ {
    template <typename T> static inline __attribute__((always_inline)) void keep(T const &value)
    {
        __asm__ volatile("" : : ASSAY_REGISTER_CLASS_(value) : "memory");
    }
    template <typename T> static inline __attribute__((always_inline)) void hide(T &value)
    {
        __asm__ volatile("" : ASSAY_ANY_INOUT_(value) : : "memory");
    }
};
template <> struct AssayBarrier_<false> {
    template <typename T> static inline __attribute__((always_inline)) void keep(T const &value)
    {
        __asm__ volatile("" : : "m"(value) : "memory");
    }
    template <typename T> static inline __attribute__((always_inline)) void hide(T &value)
    {
        __asm__ volatile("" : "+m"(value) : : "memory");
    }
};
template <typename T> inline __attribute__((always_inline)) void assay_keep(T const &value)
{
    AssayBarrier_<AssayInRegister_<T>::value>::keep(value);
}
template <typename T> inline __attribute__((always_inline)) void assay_hide(T &value)
{
    AssayBarrier_<AssayInRegister_<T>::value>::hide(value);
}
extern "C" {
#else
/* Integers, pointers and floating point that fit into a register; the class is a constant. */
#define ASSAY_IS_SCALAR_(value)                                                                    \
    (sizeof(value) <= sizeof(void *) &&                                                            \
     (__builtin_classify_type(value) == 1 || __builtin_classify_type(value) == 4 ||                \
      __builtin_classify_type(value) == 5 || __builtin_classify_type(value) == 8))
#define assay_keep(expression)                                                                     \
    __extension__({                                                                                \
        __auto_type assay_value_ = (expression);                                                   \
        if (ASSAY_IS_SCALAR_(assay_value_))                                                        \
            __asm__ volatile(""                                                                    \
                             :                                                                     \
                             : ASSAY_REGISTER_CLASS_(__builtin_choose_expr(                        \
                                 ASSAY_IS_SCALAR_(assay_value_), assay_value_, 0))                 \
                             : "memory");                                                          \
        else                                                                                       \
            __asm__ volatile("" : : "m"(assay_value_) : "memory");                                 \
        (void)0;                                                                                   \
    })
#define assay_hide(variable) __asm__ volatile("" : ASSAY_ANY_INOUT_(variable) : : "memory")
#endif
#define assay_clobber() __asm__ volatile("" : : : "memory")

/* ---- what a benchmark asks and tells ---- */

/* The value of its argument (ASSAY_ARGS, ASSAY_RANGE); the first one of several. 0 without. */
ASSAY_API int64_t assay_arg(const AssayBench *b);
/* The value of the argument of that name; the benchmark fails when it has none. */
ASSAY_API int64_t assay_arg_of(AssayBench *b, const char *name);
/* The chosen word of ASSAY_CHOICES. */
ASSAY_API const char *assay_choice_of(AssayBench *b, const char *name);
/* What the fixture's set-up returned; NULL without fixture. */
ASSAY_API void *assay_state(const AssayBench *b);
/* This thread, 0 … assay_threads - 1. */
ASSAY_API int assay_thread(const AssayBench *b);
ASSAY_API int assay_threads(const AssayBench *b);
/* Iterations of this epoch, of each thread: for set-ups that prepare an input for each. */
ASSAY_API uint64_t assay_iterations(const AssayBench *b);

/* Each iteration handles so many bytes, so many items: reported per second, over all threads. */
ASSAY_API void assay_bytes(AssayBench *b, uint64_t per_iteration);
ASSAY_API void assay_items(AssayBench *b, uint64_t per_iteration);
/* A figure of your own, of this epoch; summed over threads (ASSAY_PER_ITERATION, ASSAY_PER_SECOND:
 * then divided by iterations or by time) or averaged over them (ASSAY_AVERAGE). At most
 * ASSAY_COUNTERS_MAX names, each at most 31 bytes. */
typedef enum AssayCounter { ASSAY_PER_ITERATION, ASSAY_PER_SECOND, ASSAY_AVERAGE } AssayCounter;
enum { ASSAY_COUNTERS_MAX = 8 };
ASSAY_API void assay_counter(AssayBench *b, const char *name, double value, AssayCounter how);
/* It can't be measured, or its result is wrong: say why. The epoch does not count. */
ASSAY_API void assay_fail(AssayBench *b, const char *why);

/* ---- registration ---- */

/* A benchmark: defines a static function of that name. */
#define ASSAY_BENCH(name)                                                                          \
    static void name(AssayBench *b);                                                               \
    ASSAY_REGISTER_(name, bench, ASSAY_REG_BENCH_, #name, 0, 0, 0, 0, 0, 0, 0)                     \
    static void name(AssayBench *b)

/* The same body for several types, from a macro of your own:
 *
 *     #define SUM(T) ASSAY_BENCH_OF(sum, T) { T *v = …; ASSAY_LOOP(b) … }
 *     SUM(int) SUM(double)                   // sum/type=int, sum/type=double
 *
 * T must be one word; other registrations name it sum_int. */
#define ASSAY_BENCH_OF(name, T)                                                                    \
    static void name##_##T(AssayBench *b);                                                         \
    ASSAY_REGISTER_(name##_##T, bench, ASSAY_REG_BENCH_, #name, #T, 0, 0, 0, 0, 0, 0)              \
    static void name##_##T(AssayBench *b)

/* One case for each value. Several arguments make their product. */
#define ASSAY_ARGS(bench, arg, ...)                                                                \
    static const int64_t ASSAY_ID_(bench, args_of)[] = { __VA_ARGS__ };                            \
    ASSAY_REGISTER_(bench, args, ASSAY_REG_ARGS_, arg, 0, ASSAY_ID_(bench, args_of),               \
                    sizeof ASSAY_ID_(bench, args_of) / sizeof(int64_t), 0, 0, 0, 0)
/* low, low * factor, … up to high, which is always one of them. */
#define ASSAY_RANGE(bench, arg, low, high, factor)                                                 \
    static const int64_t ASSAY_ID_(bench, range_of)[] = { (low), (high), (factor) };               \
    ASSAY_REGISTER_(bench, range, ASSAY_REG_RANGE_, arg, 0, ASSAY_ID_(bench, range_of), 3, 0, 0,   \
                    0, 0)
/* One case for each word. */
#define ASSAY_CHOICES(bench, arg, ...)                                                             \
    static const char *const ASSAY_ID_(bench, words_of)[] = { __VA_ARGS__ };                       \
    ASSAY_REGISTER_(bench, choices, ASSAY_REG_CHOICES_, arg, 0, 0,                                 \
                    sizeof ASSAY_ID_(bench, words_of) / sizeof(char *),                            \
                    ASSAY_ID_(bench, words_of), 0, 0, 0)
/* One case for each number of threads. All enter their loops at the same moment. */
#define ASSAY_THREADS(bench, ...)                                                                  \
    static const int64_t ASSAY_ID_(bench, threads_of)[] = { __VA_ARGS__ };                         \
    ASSAY_REGISTER_(bench, threads, ASSAY_REG_THREADS_, "threads", 0,                              \
                    ASSAY_ID_(bench, threads_of),                                                  \
                    sizeof ASSAY_ID_(bench, threads_of) / sizeof(int64_t), 0, 0, 0, 0)
/* void *set_up(const AssayBench *b) before and void tear_down(void *state) after each epoch, once
 * for all threads. Either may be 0. */
typedef void *AssaySetUp(const AssayBench *b);
typedef void AssayTearDown(void *state);
#define ASSAY_FIXTURE(bench, set_up, tear_down)                                                    \
    ASSAY_REGISTER_(bench, fixture, ASSAY_REG_FIXTURE_, 0, 0, 0, 0, 0, set_up, tear_down, 0)
/* How the time grows with the first argument: the best of 1, log n, n, n log n, n², n³, with its
 * factor and the residual. */
#define ASSAY_COMPLEXITY(bench)                                                                    \
    ASSAY_REGISTER_(bench, complexity, ASSAY_REG_COMPLEXITY_, 0, 0, 0, 0, 0, 0, 0, 0)
/* The same against a function of your own, double law(double n), shown as `text`. */
typedef double AssayLaw(double n);
#define ASSAY_COMPLEXITY_OF(bench, text, law)                                                      \
    ASSAY_REGISTER_(bench, law, ASSAY_REG_COMPLEXITY_, text, 0, 0, 0, 0, 0, 0, law)

/* main() of a benchmark program; or call assay_bench_main from your own. Returns its exit code:
 * 0 done, 1 a benchmark failed, 2 wrong usage. */
#define ASSAY_MAIN                                                                                 \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return assay_bench_main(argc, argv);                                                       \
    }
ASSAY_API int assay_bench_main(int argc, char **argv);

/* ---- what the macros are made of ---- */

typedef enum AssayRegKind_ {
    ASSAY_REG_BENCH_,
    ASSAY_REG_ARGS_,
    ASSAY_REG_RANGE_,
    ASSAY_REG_CHOICES_,
    ASSAY_REG_THREADS_,
    ASSAY_REG_FIXTURE_,
    ASSAY_REG_COMPLEXITY_
} AssayRegKind_;

/* Filled by assay_register_; static, because it must outlive everything. */
typedef struct AssayReg_ {
    struct AssayReg_ *next;  /* in order of registration, which may differ from the file's */
    AssayFunction *function; /* whom it concerns */
    const char *file;
    int line;
    AssayRegKind_ kind;
    const char *name, *type;
    const int64_t *values;
    uint64_t n;
    const char *const *words;
    AssaySetUp *set_up;
    AssayTearDown *tear_down;
    AssayLaw *law;
} AssayReg_;

ASSAY_API void assay_register_(AssayReg_ *reg, AssayFunction *function, const char *file, int line,
                               AssayRegKind_ kind, const char *name, const char *type,
                               const int64_t *values, uint64_t n, const char *const *words,
                               AssaySetUp *set_up, AssayTearDown *tear_down, AssayLaw *law);
ASSAY_API uint64_t assay_begin_(AssayBench *b);
ASSAY_API uint64_t assay_more_(AssayBench *b);

#define ASSAY_JOIN2_(bench, what, line) bench##_assay_##what##_##line
#define ASSAY_JOIN_(bench, what, line) ASSAY_JOIN2_(bench, what, line)
#define ASSAY_ID_(bench, what) ASSAY_JOIN_(bench, what, __LINE__)
#define ASSAY_REGISTER_(bench, what, kind, name, type, values, n, words, set_up, tear_down, law)   \
    __attribute__((constructor)) static void ASSAY_ID_(bench, what)(void)                          \
    {                                                                                              \
        static AssayReg_ reg;                                                                      \
        assay_register_(&reg, bench, __FILE__, __LINE__, kind, name, type, values, n, words,       \
                        set_up, tear_down, law);                                                   \
    }

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif
