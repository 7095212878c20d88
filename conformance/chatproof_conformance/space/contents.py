"""Contents as patterns: what programs trim, split, escape, fold, cut or obey; and how contents may be escaped."""

_CHARACTERS = (
    *("\0", "\x01", "\b", "\t", "\n", "\x0b", "\x0c", "\r", "\r\n", "\x1b[31m", "\x1c", "\x1f", "\x7f", "\x85", "\x9f"),
    *("\xa0", "\xad", "\u200b", "\u200d", "\u200e", "\u202e", "\u2028", "\u2029", "\u2060", "\u3000", "\ufeff"),
    *("\ufffd", "\ufffe", "\uffff", "\ue000", "\U000e0001", "\U0001fffe", "\U0010ffff", "\U00010000"),
    *("é", "e\u0301", "ß", "İ", "ſ", "ﬁ", "\u212b", "中", "\ud55c", "\u1112\u1161", "שלום", "مرحبا", "\u0e01\u0e33"),
    *("🙂", "👍🏽", "👩\u200d👧", "🇨🇭", "\u2764\ufe0f", "\U00020000", "\U00030000", "\U0001d5a0"),
    *('"', "'", "`", "\\", "\\\\", "\\n", "\\u0041", "\\ud800", "/", "</script>", "<b>", "&", "&amp;", "&#65;"),
    *(
        "%s",
        "%%",
        "%n",
        "%20",
        "+",
        "{0}",
        "{{x}}",
        "${x}",
        "$&",
        "$$",
        "$`",
        "$'",
        "$1",
        "$HOME",
        ":",
        ";",
        ",",
        "|",
        "=",
        "\\x41",
    ),
)
"""Line separators, characters that programs change, and text that means something in a language or format."""

_NUMBERED = "".join(f"{place:04}" for place in range(225))
"""A text that is nowhere like itself elsewhere, so that no loss, no cut and no exchange of pieces goes unseen."""

_WHOLE = (
    *(f"<word>{_NUMBERED[:length]}" for length in (120, 240, 250, 500, 900)),
    *(" <word>", "<word> ", "  <word>  ", "<word>  b", "<word>    b", "\t<word>\t", "\n<word>\n", "<word>\n\nb"),
    *(
        "\r\n<word>\r\n",
        "<word>\r\n\r\nb",
        "\xa0<word>\xa0",
        "\u3000<word>",
        "\ufeff<word>",
        "<word>\n \n",
        "\0<word>\0",
    ),
    *("/quit", "/quit <word>", "/nick <word>", "/me <word>", "/msg <present> <word>", "QUIT", "exit", "!<word>"),
    *("@<present> <word>", "@<present>: <word>", "@all <word>", "@everyone", "#<word>", "<present>", "<present><word>"),
    *("<present>: <word>", "<word> <present>", "<word><present>", "<own>", "<own>: <word>", "[<own>] <word>"),
    *("<word> joined the chat", "<word> left the chat", "<present> joined the chat", "<present> left the chat"),
    *("<own> left the chat", "Username already taken", "User not found", "<word> 12:34:56", "12:34:56 <word>"),
    *("null", "undefined", "true", "false", "0", "-1", "00", "1e3", "12", "NaN", "[]", "{}", '""', "''", "."),
    *('{"type":"message","content":"<word>"}', '{"type":"join","username":"<word>"}', '["<word>"]', '"<word>"'),
    *('<word>"}', '<word>","username":"<present>', '{"content":"<word>', "<word>}{", "<word>}\n{", "<word>\\"),
    *("<word>} b", "{<word>} b", "<word>" + "[" * 40, "<word>" + '{"' * 40, "<word>" + "]" * 40),
    *("https://example.org/<word>", "see www.example.org <word>", "mailto:<word>@example.org", "<word>@example.org"),
    *(
        "**<word>**",
        "`<word>`",
        "```\n<word>\n```",
        ":smile: <word>",
        "<word> :-)",
        "\u0391\u03a3 <word>",
        "<word>\u2026",
    ),
    *(" ", "  ", "\t", "\n", "\r\n", "\0", "\u200b", "\xa0", "\u3000", "x", "é", "中", "🙂", "\ufeff", "e\u0301"),
)
"""Contents that mean something as a whole: spaces at the ends, commands, people's names, notices, values, JSON."""


def contents() -> tuple[str, ...]:
    """Return contents, each valid; the word of most stands before and after what is telling."""
    return tuple(dict.fromkeys(("<word>", *(f"<word>{text}<word>" for text in _CHARACTERS), *_WHOLE)))


ESCAPED_CONTENTS = (
    *(rb"<word>\ud83d\ude00", rb"<word>\uD83D\uDE00", rb"\uD83d\udE00<word>", rb"<word>\ud800\udc00"),
    *(rb"<word>\udbff\udfff", rb"<word>\/<word>", rb"<word>\u002F", rb"\u003cword\u003e<word>", rb"<word>\u0000<word>"),
    *(rb"<word>\u000a", rb"<word>\u000A\u000D", rb"<word>\u0022<word>", rb"<word>\u005c<word>", rb"<word>\u005Cn"),
    *(rb"<word>\u00e9\u00E9", rb"<word>\u2028", rb"<word>\ufeff", rb"<word>\uFFFE\uffff", rb"<word>\b\f\n\r\t"),
    *(rb"<word>\\\u0022", rb"<word>\\u0041", rb"<word>\u0020\u0020 ", rb"\u0009<word>", rb"<word>\"\"<word>\""),
)
"""Contents as they stand in a frame, with escapes of every kind."""

FILLERS = {
    "1 byte": b"x",
    "2 bytes": "é".encode(),
    "3 bytes": "中".encode(),
    "4 bytes": "🙂".encode(),
    "escapes": rb"\u00e9",
    "escapes of pairs": rb"\ud83d\ude00",
    "escapes of 2 bytes": rb"\n",
}
"""What a long content may consist of, as it stands in a frame."""
