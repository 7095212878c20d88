#!/usr/bin/env perl
# A conforming server: one process, select(), non-blocking sockets, a JSON reader of its own.
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

use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use IO::Select;
use IO::Socket::INET;
use POSIX qw(strftime);
use Socket qw(IPPROTO_TCP SHUT_WR TCP_NODELAY);
use Time::HiRes qw(time);

use constant { FRAME_BYTES => 1024, PENDING_BYTES => 1 << 20, CHUNK => 65536 };

my %MEMBERS = (join => ['username'], message => ['content'], private_message => ['target', 'content']);
my $NOT_IN_NAMES = qr/[\x00-\x1f\x7f-\x9f\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{2069}\x{feff}]|\A[ ]|[ ]\z/;

my %options = ('--host' => '127.0.0.1', '--port' => 0, @ARGV);
my $listener = IO::Socket::INET->new(
    LocalAddr => $options{'--host'}, LocalPort => $options{'--port'}, Listen => 1024, ReuseAddr => 1, Blocking => 0,
) or die "cannot listen: $!\n";
my (%clients, %joined, $typed, $stopping);
my $reading = IO::Select->new($listener, \*STDIN);
STDIN->blocking(0);
$SIG{PIPE} = 'IGNORE';
$SIG{TERM} = $SIG{INT} = sub { $stopping = 1 };
$| = 1;
print "Listening on $options{'--host'}:", $listener->sockport, "\n";

sub now { return strftime('%H:%M:%S', localtime) }

sub refuse { my ($code, $text) = @_; die { code => $code, text => $text } }

sub put {
    my ($client, $line) = @_;
    return if $client->{over};
    $client->{out} .= $line;
    $client->{drop} = 1 if length $client->{out} > PENDING_BYTES;
}

sub tell_all { my ($line) = @_; put($_, $line) for values %joined }

sub tell_system { tell_all(Json::line(type => 'system', message => $_[0], timestamp => now())) }

sub is_name { my ($text) = @_; return $text ne '' && length $text <= 32 && $text !~ $NOT_IN_NAMES }

