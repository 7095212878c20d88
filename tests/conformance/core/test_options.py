"""An option is declared once: command lines, reports and the lines that repeat derive from it."""

from chatproof_conformance.core.options import OPTIONS, Options, flag


def test_an_option_of_two_words_is_written_with_a_hyphen():
    assert flag("max_frames") == "--max-frames"


def test_the_words_that_repeat_give_what_is_not_the_default_and_what_was_by_chance():
    assert Options(seed=7).words(whole=True) == " --seed 7"
    assert Options(seed=7, framing="none", budget=2.5).words(whole=True) == " --framing none --seed 7 --budget 2.5"


def test_a_case_is_repeated_with_the_options_of_cases_alone():
    assert Options(seed=7, framing="none", budget=2.5).words(whole=False) == " --framing none --seed 7"


def test_a_report_has_every_option_but_those_by_chance():
    assert set(Options().reported()) == {name for name, option in OPTIONS.items() if not option.by_chance}
