#!/usr/bin/env perl
# A conforming client, driven by JSON lines: one process, select(), a JSON reader of its own.
use strict;
use warnings;
no warnings qw(recursion surrogate nonchar utf8);

# What RFC 8259 allows and no more, with the two rules of RFC 7493. Strings become [string, text], objects hashes of members.
package Json;

my $UTF8 = qr/(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}
    |\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})/x;
my %SIMPLE = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");

sub read_bytes {
    my ($bytes) = @_;
    die "not UTF-8\n" unless $bytes =~ /\A$UTF8*+\z/;
    utf8::decode($bytes);
    pos($bytes) = 0;
    my $value = value(\$bytes);
    die "text after the value\n" if pos $bytes < length $bytes;
    return $value;
}

sub value {
    my ($text) = @_;
    $$text =~ /\G[ \t\r\n]+/gc;
    my $value = bare($text);
    $$text =~ /\G[ \t\r\n]+/gc;
    return $value;
}

sub bare {
    my ($text) = @_;
    return object($text) if $$text =~ /\G\{/gc;
    return array($text) if $$text =~ /\G\[/gc;
    return ['string', string($text)] if substr($$text, pos $$text, 1) eq '"';
    return ['bare', $1] if $$text =~ /\G(true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)/gc;
    die "no value\n";
}

sub string {
    my ($text) = @_;
    $$text =~ /\G"((?:[^"\\\x00-\x1f]|\\(?:["\\\/bfnrt]|u[0-9a-fA-F]{4}))*+)"/gc or die "no string\n";
    my $raw = $1;
    $raw =~ s{\\(?:u([dD][89abAB]..)\\u([dD][c-fC-F]..)|u(....)|(.))}
             {defined $1 ? chr(0x10000 + ((hex($1) & 0x3ff) << 10) + (hex($2) & 0x3ff))
              : defined $3 ? chr hex $3 : $SIMPLE{$4} // $4}ge;
    die "half a surrogate pair\n" if $raw =~ /[\x{d800}-\x{dfff}]/;
    return $raw;
}

sub array {
    my ($text) = @_;
    return ['array'] if $$text =~ /\G[ \t\r\n]*\]/gc;
    do { value($text) } while $$text =~ /\G,/gc;
    $$text =~ /\G\]/gc or die "no end of an array\n";
    return ['array'];
}

sub object {
    my ($text) = @_;
    my %members;
    return \%members if $$text =~ /\G[ \t\r\n]*\}/gc;
    do {
        $$text =~ /\G[ \t\r\n]+/gc;
        my $name = string($text);
        die "a member twice\n" if exists $members{$name};
        $$text =~ /\G[ \t\r\n]*:/gc or die "no colon\n";
        $members{$name} = value($text);
    } while $$text =~ /\G,/gc;
    $$text =~ /\G\}/gc or die "no end of an object\n";
    return \%members;
}

# The text of a member that is a string; undef if it is none.
sub text_of {
    my ($object, $name) = @_;
    my $value = $object->{$name};
    return ref $value eq 'ARRAY' && $value->[0] eq 'string' ? $value->[1] : undef;
}

# A line of members in pairs; a reference is written as it is.
sub line {
    my @pairs;
    while (my ($name, $value) = splice @_, 0, 2) {
        push @pairs, quote($name) . ':' . (ref $value ? $$value : quote($value));
    }
    my $line = '{' . join(',', @pairs) . "}\n";
    utf8::encode($line);
    return $line;
}

sub quote {
    my ($text) = @_;
    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
    return "\"$text\"";
}

package main;

use IO::Select;
use IO::Socket::INET;
use Socket qw(IPPROTO_TCP SHUT_WR TCP_NODELAY);

use constant { MOST_SENT => 1024, MOST_TAKEN => 8192, CHUNK => 65536 };

