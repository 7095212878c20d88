import pytest

from chatproof_reference.client.lines import Style
from chatproof_reference.windows.palette import DARK, LIGHT, contrast


def test_contrast_is_as_wcag_defines_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_is_readable(palette):
    assert set(palette.styles) == set(Style)
    pairs = {style.value: (colour, palette.surface) for style, colour in palette.styles.items()}
    for back in ("window", "surface", "button", "border", "notice", "found"):
        pairs[f"text on {back}"] = (palette.text, getattr(palette, back))
    for back in ("window", "surface"):
        pairs[f"muted on {back}"] = (palette.muted, getattr(palette, back))
    pairs |= {
        "accent": (palette.on_accent, palette.accent),
        "good": (palette.good, palette.window),
        "bad": (palette.bad, palette.window),
        "unread": (palette.bad, palette.surface),
    }
    assert {name: round(contrast(*pair), 2) for name, pair in pairs.items() if contrast(*pair) < 4.5} == {}
