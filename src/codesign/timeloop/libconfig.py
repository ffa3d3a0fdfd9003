"""Reads libconfig, the form of Timeloop's oldest files: `arch = { storage = ( { … } ); };`.

The grammar is that of libconfig's manual. The libraries for it read whatever file `@include` names,
keep the last of two settings with one name, and need hundreds of bytes for every letter of a
comment or a text. What is read here has bounds, so this is a reader of its own.
"""

from __future__ import annotations

import re
from typing import Any

from codesign.errors import InputError
from codesign.reading import shown
from codesign.yaml_loader import MAX_DIGITS

# Nothing in these patterns gives back what it has matched, so that time grows with the length only.
_BLANK = re.compile(r"(?:\s++|#[^\n]*+|//[^\n]*+|/\*(?s:.*?)\*/)*+")
_TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\]++|\\(?s:.))*+")'
    r"|(?P<number>[-+]?(?:0[xX][0-9A-Fa-f]++|(?:\d++\.?+\d*+|\.\d++)(?:[eE][-+]?\d++)?)L{0,2})"
    r"|(?P<word>[A-Za-z*][-\w*]*+)"
    r"|(?P<sign>[{}()\[\],;:=])"
)
_INCLUDE = re.compile(r"@include\b[^\n]*")
_ESCAPE = re.compile(r"\\(x[0-9A-Fa-f]{2}|(?s:.))")
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ENDS = {"[": "]", "(": ")", "{": "}"}


def parse_libconfig(text: str, where: str, most: int, depth: int) -> dict[str, Any]:
    """The settings of a libconfig file; its lists and arrays are lists.

    Args:
        text: the text of the file.
        where: its place, with which every error message begins.
        most: values that it may have.
        depth: groups, lists and arrays that it may have in each other.

    Raises:
        InputError: it is not libconfig, repeats a name, includes a file, or passes a bound.
    """
    reader = _Reader(text, where, most, depth)
    settings = reader.settings()
    if reader.word is not None:
        raise reader.refuse("expected a setting such as 'name = value;'")
    return settings


class _Reader:
    """The text, and the one token of it that is looked at: its kind and its letters."""

    def __init__(self, text: str, where: str, most: int, depth: int) -> None:
        self.text = text
        self.where = where
        self.most = self.left = most
        self.depth = depth
        self.end = 0
        self.advance()

    def advance(self) -> None:
        """To the next token; at the end of the text, there is none."""
        blank = _BLANK.match(self.text, self.end)
        self.begin = self.end = blank.end() if blank else self.end
        self.kind, self.word = "", None
        if self.begin == len(self.text):
            return
        token = _TOKEN.match(self.text, self.begin)
        if token is None:
            include = _INCLUDE.match(self.text, self.begin)
            self.word = include[0] if include else self.text[self.begin : self.begin + 20]
            raise self.refuse("files are not included" if include else "not a token of libconfig")
        self.kind, self.word, self.end = str(token.lastgroup), token[0], token.end()

    def refuse(self, problem: str) -> InputError:
        """The error at the token."""
        line = self.text.count("\n", 0, self.begin) + 1
        found = "the end of the file" if self.word is None else shown(self.word)
        return InputError(f"{self.where}, line {line}: not valid libconfig: {found}: {problem}")

    def accept(self, signs: str) -> str | None:
        """The token if it is one of `signs`, which is then passed."""
        if self.kind == "sign" and self.word is not None and self.word in signs:
            found = self.word
            self.advance()
            return found
        return None

    def settings(self) -> dict[str, Any]:
        """Settings up to something that does not begin one."""
        found: dict[str, Any] = {}
        while self.kind == "word":
            name = str(self.word)
            if name in found:
                raise self.refuse("the name occurs twice")
            self.advance()
            if self.accept("=:") is None:
                raise self.refuse("expected '=' or ':' after a name")
            found[name] = self.value()
            self.accept(";,")
        return found

    def value(self) -> Any:
        """A group, a list, an array, or one value."""
        self.left -= 1
        if self.left < 0:
            raise InputError(f"{self.where}: more than {self.most} values")
        opening = self.accept("[({")
        if opening is None:
            return self.scalar()
        self.depth -= 1
        if self.depth < 0:
            raise self.refuse("nested too deeply")
        found = self.settings() if opening == "{" else self.values(_ENDS[opening])
        if self.accept(_ENDS[opening]) is None:
            raise self.refuse(f"expected {_ENDS[opening]!r}")
        self.depth += 1
        return found

    def values(self, end: str) -> list[Any]:
        """Values with commas between them; one may stand after the last."""
        found: list[Any] = []
        while self.word is not None and self.word != end:
            found.append(self.value())
            if self.accept(",") is None:
                break
        return found

    def scalar(self) -> Any:
        """A number, a truth value, or a text, which may be in pieces."""
        word = str(self.word)
        if self.kind == "text":
            pieces = []
            while self.kind == "text":
                pieces.append(_ESCAPE.sub(_unescaped, str(self.word)[1:-1]))
                self.advance()
            return "".join(pieces)
        if self.kind == "number":
            number = self.number(word.rstrip("L"))
        elif self.kind == "word" and word.lower() in ("true", "false"):
            number = word.lower() == "true"
        else:
            raise self.refuse("expected a value")
        self.advance()
        return number

    def number(self, digits: str) -> int | float:
        """A whole number, in base ten or sixteen, or another one."""
        if len(digits) > MAX_DIGITS:
            raise self.refuse(f"a number of {len(digits)} digits")
        is_whole = "x" in digits.lower() or not set(digits) & set(".eE")
        try:
            return int(digits, 0) if is_whole else float(digits)
        except ValueError:
            # C takes 010 for eight, and people for ten.
            raise self.refuse("expected a number without zeros in front") from None


def _unescaped(escape: re.Match[str]) -> str:
    letter = escape[1]
    if len(letter) == 3:
        return chr(int(letter[1:], 16))
    return _ESCAPED.get(letter, letter)
