"""Requests that may hang, and answers that nobody looks at: NB201 and NB202."""

import ast

from . import syntax

LIBRARIES = ("requests", "httpx")
VERBS = frozenset("get post put delete patch head options request stream".split())
SESSIONS = ("requests.Session()", "requests.session()", "httpx.Client()", "httpx.AsyncClient()",
            "requests.sessions.Session()")
URLOPEN = ("urllib.request.urlopen", "urllib2.urlopen")


def find(analysis, cell):
    names = analysis.names
    for call in cell.tree.of(ast.Call):
        full = names.dotted(call.func)
        if full in URLOPEN and names.imported(call.func):
            if len(call.args) < 3 and lacks_timeout(call):
                yield "NB201", call, full, ""
        elif is_request(call, full, names):
            if lacks_timeout(call) and not has_timeout(call, names):
                yield "NB201", call, full, ""
            if not analysis.response_checked:
                yield "NB202", call, full, ""


def is_request(call, full, names):
    """Tells whether the call sends a request by requests or httpx, by a session of theirs included."""
    root, _, verb = full.rpartition(".")
    if verb not in VERBS:
        return False
    if names.imported(call.func):
        return root in LIBRARIES or root in SESSIONS or root == "requests.api"
    return bool(root) and names.only(syntax.chain(call.func.value), *SESSIONS)


def lacks_timeout(call):
    return syntax.keyword(call, "timeout") is None and not syntax.unpacks(call)


def has_timeout(call, names):
    """A client of httpx waits five seconds unless it is told otherwise."""
    receiver = getattr(call.func, "value", None)
    return names.only(syntax.chain(receiver), "httpx.Client()", "httpx.AsyncClient()")
