"""The source of a module and of what it imports, read without running any of it."""

import ast
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec, resolve_name
from pathlib import Path

#: The packages whose sources a result depends on, beside the simulation's own.
PACKAGES = frozenset({"halfspace", "simulations"})


def locate(module: str) -> Path | None:
    """Return the file of a module inside a package, or None if there is none."""
    top, *inner = module.split(".")
    if not all(map(str.isidentifier, [top, *inner])):
        return None
    spec = find_spec(top)
    for folder in (spec and spec.submodule_search_locations) or ():
        base = Path(folder).joinpath(*inner)
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                return path
    return None


def read(path: Path) -> str:
    """Return a source file's text, the same whatever its line endings."""
    return path.read_text(encoding="utf-8")  # universal newlines


@cache
def without_docstrings(text: str) -> str:
    r"""Return the source less the lines of its docstrings: no result depends on them.

    >>> without_docstrings("def f():\n    'Return one.'\n    return 1")
    'def f():\n    return 1'
    """
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            start, end = node.body[0].lineno - 1, node.body[0].end_lineno or 0
            if lines[start].lstrip().startswith(('"', "'", 'r"')):  # alone on its lines
                lines[start:end] = [""] * (end - start)
    return "\n".join(line for line in lines if line)


def without_cost(text: str) -> str:
    r"""Return a simulation's source less its function `cost`: no result depends on it.

    It stays where the module uses the name.

    >>> without_cost("def cost(spec):\n    return 1.0\nx = 2")
    '\n\nx = 2'
    """
    tree, lines = ast.parse(text), text.splitlines()
    if any(isinstance(it, ast.Name) and it.id == "cost" for it in ast.walk(tree)):
        return text
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "cost":
            start, end = node.lineno - 1, node.end_lineno or 0
            lines[start:end] = [""] * (end - start)
    return "\n".join(lines)


def question(module: str) -> str:
    """Return the first line of a module's docstring: the question it answers."""
    path = locate(module)
    text = ast.get_docstring(ast.parse(read(path))) if path else None
    return text.splitlines()[0] if text else ""


@cache
def _imports(text: str) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Return the statements of a source that import something, wherever they stand."""
    kinds = (ast.Import, ast.ImportFrom)
    return tuple(it for it in ast.walk(ast.parse(text)) if isinstance(it, kinds))


def _named(node: ast.Import | ast.ImportFrom, package: str) -> Iterator[str]:
    """Yield the modules that one statement names; `package` is where it stands."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.name
            if not alias.asname:  # `import a.b` binds a, and so all that a holds
                yield alias.name.partition(".")[0]
    else:
        base = node.module or ""
        if node.level:
            base = resolve_name("." * node.level + base, package)
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            yield inner if locate(inner) else base


def _ours(module: str, packages: frozenset[str]) -> bool:
    """Whether a result depends on `module`: not so on the engine and the index."""
    return module.partition(".")[0] in packages and not (
        module == "simulations" or f"{module}.".startswith("simulations.engine.")
    )


def closure(module: str, read: Callable[[Path], str] = read) -> dict[str, str]:
    """Return the sources of a module and of all it imports, directly or not.

    Followed are the imports within `PACKAGES` and the module's own package, wherever
    in a file they stand. ``from a.b import c`` names `a.b.c` if that is a module and
    `a.b` otherwise, and not `a`: importing one module of the library does not depend on
    what else the library exports. Imports by a computed name are not seen.

    Parameters
    ----------
    module : str
        Dotted name.
    read : callable
        Gives the text of a file.

    Returns
    -------
    dict
        Source text without docstrings by module name, sorted by name; that of `module`
        without its `cost`.

    Examples
    --------
    >>> list(closure("halfspace._random"))
    ['halfspace._check', 'halfspace._random']
    """
    packages = PACKAGES | {module.partition(".")[0]}
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = locate(name)
        if name in found or path is None:
            continue
        text = read(path)
        code = without_cost(text) if name == module else text
        found[name] = without_docstrings(code)
        is_package = path.name == "__init__.py"
        package = name if is_package else name.rpartition(".")[0]
        for node in _imports(text):
            waiting += [it for it in _named(node, package) if _ours(it, packages)]
    return dict(sorted(found.items()))
