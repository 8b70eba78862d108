#include "stats/select.h"

#include <math.h>

static double middle_of_three(double a, double b, double c)
{
    double lo = a < b ? a : b, hi = a < b ? b : a;
    return c < lo ? lo : c > hi ? hi : c;
}

double select_kth(double *x, ptrdiff_t n, ptrdiff_t k)
{
    assert(k >= 0 && k < n);
    ptrdiff_t lo = 0, hi = n - 1;
    while (lo < hi) {
        double pivot = middle_of_three(x[lo], x[lo + (hi - lo) / 2], x[hi]);
        ptrdiff_t i = lo, j = hi;
        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i > j)
                break;
            double swap = x[i];
            x[i++] = x[j];
            x[j--] = swap;
        }
        if (k <= j)
            hi = j;
        else if (k >= i)
            lo = i;
        else
            break;
    }
    return x[k];
}

double select_median(double *x, ptrdiff_t n)
{
    if (n == 0)
        return (double)NAN;
    double upper = select_kth(x, n, n / 2);
    if (n % 2)
        return upper;
    double lower = x[0];
    for (ptrdiff_t i = 1; i < n / 2; i++)
        lower = x[i] > lower ? x[i] : lower;
    return lower / 2 + upper / 2;
}

double select_sigma(double *x, ptrdiff_t n, double centre)
{
    /* Quantiles of |x| for the standard normal law at these shares; the last of a finite sample. */
    static const struct {
        double share, normal;
    } at[] = { { .5, 0.674489750196082 },  { .75, 1.150349380376008 }, { .9, 1.644853626951473 },
               { .95, 1.959963984540054 }, { .99, 2.575829303548901 }, { 1, 3 } };
    for (ptrdiff_t i = 0; i < n; i++)
        x[i] = fabs(x[i] - centre);
    for (ptrdiff_t i = 0; i < ARRAY_LEN(at) && n > 0; i++) {
        ptrdiff_t k = (ptrdiff_t)(at[i].share * (double)(n - 1));
        double distance = select_kth(x, n, k);
        if (distance > 0)
            return distance / at[i].normal;
    }
    return 0;
}
