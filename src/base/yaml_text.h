/* The text side of base/yaml: bytes that no YAML file may hold, and libyaml's complaints in words
 * that name the cure. For yaml.c only. */
#pragma once

#include <yaml.h>

#include "base/str.h"

/* Refuse NUL bytes and text that is not UTF-8, with the place. */
MUST_CHECK int yaml_text_check(Str text, const char *name, Err *err);
/* What stopped the parser, as `name:line:column: …`. Always negative. */
int yaml_text_explain(const yaml_parser_t *p, Str text, const char *name, Err *err);
