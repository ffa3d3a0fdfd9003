"""`codesign completion`: a script with which a shell completes commands, options and names."""

from __future__ import annotations

import argparse
from typing import Any

from codesign.commands.options import MAPPERS, SEARCHERS, add_command, method_names

SHELLS = ("bash", "zsh", "fish")

_DESCRIPTION = """\
Prints a script with which a shell completes the commands, their options, and the names of
networks, chips, energy tables and methods, and otherwise file names.
"""

_EXAMPLES = """\
  source <(codesign completion bash)       # in ~/.bashrc
  source <(codesign completion zsh)        # in ~/.zshrc, after compinit
  codesign completion fish > ~/.config/fish/completions/codesign.fish
"""

_SCRIPTS = {
    "bash": """\
_codesign() {
    local IFS=$'\\n'
    COMPREPLY=($(codesign completion --words "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null))
}
complete -o default -F _codesign codesign
""",
    "zsh": """\
#compdef codesign
_codesign() {
    local -a found
    found=("${(@f)$(codesign completion --words "${(@)words[1,CURRENT]}" 2>/dev/null)}")
    if [[ -n "${found[1]}" ]]; then
        compadd -- "${found[@]}"
    else
        _files
    fi
}
compdef _codesign codesign
""",
    "fish": """\
function __codesign_complete
    set -l current (commandline -ct)
    set -l found (codesign completion --words (commandline -opc) "$current" 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path "$current"
    end
end
complete -c codesign -f -a '(__codesign_complete)'
""",
}

_FILES = {
    "workload": "workloads",
    "hardware": "hardware",
    "hardware_space": "hardware",
    "technology": "technology",
}
"""Options whose value is a name, each with the kind of the name (`shipped.KINDS`)."""


def add_parser(subparsers: Any) -> None:
    """Adds the command."""
    parser = add_command(
        subparsers, "completion", "complete commands in a shell", _DESCRIPTION, _EXAMPLES
    )
    parser.add_argument("shell", metavar="SHELL", nargs="?", choices=SHELLS, help="bash, zsh, fish")
    # The scripts call this with the words of the command line up to the one to complete.
    parser.add_argument("--words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Runs the command, and returns the exit code."""
    from codesign.cli import make_parser
    from codesign.errors import InputError

    if options.words is not None:
        for candidate in candidates(make_parser(), options.words[1:]):
            print(candidate)
        return 0
    if options.shell is None:
        raise InputError(f"completion: SHELL is missing, expected one of {', '.join(SHELLS)}")
    print(_SCRIPTS[options.shell], end="")
    return 0


def candidates(parser: argparse.ArgumentParser, words: list[str]) -> list[str]:
    """The completions of the last word; empty if it is a file name or another free text.

    Args:
        parser: the parser of the whole command line.
        words: the words of the command line, without the program.
    """
    *before, current = words or [""]
    action: argparse.Action | None = None
    taken = 0
    positionals = _positionals(parser)
    for word in before:
        # Bash passes `--option=value` as three words.
        if word == "=":
            continue
        option, equals, _ = word.partition("=")
        if option.startswith("-") and option in parser._option_string_actions:
            action = None if equals else parser._option_string_actions[option]
            taken = 0
        elif action is not None and _takes_more(action, taken):
            taken += 1
        elif positionals:
            action, first = None, positionals[0]
            if isinstance(first, argparse._SubParsersAction) and word in first.choices:
                parser = first.choices[word]
                positionals = _positionals(parser)
            elif first.nargs not in ("+", "*"):
                positionals = positionals[1:]
    option, equals, value = current.partition("=")
    start = ""
    if current == "=":
        current = ""
    elif equals and option in parser._option_string_actions:
        action, taken = parser._option_string_actions[option], 0
        start, current = f"{option}=", value
    elif current.startswith("-"):
        return sorted(name for name in parser._option_string_actions if name.startswith(current))
    if action is None or not _takes_more(action, taken):
        action = positionals[0] if positionals else None
    found = [] if action is None else _values(action)
    return [start + name for name in found if name.startswith(current)]


def _positionals(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if not action.option_strings]


def _takes_more(action: argparse.Action, taken: int) -> bool:
    if action.nargs == 0:
        return False
    return taken == 0 or action.nargs in ("+", "*")


def _values(action: argparse.Action) -> list[str]:
    """All values of an option or argument, if they can be listed."""
    if action.choices is not None:
        return [str(choice) for choice in action.choices]
    if action.dest in _FILES:
        from codesign.shipped import names

        return sorted(entry.name for entry in names(_FILES[action.dest]))
    help_text = action.help or ""
    if SEARCHERS in help_text:
        return sorted(method_names()[1])
    if MAPPERS in help_text:
        from codesign.search.registry import METHODS

        return sorted(METHODS)
    return []
