"""Makes one JavaScript file of several ES modules, so that the viewer is one file on other people's pages.

The modules are plain standard ones. What is read of the language is what they use: `import { a, b as c } from "./x.js";`,
`import sheet from "./x.css" with { type: "css" };` and `export` before a declaration, each at the beginning of a line; anything
else of the kind is refused. Each module becomes a function that is called once, in the order of the imports; the same files
give the same bytes. Comments before a line are left out.
"""

import json
import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_STYLE = re.compile(r'^import (\w+) from "(\.[^"]+\.css)" with \{ type: "css" \};\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*?|const|class) (\w+)", re.MULTILINE)
_OTHER = re.compile(r"^(import|export)\b.*", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*/\*\*.*?\*/[ \t]*(?:\n|(?=\S))", re.MULTILINE | re.DOTALL)


def assembled(entry: Path) -> str:
    """The file of `entry` and all that it imports; it exports what `entry` does. Raises ValueError for what it cannot read."""
    parts: list[str] = []
    exports: dict[Path, list[str]] = {}
    _add(entry.resolve(), parts, exports)
    names = ", ".join(exports[entry.resolve()])
    return "".join([*parts, f"export const {{ {names} }} = ${len(exports) - 1};\n" if names else ""])


def _add(path: Path, parts: list[str], exports: dict[Path, list[str]]) -> int:
    """Append the module, those that it imports before it; its number."""
    if path in exports:
        return list(exports).index(path)
    text = path.read_text("utf-8")
    numbers = {name: _add((path.parent / name).resolve(), parts, exports) for _, name in _IMPORT.findall(text)}
    text = _IMPORT.sub(lambda one: f"const {{{one[1].replace(' as ', ': ')}}} = ${numbers[one[2]]};\n", text)
    text = _STYLE.sub(lambda one: _sheet(one[1], path.parent / one[2]), text)
    names = [name for _, name in _EXPORT.findall(text)]
    text = _COMMENT.sub("", _EXPORT.sub(r"\1 \2", text))
    left = _OTHER.search(text)
    if left is not None:
        raise ValueError(f"{path.name}: this cannot be put into one file: {left[0]}")
    exports[path] = names
    parts.append(f"const ${len(exports) - 1} = (() => {{\n{text}return {{ {', '.join(names)} }};\n}})();\n")
    return len(exports) - 1


def _sheet(name: str, path: Path) -> str:
    css = re.sub(
        r"/\*.*?\*/\s*|\n\s*",
        lambda one: " " if one[0].startswith("\n") else "",
        path.read_text("utf-8"),
        flags=re.DOTALL,
    )
    return f"const {name} = new CSSStyleSheet();\n{name}.replaceSync({json.dumps(css.strip(), ensure_ascii=False)});\n"
