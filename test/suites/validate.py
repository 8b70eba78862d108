"""Hold the corpus of suites against suite.schema.json, in TAP: every good suite must pass, and so many
of the bad ones must fail that the schema is worth having in an editor."""

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
schema = json.loads((here / "suite.schema.json").read_text())
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
results = []


def read(path):
    """The suite as Python values; None when it is not even YAML."""
    try:
        return [yaml.safe_load(path.read_bytes())]
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        return None


for path in sorted((here / "good").glob("*.yaml")):
    errors = list(validator.iter_errors(read(path)[0]))
    for error in errors:
        print(f"# {'.'.join(map(str, error.path))}: {error.message[:200]}")
    results.append((not errors, f"{path.name} passes"))

bad = [data[0] for data in map(read, sorted((here / "bad").glob("*.yaml"))) if data]
refused = sum(not validator.is_valid(data) for data in bad)
results.append((refused * 2 > len(bad), f"{refused} of {len(bad)} bad suites are refused"))

for n, (ok, text) in enumerate(results, 1):
    print(f"{'ok' if ok else 'not ok'} {n} - {text}")
print(f"1..{len(results)}")
