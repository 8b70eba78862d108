#include "model/think.h"

#include <errno.h>
#include <math.h>

#include "base/fmt.h"

#define LONGEST_NS 8.64e13

static const struct {
    const char *name;
    ThinkLaw law;
    int n_args;
} laws[] = {
    { "constant", THINK_CONSTANT, 1 },   { "uniform", THINK_UNIFORM, 2 },
    { "normal", THINK_NORMAL, 2 },       { "exp", THINK_EXPONENTIAL, 1 },
    { "lognormal", THINK_LOGNORMAL, 2 },
};

static int parse_args(Str text, int n, double ret[2], Err *err)
{
    Str arg;
    int i = 0;
    for (; str_cut(&text, ',', &arg); i++) {
        uint64_t ns;
        Err why = { 0 };
        if (i == n)
            return err_set(err, -EINVAL, "takes %d duration%s", n, n > 1 ? "s" : "");
        if (fmt_parse_duration(str_trim(arg), &ns, &why) < 0)
            return err_set(err, -EINVAL, "%s", why.msg);
        if ((double)ns > LONGEST_NS)
            return err_set(err, -EINVAL, "a pause of more than a day");
        ret[i] = (double)ns;
    }
    return i == n ? 0 : err_set(err, -EINVAL, "takes %d duration%s", n, n > 1 ? "s" : "");
}

static int check(const Think *t, Err *err)
{
    if (t->law == THINK_UNIFORM && t->b_ns < t->a_ns)
        return err_set(err, -EINVAL, "uniform goes from the shorter to the longer pause");
    if (t->law == THINK_LOGNORMAL && !(t->a_ns > 0))
        return err_set(err, -EINVAL, "lognormal needs a mean above 0");
    return 0;
}

int think_parse(const char *text, Think *ret, Err *err)
{
    Str s = str_trim(str(text ? text : ""));
    Think t = { 0 };
    double args[2] = { 0 };
    ptrdiff_t open = str_find_char(s, '(');
    if (s.len == 0) {
        *ret = t;
        return 0;
    }
    if (open < 0) {
        TRY(parse_args(s, 1, args, err));
        *ret = (Think){ THINK_CONSTANT, args[0], 0 };
        return 0;
    }
    for (ptrdiff_t i = 0; i < ARRAY_LEN(laws); i++) {
        if (!str_eqz(str_slice(s, 0, open), laws[i].name) || s.ptr[s.len - 1] != ')')
            continue;
        if (parse_args(str_slice(s, open + 1, s.len - 1), laws[i].n_args, args, err) < 0)
            return err_wrap(err, "%s", laws[i].name);
        t = (Think){ laws[i].law, args[0], args[1] };
        TRY(check(&t, err));
        *ret = t;
        return 0;
    }
    return err_set(err, -EINVAL,
                   "'" STR_FMT "' is no pause: 1s, uniform(a, b), normal(mean, sd), exp(mean), "
                   "lognormal(mean, sd)",
                   STR_ARG(s));
}

double think_mean_ns(const Think *t)
{
    return t->law == THINK_UNIFORM ? (t->a_ns + t->b_ns) / 2 : t->a_ns;
}

/* Mean and deviation of the pauses themselves, not of their logarithms. */
static double draw_lognormal(const Think *t, Rng *rng)
{
    double ratio = t->b_ns / t->a_ns, variance = log1p(ratio * ratio);
    return exp(log(t->a_ns) - variance / 2 + sqrt(variance) * rng_normal(rng));
}

uint64_t think_draw_ns(const Think *t, Rng *rng)
{
    double v = t->a_ns;
    switch (t->law) {
    case THINK_CONSTANT:
        break;
    case THINK_UNIFORM:
        v += (t->b_ns - t->a_ns) * rng_f64(rng);
        break;
    case THINK_NORMAL:
        v += t->b_ns * rng_normal(rng);
        break;
    case THINK_EXPONENTIAL:
        v *= rng_exp(rng);
        break;
    case THINK_LOGNORMAL:
        v = draw_lognormal(t, rng);
        break;
    }
    return (uint64_t)fmin(fmax(v, 0), LONGEST_NS);
}
