/* The search for the highest rate that keeps a promise: doubling until it breaks, bisection on a
 * log scale, confirmation by a longer look. Pure: it says which rate to try and is told how that
 * went. */
#pragma once

#include "base/macros.h"

typedef enum FindPhase {
    FIND_BRACKET, /* doubling, or quartering when not even the first rate held */
    FIND_BISECT,
    FIND_CONFIRM, /* a longer look at the highest rate that held */
    FIND_DONE,
} FindPhase;

typedef struct FindSearch {
    FindPhase phase;
    double rate;      /* to be tried now */
    double good, bad; /* highest that held and lowest that broke so far; 0, infinite: none */
    double precision; /* relative width of the bracket to stop at */
    double most;      /* never beyond */
    int n_tried, n_unconfirmed;
    bool confirmed; /* good held for the longer look */
} FindSearch;

/* first, most in 1/s, precision a fraction such as 0.02. */
FindSearch find_begin(double first, double precision, double most);
/* How the rate at hand went. False when there is nothing more to try. */
bool find_next(FindSearch *f, bool held);
