"""A JSON reader written by hand, on bytes (base: epoll)."""
import re

FAULT = ''
NUMBER = re.compile(r'-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?', re.A)
NUMBER_D = re.compile(r'-?(?:0|[1-9]\d*|[^\W\d_]?(?!\w)\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?')
NUMBER_ANYDIGIT = re.compile(r'-?(?:0|(?!0)\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?')
HEX = frozenset('0123456789abcdefABCDEF')
ESC = {'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}
depth = 0           # used by the fault only


class Bad(Exception):
    pass


class Deep(Exception):
    pass


def parse(line):
    """The value of a frame; Bad if it is not JSON, Deep if it is nested too deeply."""
    if FAULT == 'bad-utf-8-in-ignored-member-accepted':
        text = line.decode('utf-8', 'surrogateescape')
    else:
        try:
            text = line.decode('utf-8')
        except UnicodeDecodeError:
            raise Bad from None
    v, i = value(text, space(text, 0), 1)
    if space(text, i) != len(text):
        raise Bad
    if FAULT == 'bad-utf-8-in-ignored-member-accepted' and isinstance(v, dict):
        for k in ('type', 'username', 'target', 'content'):
            s = v.get(k)
            if isinstance(s, str) and any('\udc80' <= c <= '\udcff' for c in s):
                raise Bad
    return v


def space(t, i):
    n = len(t)
    while i < n and t[i] in ' \t\r\n':
        i += 1
    return i


def value(t, i, level):
    global depth
    c = t[i:i + 1]
    if c == '"':
        return string(t, i + 1)
    if c == '{' or c == '[':
        if FAULT == 'depth-counter-not-reset-after-bad-frame':
            depth += 1
            if depth > 200:
                raise Deep
        elif FAULT == 'nesting-of-1000-kills-connection':
            pass
        elif level > (32 if FAULT == 'value-nested-32-deep-refused' else 200):
            raise Deep
        r = obj(t, i + 1, level) if c == '{' else arr(t, i + 1, level)
        if FAULT == 'depth-counter-not-reset-after-bad-frame':
            depth -= 1
        return r
    for word, v in (('true', True), ('false', False), ('null', None)):
        if t.startswith(word, i):
            return v, i + len(word)
    m = (NUMBER_ANYDIGIT if FAULT == 'digits-of-other-scripts-accepted' else NUMBER).match(t, i)
    if not m:
        raise Bad
    return 0, m.end()


def arr(t, i, level):
    out = []
    i = space(t, i)
    if t[i:i + 1] == ']':
        return out, i + 1
    while True:
        v, i = value(t, space(t, i), level + 1)
        out.append(v)
        i = space(t, i)
        c = t[i:i + 1]
        if c == ']':
            return out, i + 1
        if c != ',':
            raise Bad
        i += 1


def obj(t, i, level):
    out = {}
    i = space(t, i)
    if t[i:i + 1] == '}':
        return out, i + 1
    while True:
        i = space(t, i)
        if t[i:i + 1] != '"':
            raise Bad
        k, i = string(t, i + 1)
        i = space(t, i)
        if t[i:i + 1] != ':':
            raise Bad
        v, i = value(t, space(t, i + 1), level + 1)
        if k in out:
            raise Bad
        out[k] = v
        i = space(t, i)
        c = t[i:i + 1]
        if c == '}':
            return out, i + 1
        if c != ',':
            raise Bad
        i += 1


def unit(t, i):
    h = t[i:i + 4]
    if FAULT == 'underscore-in-unicode-escape-accepted':
        try:
            return int(h, 16) & 0xffff
        except ValueError:
            raise Bad from None
    if len(h) != 4 or not HEX.issuperset(h):
        raise Bad
    return int(h, 16)


def string(t, i):
    out = []
    n = len(t)
    while True:
        if i >= n:
            raise Bad
        c = t[i]
        if c == '"':
            return ''.join(out), i + 1
        if c < ' ':
            raise Bad
        if c != '\\':
            out.append(c)
            i += 1
            continue
        e = t[i + 1:i + 2]
        if e in ESC and e:
            out.append(ESC[e])
            i += 2
            continue
        if e != 'u':
            raise Bad
        u = unit(t, i + 2)
        i += 6
        if 0xdc00 <= u <= 0xdfff:
            raise Bad
        if 0xd800 <= u <= 0xdbff:
            if t[i:i + 2] != '\\u':
                raise Bad
            w = unit(t, i + 2)
            i += 6
            if not 0xdc00 <= w <= 0xdfff:
                raise Bad
            if FAULT == 'escaped-pairs-of-even-planes-decoded-wrong':
                u = 0x10000 | (u & 0x3ff) << 10 | w & 0x3ff
            else:
                u = 0x10000 + ((u & 0x3ff) << 10 | w & 0x3ff)
        out.append(chr(u))


def quote(s):
    out = ['"']
    for c in s:
        if c == '"' or c == '\\':
            out.append('\\' + c)
        elif c < ' ' and not (FAULT == 'control-u001f-written-raw' and c == '\x1f'):
            out.append('\\u%04x' % ord(c))
        else:
            out.append(c)
    out.append('"')
    return ''.join(out)
