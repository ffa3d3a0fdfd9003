"""The text of one of Timeloop's files in which templates of its front end are filled in.

The front end uses Jinja, and a caller may give it values. Read is what has one meaning without a
caller: files that are included, and names with defaults.
"""

from __future__ import annotations

import re
from pathlib import Path

from codesign.errors import InputError
from codesign.paths import kind_of
from codesign.reading import MAX_FILE_BYTES, read_text, shown

MAX_INCLUDED = 16
"""Files that one file may include, and these in turn, together."""

DUMP = "parsed-processed-input.yaml"
"""The file in which Timeloop's front end leaves what it made of its input."""

_DEFAULT = r"""[A-Za-z_]\w*\s*\|\s*default\(\s*([\w.+-]+|'[^'{}]*'|"[^"{}]*")\s*\)"""
_INCLUDE = re.compile(r"\{\{\s*include_text\(\s*(['\"])([^'\"{}]*)\1\s*\)\s*\}\}")
_VALUE = re.compile(rf"\{{\{{\s*{_DEFAULT}\s*\}}\}}")
_IF = re.compile(rf"\{{%-?\s*if\s+{_DEFAULT}\s*-?%\}}")
_TURN = re.compile(r"\{%-?\s*(else|endif)\s*-?%\}")
_CONTROL = re.compile(r"\{%-?\s*(?:if|elif|else|endif)\b")
_TEMPLATE = re.compile(r"\{\{.*|\{%.*")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_TRUTH = {"True": True, "true": True, "False": False, "false": False, "None": False}


def filled_text(path: Path) -> str:
    """The text of a file, with that of the files that it includes.

    On a line of their own, `{{include_text('FILE')}}` stands for a file beside this one, and
    `{% if NAME|default(True) %}`, `{% else %}` and `{% endif %}` choose lines by the default.
    `{{NAME|default(VALUE)}}` is the value.

    Raises:
        InputError: there is another template, or a file that is included cannot be read.
    """
    return _filled(path, [])


def _filled(path: Path, seen: list[Path]) -> str:
    lines: list[str] = []
    chosen: list[bool] = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        bare = _COMMENT.sub("", line).strip() if "{" in line else ""
        if _takes_turn(bare, chosen) or not (all(chosen) or _CONTROL.search(bare)):
            line = ""
        elif (include := _INCLUDE.fullmatch(bare)) is not None:
            line = _filled(_beside(path, number, include[2], seen), seen)
        elif bare:
            line = _VALUE.sub(lambda value: value[1].strip("'\""), line)
            template = _TEMPLATE.search(_COMMENT.sub("", line))
            if template is not None:
                raise InputError(
                    f"{path}, line {number}: {shown(template[0])} is a template, which Timeloop's "
                    f"front end fills in: import the {DUMP} that it writes"
                )
        lines.append(line)
    if chosen:
        raise InputError(f"{path}: an {{% if … %}} has no {{% endif %}}")
    text = "\n".join(lines)
    if len(text) > MAX_FILE_BYTES:
        raise InputError(f"{path}: with what it includes larger than {MAX_FILE_BYTES >> 20} MiB")
    return text


def _takes_turn(bare: str, chosen: list[bool]) -> bool:
    """Whether a line is a condition, or the other side or the end of one, and then enters it."""
    condition, turn = _IF.fullmatch(bare), _TURN.fullmatch(bare)
    if condition is not None and condition[1] in _TRUTH:
        chosen.append(_TRUTH[condition[1]])
    elif turn is not None and chosen and turn[1] == "else":
        chosen[-1] = not chosen[-1]
    elif turn is not None and chosen:
        chosen.pop()
    else:
        return False
    return True


def _beside(path: Path, number: int, name: str, seen: list[Path]) -> Path:
    """The file that a line of `path` includes."""
    where = f"{path}, line {number}: include_text({name!r})"
    if not name or "\0" in name or Path(name).is_absolute():
        raise InputError(f"{where}, expected the name of a file beside it")
    seen.append(path.parent / name)
    if len(seen) > MAX_INCLUDED:
        raise InputError(f"{where}, expected at most {MAX_INCLUDED} included files")
    if kind_of(seen[-1]) is None:
        raise InputError(f"{where}: there is no {seen[-1]}")
    return seen[-1]