sub understand {
    my ($frame) = @_;
    refuse('frame_too_long', 'Too long') if length $frame > FRAME_BYTES;
    my $message = eval { Json::read_bytes($frame) };
    refuse('malformed_json', "Not JSON: $@" =~ s/\n//r) unless defined $message;
    refuse('invalid_message', 'Not an object') unless ref $message eq 'HASH';
    my $type = Json::text_of($message, 'type') // refuse('invalid_message', 'No type');
    my $members = $MEMBERS{$type} // refuse('unknown_type', 'Unknown type');
    for my $member (@$members) {
        my $value = Json::text_of($message, $member) // refuse('invalid_message', "$member is no string");
        next if $member eq 'content' ? $value ne '' : is_name($value);
        refuse($member eq 'username' ? 'username_invalid' : 'invalid_message', "$member is invalid");
    }
    return map { Json::text_of($message, $_) } 'type', @$members;
}

sub handle {
    my ($client, $frame) = @_;
    my ($type, @texts) = understand($frame);
    return enter($client, @texts) if $type eq 'join';
    my $name = $client->{name} // refuse('not_joined', 'Join first');
    return whisper($client, @texts) if $type eq 'private_message';
    tell_all(Json::line(type => 'message', username => $name, content => $texts[0], timestamp => now()));
}

sub enter {
    my ($client, $name) = @_;
    refuse('already_joined', 'Joined already') if defined $client->{name};
    refuse('username_taken', 'Username already taken') if $joined{$name};
    $client->{name} = $name;
    $joined{$name} = $client;
    tell_system("$name joined the chat");
}

sub whisper {
    my ($client, $target, $content) = @_;
    my $found = $joined{$target};
    my %word = $found ? (delivered => \'true') : (delivered => \'false', reason => 'User not found');
    put($found, Json::line(type => 'private_message', sender => $client->{name}, content => $content, timestamp => now()))
        if $found;
    put($client, Json::line(
        type => 'private_confirmation', target => $target, content => $content, %word, timestamp => now()));
}

sub leave {
    my ($client) = @_;
    my $name = delete $client->{name} // return;
    delete $joined{$name};
    tell_system("$name left the chat") unless $stopping;
}

sub line {
    my ($client, $frame) = @_;
    if ($client->{skipping}) {
        $client->{skipping} = 0;
        return;
    }
    return if length $frame <= FRAME_BYTES && $frame =~ /\A[ \t\r]*\z/;
    return if eval { handle($client, $frame); 1 };
    die $@ unless ref $@ eq 'HASH';
    put($client, Json::line(type => 'error', message => $@->{text}, code => $@->{code}));
}

sub take {
    my ($client) = @_;
    my $count = sysread $client->{socket}, my $data, CHUNK;
    return if !defined $count && ($!{EAGAIN} || $!{EINTR} || $!{EWOULDBLOCK});
    if (!$count) {
        $reading->remove($client->{socket});
        leave($client);
        $client->{over} = 1;
        $client->{drop} = 1 unless defined $count;
        return;
    }
    $client->{in} .= $data;
    line($client, $1) while $client->{in} =~ s/\A([^\n]*)\n//;
    return if length $client->{in} <= FRAME_BYTES;
    if (!$client->{skipping}) {
        put($client, Json::line(type => 'error', message => 'Too long', code => 'frame_too_long'));
        $client->{skipping} = 1;
    }
    $client->{in} = '';
}

sub flush {
    my ($client) = @_;
    if ($client->{out} ne '' && !$client->{drop}) {
        my $count = syswrite $client->{socket}, $client->{out};
        if (defined $count) { substr($client->{out}, 0, $count, '') }
        elsif (!($!{EAGAIN} || $!{EINTR} || $!{EWOULDBLOCK})) { $client->{drop} = 1 }
    }
    return unless $client->{drop} || ($client->{over} && $client->{out} eq '');
    leave($client);
    $reading->remove($client->{socket});
    delete $clients{$client->{socket}};
    close $client->{socket};
}

sub welcome {
    while (my $socket = $listener->accept) {
        $socket->blocking(0);
        setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
        $clients{$socket} = { socket => $socket, in => '', out => '', skipping => 0, over => 0, drop => 0 };
        $reading->add($socket);
    }
}

sub hear_operator {
    my $count = sysread STDIN, my $data, CHUNK;
    return $reading->remove(\*STDIN) if defined $count && !$count;
    $typed .= $data // '';
    while ($typed =~ s/\A([^\n]*)\n//) {
        my $text = $1;
        utf8::decode($text);
        tell_all(Json::line(type => 'server', message => $text, timestamp => now())) if $text ne '';
    }
}

sub turn {
    my ($wait) = @_;
    my $writing = IO::Select->new(map { $_->{socket} } grep { $_->{out} ne '' } values %clients);
    my ($readable) = IO::Select::select($reading, $writing, undef, $wait);
    for my $ready (@{ $readable // [] }) {
        if ($ready == $listener) { welcome() }
        elsif ($ready == \*STDIN) { hear_operator() }
        elsif ($clients{$ready}) { take($clients{$ready}) }
    }
    my @left = values %clients;
    while (@left) {  # who is dropped leaves, which others are told
        flush($_) for @left;
        @left = grep { $_->{drop} } values %clients;
    }
}

$typed = '';
turn(1) until $stopping;
$reading->remove($listener);
close $listener;
tell_system('The server stops');
%joined = ();
flush($_) for values %clients;
shutdown $_->{socket}, SHUT_WR for values %clients;
# Their own ends are awaited: to leave with unread bytes would reset their connections.
my $until = time + 2;
turn(0.05) while %clients && time < $until;
exit 0;
