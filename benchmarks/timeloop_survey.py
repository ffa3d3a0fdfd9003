"""How many of Timeloop's files in a folder import, and why the others do not.

Usage: python benchmarks/timeloop_survey.py FOLDER…

Every folder, such as a checkout of a public repository, is imported as a whole: its files may refer
to shapes and variables in each other. A file with an architecture counts as imported if the
architecture became an accelerator or part of a design; the same holds for problems and mappings.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter
from pathlib import Path

from codesign.errors import InputError
from codesign.reading import read_text
from codesign.timeloop import import_files

KINDS = {
    "architectures": re.compile(r"^(architecture|arch)\b", re.MULTILINE),
    "problems": re.compile(r"^problem\b", re.MULTILINE),
    "mappings": re.compile(r"^mapping\b", re.MULTILINE),
}
SPARSE = "sparse data is not modelled"


def kinds_of(file: Path) -> list[str]:
    """What a file holds, by the keys at the beginning of its lines."""
    try:
        text = read_text(file)
    except InputError:
        return []
    return [kind for kind, key in KINDS.items() if key.search(text)]


def reason(text: str, file: Path) -> str:
    """A sentence without the place and the numbers in it, so that like sentences are one."""
    text = text.removeprefix("not read: ").replace(str(file), "FILE")
    return re.sub(r"\d+", "N", text)[:160]


def survey(folder: Path, told: int) -> None:
    """Prints the counts of one folder, and the reasons that are most frequent."""
    try:
        found = import_files([folder], folder.name)
    except InputError as error:
        print(f"{folder}: {error}")
        return
    total: Counter[str] = Counter()
    read: Counter[str] = Counter()
    sparse: Counter[str] = Counter()
    why: Counter[tuple[str, str]] = Counter()
    for file, what in found.files.items():
        for kind in kinds_of(file):
            total[kind] += 1
            if file not in found.refused and what != "nothing":
                read[kind] += 1
                continue
            sparse[kind] += SPARSE in what
            why[kind, reason(what, file)] += 1
    counts = [
        f"{read[kind]} of {total[kind]} {kind} ({sparse[kind]} of the others are sparse)"
        for kind in KINDS
        if total[kind]
    ]
    print(f"{folder}: {', '.join(counts) or 'no file of Timeloop'}")
    for (kind, text), times in why.most_common(told):
        print(f"  {times} {kind}: {text}")


def main() -> None:
    """Surveys the folders that are named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", metavar="FOLDER", nargs="+", type=Path)
    parser.add_argument("--reasons", type=int, default=40, help="how many to print a folder")
    options = parser.parse_args()
    for folder in options.folders:
        survey(folder, options.reasons)


if __name__ == "__main__":
    main()
