"""Programs of these tests in JavaScript, with the packages that they name."""

import json
import shutil
import subprocess


def install(source, tmp_path_factory):
    """Return a copy of a folder in which what its package.json names is installed."""
    folder = tmp_path_factory.mktemp(source.name) / source.name
    shutil.copytree(source, folder)
    command = ["npm", "install", "--prefer-offline", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder


def run(folder, program, text):
    """Return what a program in a folder writes when it reads a text, as the JSON that it is."""
    command = ["node", program]
    done = subprocess.run(
        command, cwd=folder, input=text, capture_output=True, encoding="utf-8", check=False, timeout=120
    )
    assert done.stderr == ""
    return json.loads(done.stdout)
