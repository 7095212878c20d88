"""Unusual servers that keep the specification."""
import json
import time
from collections import deque

from server import Refuse, Server

ALL = {}
CATALOGUE = []


def conforming(name, says, warns=''):
    def add(cls):
        ALL[name] = cls
        CATALOGUE.append({'name': name, 'kind': 'conforming', 'ids': warns.split(), 'root': None, 'says': says,
                          'subtle': False})
        return cls
    return add


def _units(s):
    b = s.encode('utf-16-be')
    return ''.join('\\u%02x%02x' % (b[i], b[i + 1]) for i in range(0, len(b), 2))


@conforming('all-escaped', 'writes every character of every string, member names and types included, as a \\u escape')
class AllEscaped(Server):
    def announce(self, text):
        while text:
            super().announce(text[:500])
            text = text[500:]

    def encode(self, obj):
        parts = []
        for k, v in obj.items():
            v = str(v).lower() if isinstance(v, bool) else '"%s"' % _units(v)
            parts.append('"%s":%s' % (_units(k), v))
        return ('{' + ','.join(parts) + '}\n').encode()


@conforming('crlf-blanks', 'ends lines with CR LF, puts white space around all tokens, blank lines between frames, '
                           'and sends joined clients a blank line every 250 ms')
class CrlfBlanks(Server):
    def encode(self, obj):
        body = json.dumps(obj, ensure_ascii=False, separators=(' \t,\r ', '\t :  ')).encode()
        return b' \t\r ' + body + b'\t\r\n\r\n \n\n'

    def started(self):
        self.call_later(0.25, self.ping)

    def ping(self):
        if not self.stopping:
            for conn in self.everyone():
                if len(conn.out) < 1000:
                    self.queue(conn, b' \r\n')
            self.call_later(0.25, self.ping)


@conforming('dribble', 'sends the first 150 bytes of each write one byte at a time, then pieces of 7 bytes, then the rest')
class Dribble(Server):
    def flush(self, conn):
        conn.steps = 0
        super().flush(conn)

    def write(self, conn):
        conn.steps += 1
        size = 1 if conn.steps <= 150 else 7 if conn.steps <= 200 else 65536
        return conn.sock.send(conn.out[:size])


@conforming('slow-250ms', 'everything that it sends leaves 250 ms later')
class Slow(Server):
    def __init__(self, port):
        super().__init__(port)
        self.later = deque()

    def queue(self, conn, data):
        if self.stopping:
            return super().queue(conn, data)
        if not self.later:
            self.call_later(0.25, self.release)
        self.later.append((time.monotonic() + 0.25, conn, data))

    def release(self, everything=False):
        now = time.monotonic()
        while self.later and (everything or self.later[0][0] <= now):
            _, conn, data = self.later.popleft()
            super().queue(conn, data)
        if self.later:
            self.call_later(self.later[0][0] - now, self.release)

    def close_politely(self, conn):
        conn.hold = True
        self.call_later(0.3, super().close_politely, conn)

    def stop(self):
        self.release(True)
        super().stop()


@conforming('late-leave', 'a user counts as joined for 3 seconds after its connection has ended; only then comes the notice of its leave')
class LateLeave(Server):
    def leave(self, conn):
        self.call_later(3.0, self.leave_now, conn)

    def leave_now(self, conn):
        super().leave(conn)


@conforming('no-codes', 'sends errors without codes, all but the one about a name in use with a text in Greek and two lines')
class NoCodes(Server):
    def make_error(self, code, text):
        return {'type': 'error', 'message': text if code == 'username_taken' else 'Σφάλμα\n"\\' + text.upper()}


@conforming('last-code', 'if several codes fit a frame, uses the last one in the order of precedence')
class LastCode(Server):
    def handle(self, conn, obj):
        try:
            super().handle(conn, obj)
        except Refuse as r:
            if isinstance(obj, dict) and isinstance(obj.get('type'), str):
                if obj['type'] != 'join' and not conn.joined:
                    r.code = 'not_joined'
                elif obj['type'] == 'join' and conn.joined:
                    r.code = 'already_joined'
                    if isinstance(obj.get('username'), str) and obj['username'] in self.users:
                        r.code = 'username_taken'
            raise


@conforming('welcome-list', 'after the join notice the new client gets a welcome, a list of all names, and a join notice of each user present; '
                            'confirmations of delivered messages have a reason')
class WelcomeList(Server):
    def after_join(self, conn):
        self.send(conn, self.make_system('Welcome, ' + conn.name + '!'))
        others = [n for n in self.users if n != conn.name]
        self.send(conn, self.make_system('Present: ' + (', '.join(others[:30]) or 'nobody but you')))
        for n in others[:60]:
            self.send(conn, self.make_system(self.join_text(n)))

    def make_confirmation(self, conn, obj, delivered):
        m = super().make_confirmation(conn, obj, delivered)
        m.setdefault('reason', 'It is in the queue of ' + obj['target'])
        return m


