import pytest

from chatproof_reference.client.settings import Settings, load_settings, save_settings


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "deep" / "client.json"
    settings = Settings("example.org", "1", "Ann Lee 🎉", dark=True, zoom=150)
    save_settings(settings, path)
    assert load_settings(path) == settings


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"host": 1, "dark": "yes", "extra": 2}', b"\xff"])
def test_a_damaged_file_means_the_defaults(tmp_path, content):
    path = tmp_path / "client.json"
    path.write_bytes(content)
    assert load_settings(path) == Settings()


def test_where_nothing_can_be_written_nothing_happens(tmp_path):
    (tmp_path / "file").touch()
    save_settings(Settings(), tmp_path / "file" / "client.json")
