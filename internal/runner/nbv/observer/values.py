"""Summaries of values: types, counts and names.

No code of the value's own class ever runs here: a property may change what it
reads, a repr may take minutes, a length may start a computation.
"""

import collections
import decimal
import inspect
import math
import types
from time import thread_time

from . import arrays

MAX_ITEMS = 1000
MAX_DEPTH = 2
MAX_ATTRIBUTES = 50
MAX_BAD_KEYS = 10
MAX_TYPE = 200
EXACT = 2 ** 53  # beyond it a float no longer tells integers apart

# Read through type itself: a metaclass may have properties of these names.
mro_of = type.__dict__["__mro__"].__get__
dict_of = type.__dict__["__dict__"].__get__
qualname_of = type.__dict__["__qualname__"].__get__
raw_module_of = type.__dict__["__module__"].__get__
CONTAINERS = (dict, list, tuple, set, frozenset, collections.deque)
CODE = (types.ModuleType, type, types.FunctionType, types.BuiltinFunctionType, types.MethodType)
RESPONSES = {"requests.models.Response": "status_code", "httpx.Response": "status_code",
             "aiohttp.client_reqrep.ClientResponse": "status", "urllib3.response.HTTPResponse": "status"}
PROCESSES = ("subprocess.CompletedProcess", "subprocess.Popen")


class Budget:
    """How much may be looked at: time of the processor and elements of arrays."""

    def __init__(self, seconds, elements):
        self.seconds, self.elements = seconds, elements
        self.deadline = thread_time() + seconds

    def over(self):
        return thread_time() > self.deadline


def is_code(value):
    """Modules, functions and classes are no data."""
    return issubclass(type(value), CODE)


def module_of(kind):
    module = raw_module_of(kind)  # whatever the class body says
    return module if type(module) is str else ""


def type_name(kind):
    module, name = module_of(kind), qualname_of(kind)
    if module in ("", "builtins"):
        return name[:MAX_TYPE]
    return (module + "." + name)[:MAX_TYPE]


def summarise(value, budget, depth=0):
    """Returns the summary of one value in the form of facts.Value."""
    kind = type(value)
    facts = {"type": type_name(kind)}
    try:
        describe(value, kind, facts, budget, depth)
    except Exception:  # what a library does with a strange value is its own affair
        facts = {"type": facts["type"], "unassessed": "it could not be read"}
    return facts


def describe(value, kind, facts, budget, depth):
    if value is None:
        facts["none"] = True
    elif id(kind) in PLAIN:
        PLAIN[id(kind)](value, facts)
    elif issubclass(kind, CONTAINERS):
        if depth < MAX_DEPTH and not budget.over():
            container(value, kind, facts, budget, depth)
    elif kind is types.CoroutineType:
        if inspect.getcoroutinestate(value) == inspect.CORO_CREATED:
            facts["coroutine"] = True
    elif arrays.describe(value, kind, facts, budget):
        pass
    elif module_of(kind) == "__main__":
        if depth == 0:
            attributes(value, kind, facts, budget)
    else:
        outcome(value, kind, facts)


def real(value, facts):
    facts["scalar"] = True
    if value != value:
        facts["nan"] = 1
    elif value in (math.inf, -math.inf):
        facts["inf"] = 1
    else:
        facts["number"] = value


def whole(value, facts):
    facts["scalar"] = True
    if -EXACT < value < EXACT:
        facts["number"] = value
    elif value.bit_length() < 1024:
        facts["number"] = float(value)


def truth(value, facts):
    facts["number"] = 1 if value else 0


def two_parts(value, facts):
    facts["scalar"] = True
    if value != value:
        facts["nan"] = 1
    elif math.inf in (abs(value.real), abs(value.imag)):
        facts["inf"] = 1


def text(value, facts):
    facts["len"] = len(value)


def decimal_number(value, facts):
    if value.is_nan():
        facts.update(scalar=True, nan=1)
    else:
        real(float(value), facts)


PLAIN = {id(kind): how for kind, how in (
    (float, real), (int, whole), (bool, truth), (complex, two_parts),
    (str, text), (bytes, text), (bytearray, text), (decimal.Decimal, decimal_number),
)}


def container(value, kind, facts, budget, depth):
    """Counts what is missing among the items; the base class counts and iterates, not a subclass of the user."""
    base = next(each for each in CONTAINERS if issubclass(kind, each))
    length = base.__len__(value)
    facts["len"] = length
    keys, items = None, base.__iter__(value)
    if base is dict:
        keys, items = dict.__iter__(value), iter(dict.values(value))
    if length > MAX_ITEMS:
        facts["sampled"] = True
    counts, bad = {"nan": 0, "inf": 0, "missing": 0}, []
    for _ in range(min(length, MAX_ITEMS)):
        item, key = next(items), next(keys) if keys is not None else None
        wrong = count_item(item, counts, budget, depth)
        if wrong and keys is not None and len(bad) < MAX_BAD_KEYS:
            bad.append(label(key))
    facts.update((name, number) for name, number in counts.items() if number)
    if bad:
        facts["badKeys"] = bad


def count_item(item, counts, budget, depth):
    """Adds one item to the counts; returns whether NaN or Inf is in it."""
    kind = type(item)
    if kind is int or kind is str or kind is bool:
        return False
    if item is None:
        counts["missing"] += 1
        return False
    inner = summarise(item, budget, depth + 1)
    counts["nan"] += inner.get("nan", 0)
    counts["inf"] += inner.get("inf", 0)
    return "nan" in inner or "inf" in inner


def label(key):
    """Names a key or a column; only of plain types, another may have a repr of its own."""
    if type(key) in (str, int, float, bool):
        return str(key)[:80]
    if type(key) is tuple:
        return "(" + ", ".join(label(part) for part in key[:5]) + ")"
    if module_of(type(key)).partition(".")[0] in ("numpy", "pandas", "datetime"):
        return str(key)[:80]
    return type_name(type(key))


def instance_dict(value):
    """Returns the attributes that the instance itself holds, or an empty dict."""
    for cls in mro_of(type(value)):
        found = dict_of(cls).get("__dict__")
        if found is not None:
            # Anything but Python's own accessor is a property of the user.
            held = found.__get__(value) if type(found) is types.GetSetDescriptorType else None
            return held if type(held) is dict else {}
    return {}


def slots(value):
    """Yields (name, value) of the slots that are filled."""
    for cls in mro_of(type(value)):
        if module_of(cls) != "__main__":
            continue
        for name, member in list(dict_of(cls).items()):
            if type(member) is types.MemberDescriptorType:
                try:
                    yield name, member.__get__(value)
                except AttributeError:
                    continue


def attributes(value, kind, facts, budget):
    """Summarises the attributes of an object whose class the notebook defines."""
    held = list(instance_dict(value).items()) + list(slots(value))
    found = {}
    for name, item in held:
        if len(found) >= MAX_ATTRIBUTES or budget.over():
            facts["sampled"] = True
            break
        if type(name) is str and not is_code(item):
            found[name[:100]] = summarise(item, budget, 1)
    if found:
        facts["attributes"] = found


def outcome(value, kind, facts):
    """Reads how a request or a process ended."""
    for cls in mro_of(kind):
        name = type_name(cls)
        if name in RESPONSES:
            return small_number(instance_dict(value).get(RESPONSES[name]), "statusCode", facts)
        if name in PROCESSES:
            return small_number(instance_dict(value).get("returncode"), "returnCode", facts)
    return None


def small_number(number, name, facts):
    if issubclass(type(number), int) and -EXACT < number < EXACT:
        facts[name] = int(number)