@conforming('odd-members', 'keeps the time of Kathmandu, puts members in reverse order, and adds members of its own to every message')
class OddMembers(Server):
    count = 0

    def now(self):
        return time.strftime('%H:%M:%S', time.gmtime(time.time() + 5 * 3600 + 45 * 60))

    def encode(self, obj):
        self.count += 1
        new = {'x-server': {'name': 'odd', 'tags': [[], None, 1.5e-3, 'joined the chat'], 'type': 'error'}, 'seq': self.count}
        new.update(reversed(list(obj.items())))
        new[''] = None
        return super().encode(new)


@conforming('eager-objects', 'takes a complete object at the end of what it has read for a frame, with no LF; at the end of the stream too')
class EagerObjects(Server):
    def split(self, conn):
        super().split(conn)
        if conn.buf and not conn.hold and conn.buf.rstrip(b' \t\r').endswith(b'}'):
            try:
                v = self.parse(bytes(conn.buf))
            except Refuse:
                return
            if isinstance(v, dict):
                frame = bytes(conn.buf)
                conn.buf.clear()
                self.on_frame(conn, frame)


@conforming('closes-early', 'ends the connection where it may: a line of 65,536 bytes, a line that is not ended in 10 seconds, '
                            'no join within 10 seconds')
class ClosesEarly(Server):
    def connected(self, conn):
        conn.skip_bytes = 0
        conn.line_timer = None
        self.call_later(10.5, self.no_join, conn)

    def no_join(self, conn):
        if not conn.joined and not conn.ended and not self.stopping:
            self.close_politely(conn)

    def no_line(self, conn):
        if not conn.ended and not self.stopping:
            self.close_politely(conn)

    def on_line(self, conn, line):
        conn.skip_bytes = 0
        if conn.line_timer:
            self.cancel(conn.line_timer)
            conn.line_timer = None
        super().on_line(conn, line)

    def partial_too_long(self, conn, buf):
        if super().partial_too_long(conn, buf):
            conn.skip_bytes = len(buf)
            return True
        return False

    def skipped(self, conn, buf):
        conn.skip_bytes += len(buf)
        if conn.skip_bytes >= 65536:
            self.close_politely(conn)

    def feed(self, conn, data):
        super().feed(conn, data)
        if (conn.buf or conn.skipping) and not conn.line_timer:
            conn.line_timer = self.call_later(10.5, self.no_line, conn)

    def close_politely(self, conn):
        if conn.joined:
            self.leave(conn)
            conn.joined = False
        super().close_politely(conn)


@conforming('full-at-50', 'has room for exactly 50 joined clients; the 51st gets server_full and the end of its stream')
class FullAt50(Server):
    MAX_USERS = 50


@conforming('edge-lenient', 'ignores a byte order mark before an object, ignores blank lines of any length, and sends the error for a '
                            'frame that is too long only when its LF has come')
class EdgeLenient(Server):
    def parse(self, frame):
        return super().parse(frame.removeprefix(b'\xef\xbb\xbf'))

    def partial_too_long(self, conn, buf):
        if len(buf) > self.LIMIT:
            conn.all_blank = self.is_blank(buf)
            return True
        return False

    def refuse(self, conn, code, text):
        if code == 'frame_too_long' and conn.skipping:
            return
        super().refuse(conn, code, text)

    def skipped(self, conn, buf):
        conn.all_blank = conn.all_blank and self.is_blank(buf)

    def on_line(self, conn, line):
        if conn.skipping:
            conn.skipping = False
            if not (conn.all_blank and self.is_blank(line)):
                self.refuse(conn, 'frame_too_long', 'Frame too long')
        elif not self.is_blank(line):
            super().on_line(conn, line)


@conforming('unread-64k', 'ends a connection as soon as 65,536 bytes wait in it that the socket did not take')
class Unread64k(Server):
    UNREAD = 65536


@conforming('terse-texts', 'has its own wording for joins, leaves and errors, and gives no reasons', 'JOIN-3 LEAVE-3 JOIN-5 CONFIRM-3')
class TerseTexts(Server):
    def join_text(self, name):
        return '+' + name

    def leave_text(self, name):
        return '-' + name

    def refuse(self, conn, code, text):
        super().refuse(conn, code, '!')

    def make_confirmation(self, conn, obj, delivered):
        m = super().make_confirmation(conn, obj, delivered)
        m.pop('reason', None)
        return m
