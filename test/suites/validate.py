"""Hold the corpus of suites against suite.schema.json, in TAP: every good suite must pass, and so many
of the bad ones must fail that the schema is worth having in an editor. Suites that ship with the program
must pass docs/schema/suite.schema.json."""

import json
import pathlib
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"1..0 # SKIP {missing.name} is not here: python3-jsonschema and python3-yaml bring it")
    sys.exit(0)

here = pathlib.Path(__file__).parent
root = here.parent.parent
results = []


def validator_of(path):
    schema = json.loads(path.read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    return jsonschema.Draft7Validator(schema)


def read(path):
    """The suite as Python values; None when it is not even YAML."""
    try:
        return [yaml.safe_load(path.read_bytes())]
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        return None


def expect_pass(validator, path):
    errors = list(validator.iter_errors(read(path)[0]))
    for error in errors:
        print(f"# {'.'.join(map(str, error.path))}: {error.message[:200]}")
    results.append((not errors, f"{path.relative_to(root)} passes"))


validator = validator_of(here / "suite.schema.json")
for path in sorted((here / "good").glob("*.yaml")):
    expect_pass(validator, path)

shipped = validator_of(root / "docs" / "schema" / "suite.schema.json")
for path in sorted((root / "suites").glob("*/*.yaml")):
    expect_pass(shipped, path)

bad = [data[0] for data in map(read, sorted((here / "bad").glob("*.yaml"))) if data]
refused = sum(not validator.is_valid(data) for data in bad)
results.append((refused * 2 > len(bad), f"{refused} of {len(bad)} bad suites are refused"))

for n, (ok, text) in enumerate(results, 1):
    print(f"{'ok' if ok else 'not ok'} {n} - {text}")
print(f"1..{len(results)}")
