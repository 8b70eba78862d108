/* The suite language as a JSON Schema (draft-07), for editors: completion, hover texts, checks
 * while typing. Made from the same option rows that the parser reads. It is laxer than the parser:
 * units are patterns, `${…}` may stand in any value, and what one key means for another (a scan's
 * growth, the request of a target's driver) is only sketched. */
#pragma once

#include "base/json.h"
#include "model/suite.h"

/* The schema of the language with these drivers in it. A new reference; keys in a fixed order, so
 * that equal vocabularies print equal texts. Never NULL. `assay init --schema FILE` writes it. */
json_t *suite_schema(const SuiteVocab *vocab);

/* One row as a property: type, pattern or range, choices, default, description. A new reference. */
json_t *schema_row(const Opt *row);
/* Add every row of the table to `properties`; rows may be NULL. */
void schema_rows(json_t *properties, const Opt *rows);
