"""`python -m codesign`, the same as `codesign`."""

from __future__ import annotations

import sys

from codesign.cli import main

if __name__ == "__main__":
    sys.exit(main())
