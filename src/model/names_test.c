/* Every enumeration of the model reads what it writes, and nothing else. */
#include "model/run.h"
#include "tap.h"

#define CHECK_NAMES(T, count, name_of, parse, example)                                             \
    do {                                                                                           \
        int wrong = 0;                                                                             \
        T got = (T)0;                                                                              \
        for (int i = 0; i < (count); i++)                                                          \
            wrong += parse(name_of((T)i), &got) != 0 || got != (T)i;                               \
        CHECK_INT(wrong, 0, #T ": all %d names read back", (count));                               \
        got = (T)1;                                                                                \
        CHECK(parse("nonsense", &got) == -EINVAL && got == (T)1, #T ": refuses other words");      \
        CHECK(parse(NULL, &got) == -EINVAL, #T ": refuses NULL");                                  \
        CHECK(parse("", &got) == -EINVAL, #T ": refuses the empty word");                          \
        CHECK(parse(example, &got) == 0, #T ": the contract's word '%s'", example);                \
    } while (0)

#include <errno.h>

static void test_classes(void)
{
    for (int i = 0; i < FAIL_N; i++)
        CHECK_INT(fail_class_find(fail_class_name((FailClass)i)), i, "class %s",
                  fail_class_name((FailClass)i));
    CHECK_INT(fail_class_find("timeout"), -1, "a timeout is no class of failure");
    CHECK_INT(fail_class_find(NULL), -1, "NULL is no class");
}

int main(void)
{
    CHECK_NAMES(Better, 3, better_name, better_parse, "lower");
    CHECK_NAMES(Grade, 3, grade_name, grade_parse, "SUSPECT");
    CHECK_NAMES(Severity, 4, severity_name, severity_parse, "critical");
    CHECK_NAMES(Action, 4, action_name, action_parse, "review");
    CHECK_NAMES(Verdict, 5, verdict_name, verdict_parse, "inconclusive");
    CHECK_NAMES(Kind, 5, kind_name, kind_parse, "harness");
    test_classes();
    return tap_done();
}
