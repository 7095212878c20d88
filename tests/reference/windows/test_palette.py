import pytest

from chatproof_reference.client.lines import Style
from chatproof_reference.windows.palette import DARK, LIGHT


def contrast(first: str, second: str) -> float:
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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
