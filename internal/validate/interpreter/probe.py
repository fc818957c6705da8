import json
import sys


def missing():
    for module in ("nbclient", "nbformat", "jupyter_client"):
        try:
            __import__(module)
        except Exception as problem:  # a broken package may raise anything
            yield "%s cannot be imported (%s: %s)" % (module, type(problem).__name__, problem)


def look():
    facts = {"version": "%d.%d.%d" % sys.version_info[:3], "tooOld": sys.version_info < (3, 9)}
    if not facts["tooOld"]:
        facts["missing"] = list(missing())
    if not facts.get("missing", True):
        from jupyter_client.kernelspec import KernelSpecManager

        facts["kernels"] = sorted(KernelSpecManager().find_kernel_specs())
    return facts


print(json.dumps(look()))
