"""Makes the virtual environment of a Python entry: install.py FOLDER ENVIRONMENT

The packages are exactly those of FOLDER/requirements.txt, by their hashes. What is installed
already is left alone.
"""

import hashlib
import pathlib
import subprocess
import sys
import venv


def main() -> None:
    folder, environment = (pathlib.Path(argument) for argument in sys.argv[1:3])
    requirements = folder / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    stamp = environment / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    venv.create(environment, clear=True, with_pip=True)
    pip = [environment / "bin/python", "-m", "pip", "--disable-pip-version-check", "install"]
    options = ["--quiet", "--require-hashes", "--only-binary", ":all:"]
    subprocess.run([*pip, *options, "--requirement", requirements], check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
