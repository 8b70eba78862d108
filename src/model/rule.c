#include "model/rule.h"

#include "model/names.h"

static const char *const severity_names[] = { "none", "notice", "warning", "critical" };
static const char *const action_names[] = { "none", "log", "review", "block" };

const RuleSet *rules_default(void)
{
    static Rule rows[] = {
        { SEVERITY_CRITICAL, ACTION_BLOCK, RULE_ANY, +0.10 },
        { SEVERITY_CRITICAL, ACTION_BLOCK, RULE_ANY, -0.10 },
        { SEVERITY_WARNING, ACTION_REVIEW, RULE_ANY, +0.05 },
        { SEVERITY_WARNING, ACTION_REVIEW, RULE_ANY, -0.05 },
    };
    static const RuleSet set = { .v = rows, .n = ARRAY_LEN(rows), .cap = ARRAY_LEN(rows) };
    return &set;
}

const char *severity_name(Severity s)
{
    assert(s <= SEVERITY_CRITICAL);
    return severity_names[s];
}

const char *action_name(Action a)
{
    assert(a <= ACTION_BLOCK);
    return action_names[a];
}

int severity_parse(const char *text, Severity *ret)
{
    int i = name_index(severity_names, ARRAY_LEN(severity_names), text);
    if (i < 0)
        return i;
    *ret = (Severity)i;
    return 0;
}

int action_parse(const char *text, Action *ret)
{
    int i = name_index(action_names, ARRAY_LEN(action_names), text);
    if (i < 0)
        return i;
    *ret = (Action)i;
    return 0;
}
