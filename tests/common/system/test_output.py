from chatproof_common.system.output import BoundedOutput

KIB = 1024


def test_the_beginning_and_the_end_are_kept_and_the_rest_is_counted():
    output = BoundedOutput()
    for number in range(1000):
        output.add(float(number), f"{number:04}".encode() * KIB)
    text = output.text()
    assert text.startswith("0000")
    assert text.endswith("0999")
    assert 320 * KIB <= len(text) <= 400 * KIB
    gap = f"\n… {output.dropped} bytes are left out …\n"
    assert gap in text
    assert output.dropped + len(text) - len(gap) == 4000 * KIB


def test_little_is_kept_whole():
    output = BoundedOutput()
    output.add(1.0, b"a" * 100 * KIB)
    output.add(2.0, b"b" * 100 * KIB)
    assert output.text() == "a" * 100 * KIB + "b" * 100 * KIB
    assert output.dropped == 0


def test_what_came_between_two_times():
    output = BoundedOutput()
    for number in range(5):
        output.add(float(number), f"{number}\n".encode())
    assert output.text(1.0, 3.0) == "1\n2\n3\n"
    assert output.text(since=4.0) == "4\n"
    assert output.text(since=5.0) == ""


def test_many_small_pieces_at_about_one_time_are_kept_as_few():
    output = BoundedOutput()
    for number in range(1000):
        output.add(number * 0.001, b"x")
    assert output.text() == "x" * 1000
    assert output.text(0.001, 0.008) == "", "they have the time of the first"
    assert len(output.text(0.0, 0.5)) > 400


def test_bytes_that_are_not_utf_8_harm_nobody():
    output = BoundedOutput()
    output.add(0.0, b"\xff\xfe caf\xc3")
    output.add(1.0, b"\xa9")
    assert output.text() == "\ufffd\ufffd café"