my $NOT_IN_NAMES = qr/[\x00-\x1f\x7f-\x9f\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}]|\A[ ]|[ ]\z/;
my $TIME = qr/\A(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\z/a;
my %MEMBERS = (
    message => [username => 'name', content => 'text', timestamp => 'time'],
    private_message => [sender => 'name', content => 'text', timestamp => 'time'],
    private_confirmation =>
        [target => 'name', content => 'text', delivered => 'flag', timestamp => 'time', reason => 'perhaps'],
    system => [message => 'text', timestamp => 'time'],
    server => [message => 'text', timestamp => 'time'],
    error => [message => 'text', code => 'perhaps'],
);
my ($socket, $in, $skipping, $asked, $name) = (undef, '', 0, undef, undef);
my $reading = IO::Select->new(\*STDIN);
$SIG{PIPE} = 'IGNORE';

sub report {
    my $line = Json::line(event => @_);
    syswrite STDOUT, $line;
}

sub is_name { my ($text) = @_; return defined $text && $text ne '' && length $text <= 32 && $text !~ $NOT_IN_NAMES }

sub is_good {
    my ($kind, $value) = @_;
    return $kind eq 'perhaps' unless defined $value;
    return ref $value eq 'ARRAY' && $value->[0] eq 'bare' && $value->[1] =~ /\A(?:true|false)\z/ if $kind eq 'flag';
    return 0 unless ref $value eq 'ARRAY' && $value->[0] eq 'string';
    return is_name($value->[1]) if $kind eq 'name';
    return $value->[1] =~ $TIME if $kind eq 'time';
    return $value->[1] ne '';
}

sub understand {
    my ($frame) = @_;
    my $message = Json::read_bytes($frame);
    die "it is no object\n" unless ref $message eq 'HASH';
    my $type = Json::text_of($message, 'type') // die "it has no type\n";
    my @members = @{ $MEMBERS{$type} // die "its type is not known\n" };
    while (my ($member, $kind) = splice @members, 0, 2) {
        die "its $member is missing or not valid\n" unless is_good($kind, $message->{$member});
    }
    return ($type, $message);
}

sub end {
    my ($reason) = @_;
    return unless $socket;
    $reading->remove($socket);
    shutdown $socket, SHUT_WR;
    close $socket;
    ($socket, $asked, $name) = (undef, undef, undef);
    report('disconnected', reason => $reason);
}

sub take_frame {
    my ($frame) = @_;
    my $was_skipped = $skipping || length $frame > MOST_TAKEN;
    $skipping = 0;
    return report('problem', reason => 'The server sent a frame that is too long.') if $was_skipped;
    return if $frame =~ /\A[ \t\r]*\z/;
    my ($type, $message) = eval { understand($frame) };
    return report('problem', reason => "The server sent no valid message: $@" =~ s/\n//r) unless defined $type;
    my %text = map { $_ => Json::text_of($message, $_) } keys %$message;
    if ($type eq 'message') { report('shown', kind => $type, username => $text{username}, content => $text{content}) }
    elsif ($type eq 'private_message') { report('shown', kind => $type, sender => $text{sender}, content => $text{content}) }
    elsif ($type eq 'private_confirmation') { confirmed($message->{delivered}[1] eq 'true', %text) }
    elsif ($type eq 'system') { notice($text{message}) }
    elsif ($type eq 'error' && defined $asked) { refused($text{message}) }
    else { report('shown', kind => $type, message => $text{message}) }
}

sub confirmed {
    my ($delivered, %text) = @_;
    my @texts = (target => $text{target}, content => $text{content});
    return report('shown', kind => 'private_confirmation', @texts) if $delivered;
    report('failed', do => 'say_privately', @texts, reason => $text{reason} // 'no reason was given');
}

sub notice {
    my ($message) = @_;
    if (defined $asked && index($message, $asked) >= 0) {
        ($name, $asked) = ($asked, undef);
        report('joined', username => $name);
    }
    report('shown', kind => 'system', message => $message);
}

sub refused {
    my ($reason) = @_;
    my $username = $asked;
    $asked = undef;
    report('refused', username => $username, reason => $reason);
}

sub receive {
    my $count = sysread $socket, my $data, CHUNK;
    return end('the server ended the connection') if defined $count && !$count;
    return end("the connection was lost: $!") unless defined $count;
    $in .= $data;
    while ($socket && $in =~ s/\A([^\n]*)\n//) { take_frame($1) }
    $skipping ||= length $in > MOST_TAKEN;
    $in = '' if $skipping;
}

sub send_line {
    my ($line) = @_;
    while ($line ne '') {
        my $count = syswrite $socket, $line;
        return unless defined $count;  # reading shows the end
        substr($line, 0, $count, '');
    }
}

sub connect_to {
    my ($host, $port, $username) = @_;
    end('you left');
    return report('refused', username => $username, reason => 'this is no valid name') unless is_name($username);
    $socket = IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port);
    return report('disconnected', reason => "no connection: $!") unless $socket;
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
    ($in, $skipping, $asked, $name) = ('', 0, $username, undef);
    $reading->add($socket);
    send_line(Json::line(type => 'join', username => $username));
}

sub join_again {
    my ($username) = @_;
    my $free = $socket && !defined $asked && !defined $name;
    my $why = !$free ? 'there is nothing to join' : is_name($username) ? undef : 'this is no valid name';
    return report('refused', username => $username, reason => $why) if defined $why;
    $asked = $username;
    send_line(Json::line(type => 'join', username => $username));
}

sub say {
    my ($do, $target, $content) = @_;
    my @whom = defined $target ? (target => $target) : ();
    my @frame = (type => defined $target ? 'private_message' : 'message', @whom, content => $content);
    my $line = Json::line(@frame);
    my $why = !$socket || !defined $name ? 'not joined'
        : defined $target && !is_name($target) ? 'the target is no valid name'
        : $content eq '' ? 'there is nothing that can be sent'
        : length $line > MOST_SENT + 1 ? 'too long by ' . (length($line) - MOST_SENT - 1) . ' bytes'
        : undef;
    return report('failed', do => $do, @whom, content => $content, reason => $why) if defined $why;
    send_line($line);
}

sub obey {
    my ($line) = @_;
    return if $line =~ /\A\s*\z/;
    my $request = eval { Json::read_bytes($line) };
    my $do = ref $request eq 'HASH' ? Json::text_of($request, 'do') : undef;
    return half_a_pair($line) // report('invalid_request', reason => 'this is no request') unless defined $do;
    my ($host, $username, $target, $content) = map { Json::text_of($request, $_) } qw(host username target content);
    if ($do eq 'connect') { connect_to($host, $request->{port}[1], $username) }
    elsif ($do eq 'join') { join_again($username) }
    elsif ($do eq 'say') { say($do, undef, $content) }
    elsif ($do eq 'say_privately') { say($do, $target, $content) }
    elsif ($do eq 'leave') { end('you left') }
    else { report('unsupported', do => $do, reason => 'this client cannot do that') }
}

# A name or content with half a surrogate pair is no text that can be sent.
sub half_a_pair {
    my ($line) = @_;
    $line =~ s/\\u[dD][89a-fA-F][0-9a-fA-F]{2}/?/g;
    my $request = eval { Json::read_bytes($line) };
    my $do = ref $request eq 'HASH' ? Json::text_of($request, 'do') : undef;
    return undef unless defined $do;
    end('you left') if $do eq 'connect';
    my @name = $do =~ /\A(?:connect|join)\z/ ? ('refused', username => Json::text_of($request, 'username')) : ('failed', do => $do);
    report(@name, reason => 'half a character cannot be sent');
    return 1;
}

my $typed = '';
while (1) {
    for my $ready ($reading->can_read) {
        if ($socket && $ready == $socket) { receive(); next }
        my $count = sysread STDIN, my $data, CHUNK;
        if (!$count) { end('you left'); exit 0 }
        $typed .= $data;
        while ($typed =~ s/\A([^\n]*)\n//) { obey($1) }
    }
}
