"""What pyproject.toml cannot say: `config/` goes into the package, with all that it names.

Runs and their budgets, `config/*.yaml`, belong to the workflow and stay out.
"""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
NAMED = sorted(ROOT.glob("config/*/*.yaml"))


class BuildWithConfig(build_py):
    """Copies the named files; an editable installation reads those of the checkout."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for source, target in self._copies():
                self.mkpath(str(target.parent))
                self.copy_file(str(source), str(target))

    def get_source_files(self) -> list[str]:
        return [*super().get_source_files(), *(str(p.relative_to(ROOT)) for p in NAMED)]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        copied = [] if self.editable_mode else [str(target) for _, target in self._copies()]
        return [*super().get_outputs(include_bytecode), *copied]

    def _copies(self) -> list[tuple[Path, Path]]:
        package = Path(self.build_lib, "codesign")
        return [(path, package / path.relative_to(ROOT)) for path in NAMED]


setup(cmdclass={"build_py": BuildWithConfig})
