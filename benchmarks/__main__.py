"""Run every benchmark once: ``python -m benchmarks`` or ``make bench``."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
LIMIT_S = 240.0


def passes(script: Path) -> bool:
    """Run one benchmark; it meets its goals within the time limit, or not."""
    began = time.perf_counter()
    print(f"== {script.stem}", flush=True)
    try:
        ended = subprocess.run([sys.executable, script], check=False, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        print(f"stopped after {LIMIT_S:.0f} s", flush=True)
        return False
    print(f"   {time.perf_counter() - began:.0f} s", flush=True)
    return ended.returncode == 0


def main() -> int:
    scripts = sorted(HERE.glob("bench_*.py"))
    missed = [script.stem for script in scripts if not passes(script)]
    print("missed: " + ", ".join(missed) if missed else "every goal met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
