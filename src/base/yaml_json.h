/* YAML trees as JSON text (RFC 8259). */
#pragma once

#include "base/yaml.h"

/* Append the tree. Scalars in quotes are strings; plain ones are numbers, true, false and null when
 * JSON would read them as such, else strings. A plain `${uniform(1,9)}`, that is one whole call
 * whose value is a number, stays as it is. */
void yaml_to_json(const YamlNode *n, StrBuf *out);
