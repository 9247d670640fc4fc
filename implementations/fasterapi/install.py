"""Makes the virtual environment with FasterAPI, compiled from its repository: install.py ENVIRONMENT"""

import pathlib
import subprocess
import sys
import venv

REVISION = "d181fe417c8eca73205f5c9d4ccea65d6d4e2b6b"
"""A revision stands for its whole content: nothing else has to be locked."""
SOURCE = f"fasterapi @ git+https://github.com/ugbot/FasterAPI.git@{REVISION}"


def main() -> None:
    environment = pathlib.Path(sys.argv[1])
    wanted = f"{SOURCE} {sys.version}"
    stamp = environment / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    venv.create(environment, clear=True, with_pip=True)
    pip = [environment / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, SOURCE], check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
