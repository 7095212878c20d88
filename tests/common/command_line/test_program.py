"""What is started in a process of its own finds our modules, wherever they are, and none in the folder of the user."""

import subprocess
import sys

from chatproof_common.command_line import program


def test_a_statement_runs_where_modules_are_found_as_here(tmp_path, monkeypatch):
    (tmp_path / "only_here.py").write_text("import sys\nprint('run with', *sys.argv[1:])\n", encoding="utf-8")
    (there := tmp_path / "there").mkdir()
    (there / "json.py").write_text("raise SystemExit('the folder of the user was read')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    for words in (program.python_words("import json, only_here"), program.module_words("only_here")):
        assert subprocess.check_output([*words, "a b"], cwd=there, text=True) == "run with a b\n"


def test_the_single_file_is_named_as_its_user_has_named_it(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/usr/bin/python3.13")
    for started, typed in [
        ("/usr/local/bin/chatproof", "chatproof"),
        ("-c", "chatproof"),
        ("chatproof.pyz", "python3.13 chatproof.pyz"),
        ("my tools/chatproof.pyz", "python3.13 'my tools/chatproof.pyz'"),
    ]:
        monkeypatch.setattr(sys, "argv", [started, "check"])
        assert program.typed_program() == typed
