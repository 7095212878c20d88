import pytest

from chatproof_common.addresses import read_host_and_port, shown_address


@pytest.mark.parametrize("text", ["localhost:12345", "[::1]:1", "[fe80::1%eth0]:65535", "bücher:80", "10.0.0.1:80"])
def test_an_address_is_read_and_written_alike(text):
    assert shown_address(read_host_and_port(text)) == text


@pytest.mark.parametrize("text", ["localhost", ":80", "::1:80", "a:0", "a:65536", "[g]:80", "a b:80", "a:", "a:8 "])
def test_what_is_no_address_is_refused_with_what_would_be_one(text):
    with pytest.raises(ValueError, match=r"write HOST:PORT, such as localhost:12345 or \[::1\]:12345"):
        read_host_and_port(text)


@pytest.mark.parametrize("host", ["a..b", ".a", "x" * 64 + ".org"])
def test_what_no_host_can_be_called_is_refused(host):
    with pytest.raises(ValueError, match="is no host name"):
        read_host_and_port(f"{host}:80")
