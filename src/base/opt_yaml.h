/* Option rows filled from YAML mappings: the suite's side of base/opt.h. */
#pragma once

#include "base/opt.h"
#include "base/yaml.h"

/* Where a mapping stands and how to complain about it. */
typedef struct YamlContext {
    YamlDiag *diag;
    const char *path; /* "benchmarks.get-item.load"; "" at the top */
    const char *of; /* NULL, or what a value came from, told when text was replaced: "case a/n=1" */
} YamlContext;

/* Fill structs from a mapping.
 *
 *   sets     rows and structs, ended by rows NULL; a key goes to the first row of its name. The
 *            structs hold their defaults already; a refused value leaves its field as it was
 *   others   names that are also allowed and left to the caller, NULL-terminated; may be NULL
 *   map      the mapping; a scalar that says nothing (yaml_is_null) counts as an empty one
 *
 * OPT_LIST takes a scalar or a list of scalars, OPT_MAP a mapping of scalars; both replace what
 * stood there. All else takes a scalar. Returns 0, or -EINVAL after having complained about every
 * key that is unknown ("did you mean"), doubled, of the wrong shape or refused by its row, and
 * about required rows that are missing. */
MUST_CHECK int opt_apply_yaml(Arena *a, const OptSet *sets, const char *const *others,
                              const YamlNode *map, const YamlContext *c);

/* One value into one row's field; `path` of the context is the mapping's. */
MUST_CHECK int opt_set_yaml(Arena *a, const Opt *row, void *dst, const YamlNode *value,
                            const YamlContext *c);

/* "path.key" in the arena; "key" when path is empty. */
const char *yaml_path(Arena *a, const char *path, Str key);
