"""Make `.venv` and install requirements.txt. Runs on a bare Python; does nothing when all of it stands already."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "installed.sha256"
LOCK = ROOT / "requirements.txt"
OLDEST = (3, 11)


def main() -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"Headwater needs Python 3.11 or newer, this is {sys.version.split()[0]}: make PYTHON=python3.12 ...")
    wanted = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    if not (VENV / "bin" / "python").exists():
        _make_venv()
    print("installing the packages of requirements.txt into .venv (once)", flush=True)
    python = str(VENV / "bin" / "python")
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(LOCK)]
    if subprocess.run(install, check=False, cwd=ROOT).returncode:
        sys.exit("pip could not install requirements.txt (see above); run the command again when that is cured")
    STAMP.write_text(wanted, encoding="utf-8")


def _make_venv() -> None:
    print("making .venv", flush=True)
    try:
        venv.create(VENV, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, OSError) as error:
        sys.exit(f".venv could not be made ({error}); on Debian and Ubuntu: apt install python3-venv")


if __name__ == "__main__":
    main()
