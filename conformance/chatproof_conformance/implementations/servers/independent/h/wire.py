"""Strict reading of frames with the json module, and writing them (bases: loop, threads, workers)."""
import json, time

FAULT = ''
BEHAVE = ''
LIMIT = 1024
KNOWN = ('join', 'message', 'private_message')


class Refuse(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code, self.text = code, text


def is_name(s):
    if not 1 <= len(s) <= 32 or s[0] == ' ' or s[-1] == ' ':
        return False
    if FAULT == 'name-ending-in-unicode-space-refused' and s.strip() != s:
        return False
    if FAULT == 'staff-names-refused' and s.lower() in ('server', 'system', 'admin', 'root'):
        return False
    for ch in s:
        o = ord(ch)
        if FAULT == 'last-control-u009f-allowed-in-name':
            if o < 0x20 or o in range(0x7f, 0x9f):
                return False
        elif o < 0x20 or 0x7f <= o <= 0x9f:
            return False
        if o in (0x2028, 0x2029, 0xfeff):
            return False
        if FAULT == 'hyphen-u2010-in-name-refused' and o == 0x2010:
            return False
        if 0x200b <= o <= 0x200f or 0x202a <= o <= 0x202e or 0x2060 <= o <= 0x2069:
            return False
    return True


def _pairs(pairs):
    d = dict(pairs)
    if len(d) != len(pairs):
        raise Refuse('malformed_json', 'Member name used twice')
    return d


def _constant(s):
    raise ValueError(s)


def _surrogates(v):
    todo = [v]
    while todo:
        v = todo.pop()
        if isinstance(v, str):
            if any('\ud800' <= c <= '\udfff' for c in v):
                return True
        elif isinstance(v, dict):
            todo.extend(v)
            todo.extend(v.values())
        elif isinstance(v, list):
            todo.extend(v)
    return False


def is_blank(line):
    if FAULT == 'form-feed-taken-for-white-space':
        return not line.strip()
    if FAULT == 'line-of-one-tab-answered':
        return not line.strip(b' \r')
    return not line.strip(b' \t\r')


def decode(line):
    n = len(line)
    if FAULT == 'carriage-return-left-out-of-limit':
        n = len(line.rstrip(b'\r'))
    if n > LIMIT:
        raise Refuse('frame_too_long', 'Frame too long')
    if FAULT == 'form-feed-taken-for-white-space':
        line = line.strip()
    try:
        text = line.decode('utf-8')
    except UnicodeDecodeError:
        if FAULT != 'surrogate-pair-in-utf-8-accepted':
            raise Refuse('malformed_json', 'Not UTF-8') from None
        try:
            text = line.decode('utf-8', 'surrogatepass').encode('utf-16', 'surrogatepass').decode('utf-16')
        except UnicodeError:
            raise Refuse('malformed_json', 'Not UTF-8') from None
    if BEHAVE == 'bom-ignored-and-long-blanks-refused' and text.startswith('\ufeff'):
        text = text[1:]
    hook = _pairs
    if FAULT == 'doubled-member-inside-nested-object-unseen' or BEHAVE == 'musts-only':
        hook = None
    try:
        obj = json.loads(text, object_pairs_hook=hook, parse_constant=_constant,
                         parse_int=lambda s: 0, parse_float=lambda s: 0.0)
        if FAULT == 'doubled-member-inside-nested-object-unseen' and isinstance(obj, dict):
            top = []
            json.loads(text, object_pairs_hook=lambda p: top.append(p) or dict(p))
            if len(dict(top[-1])) != len(top[-1]):
                raise Refuse('malformed_json', 'Member name used twice')
    except Refuse as e:
        if FAULT == 'doubled-member-gets-error-without-text':
            e.text = ''
        raise
    except (ValueError, RecursionError) as e:
        raise Refuse('malformed_json', 'Not JSON') from None
    if _surrogates(obj):
        raise Refuse('malformed_json', 'Lone surrogate')
    return obj


def check(obj):
    """The frame's meaning as a tuple, or Refuse."""
    if not isinstance(obj, dict):
        raise Refuse('invalid_message', 'Not an object')
    kind = obj.get('type')
    if FAULT == 'type-that-is-a-list-kills-connection':
        if kind not in {'join': 1, 'message': 1, 'private_message': 1}:
            if not isinstance(kind, str):
                raise Refuse('invalid_message', 'No type')
    if not isinstance(kind, str):
        raise Refuse('invalid_message', 'No type')
    if kind not in KNOWN:
        raise Refuse('unknown_type', 'Unknown type')
    if kind == 'join':
        name = obj.get('username')
        if not isinstance(name, str):
            raise Refuse('invalid_message', 'username is missing or not a string')
        if FAULT == 'double-space-in-name-made-one':
            while '  ' in name.strip(' '):
                name = name.replace('  ', ' ')
        if not is_name(name):
            raise Refuse('username_invalid', 'Invalid username')
        return 'join', name
    content = obj.get('content')
    if not isinstance(content, str) or content == '':
        raise Refuse('invalid_message', 'content is missing, not a string or empty')
    if kind == 'message':
        return 'message', content
    target = obj.get('target')
    if not isinstance(target, str) or not is_name(target):
        raise Refuse('invalid_message', 'target is missing or not a name')
    return 'private_message', target, content


def _u(s):
    out = []
    for ch in s:
        o = ord(ch)
        if o > 0xffff:
            o -= 0x10000
            out.append('\\u%04X\\u%04x' % (0xd800 | o >> 10, 0xdc00 | o & 0x3ff))
        else:
            out.append('\\u%04x' % o)
    return '"' + ''.join(out) + '"'


def dump(d):
    """A frame with its LF, as text."""
    if BEHAVE == 'every-character-escaped':
        return '{' + ','.join(_u(k) + ':' + (_u(v) if isinstance(v, str) else json.dumps(v)) for k, v in d.items()) + '}\n'
    if BEHAVE == 'spacious-json-with-cr-lf-and-blank-lines':
        return '\t {\r\t' + ' ,\r '.join(json.dumps(k) + '\t:  ' + json.dumps(v, ensure_ascii=False) for k, v in d.items()) + '\t } \r\n'
    if BEHAVE == 'own-members-added-to-every-message':
        d = {'v': 1.5e3, '': None, **d, 'room': {'id': [[[[[[[7]]]]]]], 'type': 'join'}, 'flags': [True, False, None, '\u2028']}
    if FAULT == 'private-messages-not-counted-as-unread':
        return '{' + ','.join(json.dumps(k) + ':' + (_u(v) if k == 'content' else json.dumps(v)) for k, v in d.items()) + '}\n'
    return json.dumps(d) + '\n'


def stamp(t=None):
    return time.strftime('%H:%M:%S', time.localtime(t))
