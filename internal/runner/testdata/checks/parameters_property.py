"""Holds the source that parameters become against the parameters; prints how many objects were tried."""

import ast
import json
import random
import sys

from nbv import parameters

CHARACTERS = "aZ09 '\"\\\n\r\t\0\x0b\x1b\x85\u2028\u2029%?!#{}[]$é日\u200b\ufeff😀\U0010ffff"
WORDS = ["%%bash", "!rm -rf /", "what?", "\\N{BULLET}", "'''", '"""', "$(HOME)", "\\", "{x}", "%s", "# type: int"]


def text(chance):
    if chance.random() < 0.3:
        return chance.choice(WORDS)
    return "".join(chance.choice(CHARACTERS) for _ in range(chance.randrange(12)))


def number(chance):
    kind = chance.randrange(5)
    if kind == 0:
        return chance.randrange(-(10 ** 300), 10 ** 300)
    if kind == 1:
        return chance.choice([-0.0, 5e-324, 1.7976931348623157e308, 0.1, 1e16, -1e-7])
    return chance.choice([chance.uniform(-1e9, 1e9), chance.randrange(-5, 5)])


def value(chance, depth):
    kind = chance.randrange(8 if depth else 5)
    if kind < 2:
        return text(chance)
    if kind < 4:
        return number(chance)
    if kind == 4:
        return chance.choice([None, True, False])
    if kind < 7:
        return [value(chance, depth - 1) for _ in range(chance.randrange(4))]
    return {text(chance): value(chance, depth - 1) for _ in range(chance.randrange(4))}


def evaluated(source):
    """Returns what the cell sets; anything but assignments of literals is an error."""
    found = {}
    for statement in ast.parse(source).body:
        (target,) = statement.targets
        found[target.id] = ast.literal_eval(statement.value)
    return found


def check(chance, ascii_only):
    wanted = {"name_%d" % number: value(chance, 4) for number in range(chance.randrange(6))}
    source = parameters.as_python(parameters.decode(json.dumps(wanted, ensure_ascii=ascii_only)))
    # As JSON, because 1, 1.0 and True are equal in Python.
    assert json.dumps(evaluated(source)) == json.dumps(wanted), (wanted, source)
    source.encode("utf-8")
    assert len(source.split("\n")) == len(wanted) + 2, "one line for each parameter"


def main():
    tried = int(sys.argv[1])
    for seed in range(tried):
        check(random.Random(seed), seed % 2 == 0)
    print(tried)


main()
