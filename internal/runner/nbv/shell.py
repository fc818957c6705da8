"""Which programs the shell lines of a cell start."""

import ast
import re

# Line magics whose text is a command of that name.
PROGRAM_MAGICS = ("pip", "conda", "mamba", "micromamba", "uv")
# Line magics that IPython defines as aliases of programs.
ALIASES = ("ls", "ll", "cat", "cp", "mv", "rm", "mkdir", "rmdir", "ln", "man", "less", "more")
SHELL_MAGICS = ("sx", "system", "sc")
SEPARATOR = re.compile(r"&&|\|\||[;|\n]|(?<![<>&])&(?![>&])")
QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.""", re.DOTALL)
COMMENT = re.compile(r"(?<!\S)#[^\n]*")
ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
PREFIXES = ("sudo", "env", "nohup", "time", "exec", "command", "nice", "builtin", "!")
KEYWORDS = ("if", "then", "else", "elif", "do", "while", "until", "{", "(")
NO_PROGRAM = ("for", "case", "done", "fi", "esac", "in", "}", ")")
# Options of the prefixes that take a word with them.
WITH_WORD = ("-u", "-g", "-n", "-C", "--user")
PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?\Z")
MAX_COMMANDS = 200


def commands(tree):
    """Returns the programs, each once, in the order of the source."""
    found = []
    for call in tree.of(ast.Call):
        for text in lines(call):
            found += programs(text)
    return list(dict.fromkeys(found))[:MAX_COMMANDS]


def lines(call):
    """Returns the shell lines that a call starts as IPython writes it: get_ipython().system('...')."""
    func = call.func
    if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Call):
        return []
    if getattr(func.value.func, "id", "") != "get_ipython":
        return []
    texts = [getattr(argument, "value", None) for argument in call.args]
    if not texts or not all(isinstance(text, str) for text in texts):
        return []
    if func.attr in ("system", "system_raw", "system_piped", "getoutput", "getoutput_detail"):
        return texts[:1]
    if func.attr != "run_line_magic" or len(texts) < 2:
        return []
    if texts[0] in PROGRAM_MAGICS or texts[0] in ALIASES:
        return ["%s %s" % (texts[0], texts[1])]
    return [texts[1]] if texts[0] in SHELL_MAGICS else []


def programs(text):
    """Returns the programs of a command line, those behind && and | included."""
    # What is quoted holds neither separators nor blanks that matter.
    hidden = QUOTED.sub(blanked, text[:10000])
    hidden = COMMENT.sub(blanked, hidden)
    found, begin = [], 0
    for match in SEPARATOR.finditer(hidden + "\n"):
        name = program(text[begin:match.start()])
        begin = match.end()
        if name:
            found.append(name)
    return found


def blanked(match):
    return "_" * len(match.group())


def program(text):
    """Returns the program of one simple command, without sudo, env and "python -m"."""
    words = text.replace("(", " ", 1).split() if text.lstrip().startswith("(") else text.split()
    prefixed = False
    while words:
        word = words.pop(0)
        if word in NO_PROGRAM or word.startswith("#"):
            return ""
        if word in PREFIXES:
            prefixed = True
        elif prefixed and word.startswith("-"):
            if word in WITH_WORD and words:
                words.pop(0)
        elif word not in KEYWORDS and not ASSIGNMENT.match(word):
            return named(word, words)
    return ""


def named(word, rest):
    name = word.strip("\"'").replace("\\", "/").rpartition("/")[2][:100]
    if name.strip("{}$ ").endswith("executable") or PYTHON.match(name):
        if rest[:1] == ["-m"] and len(rest) > 1:
            return rest[1][:100]
        return "python"
    return "pip" if re.match(r"pip[\d.]+\Z", name) else name
