#!/usr/bin/env python3
"""Fail when a file includes what its layer may not (design.md, section 3), or a header has no .c of its own."""

import os
import re

import tree

# Each layer may include itself and these.
LAYERS = {
    "base": set(),
    "event": {"base"},
    "capture": {"event", "base"},
    "stack": {"event", "base"},
    "decode": {"event", "base"},
    "model": {"decode", "event", "base"},
    "analysis": {"model", "decode", "event", "base"},
    "render": {"analysis", "model", "decode", "event", "base"},
    "filters": {"decode", "base"},
}
LAYERS["cli"] = set(LAYERS)

# System headers that only these paths may include.
RESERVED = [
    (re.compile(r"sys/ptrace\.h$"), re.compile(r"tracer/capture/ptrace[^/]*$")),
    (re.compile(r"libunwind.*\.h$"), re.compile(r"tracer/stack/")),
    (re.compile(r"seccomp\.h$"), re.compile(r"filters/|tracer/decode/syscalls\.c$")),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)
PROTOTYPE = re.compile(r"^(?!static\b|extern const\b|typedef\b|#)[a-z][\w\s*]*?\b(\w+)\([^;{]*\)[^;{]*;", re.MULTILINE)


def layer_of(path):
    """The layer that holds path, or "demos", "tests"."""
    parts = path.split("/")
    return parts[1] if parts[0] == "tracer" and len(parts) > 2 else parts[0]


def resolve(top, path, name):
    """The project file that an include names: beside its file, in tracer/, demos/ or the top folder; None if generated."""
    for folder in (os.path.dirname(path), "tracer", "demos", ""):
        candidate = os.path.normpath(os.path.join(folder, name))
        if os.path.isfile(os.path.join(top, candidate)):
            return candidate
    return None


def check_include(top, path, quoted, name):
    """The complaint about one include, or None."""
    layer = layer_of(path)
    if layer == "tests":
        return None
    if not quoted:
        for header, allowed in RESERVED:
            # The ptrace demo and its like are programs of their own, not users of the engine.
            if header.match(name) and not allowed.match(path) and layer != "demos":
                return f"{path}: <{name}> is not for this place"
        return None
    target = resolve(top, path, name)
    if target is None:
        return None if layer == "demos" else f"{path}: \"{name}\" is no file of the project"
    if target.endswith("_core.h") and os.path.dirname(path) != os.path.dirname(target):
        return f"{path}: {name} is private to {os.path.dirname(target)}/"
    other = layer_of(target)
    if other != layer and other not in LAYERS.get(layer, set()):
        return f"{path}: {layer} may not include {other} ({name})"
    return None


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)


def check_header(top, path, text):
    """A header that declares functions has one .c of the same name. Exempt: a header of types, one named as its folder,
    and NAME_core.h, what the files of its folder share and nobody else includes."""
    stem = path[:-2]
    if stem.endswith("_core"):
        return None
    folder = os.path.basename(os.path.dirname(path))
    if os.path.isfile(os.path.join(top, stem + ".c")) or os.path.basename(stem) == folder:
        return None
    functions = PROTOTYPE.findall(without_comments(text))
    if functions:
        return f"{path}: declares {functions[0]}() but there is no {stem}.c"
    return None


def main():
    top = tree.top_from_arguments()
    files = [path for path in tree.c_files(top)]
    complaints = []
    for path in files:
        text = tree.read(top, path)
        complaints += filter(None, (check_include(top, path, quote == '"', name)
                                    for quote, name in INCLUDE.findall(text)))
        if path.endswith(".h") and layer_of(path) in LAYERS:
            complaints += filter(None, [check_header(top, path, text)])
    tree.finish("layers", len(files), complaints)


main()
