# SPDX-License-Identifier: Apache-2.0
# w3m, a browser for terminals, shows the status page as text that is read from
# top to bottom, with nothing but the page itself.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin;
use Clients;
use Encode qw(decode);
use T::Server;

plan(skip_all => 'w3m is not installed') unless program('w3m');

my $server = T::Server->new(conf => <<'CONF')->start;
<Location "/root/">
    @responder root@
</Location>
@page status@
CONF
is $server->says('/root/', 'root-good-1'), 'good', 'something to count';
my $home = File::Temp->newdir('w3m-XXXXXX', TMPDIR => 1);

# The page in a terminal of that width.
sub page {
    my ($columns) = @_;
    return decode 'UTF-8', must({ HOME => "$home", LC_ALL => 'C.UTF-8' }, 'w3m', '-dump',
        '-cols', $columns, $server->url('/status'));
}

my ($ca, $signer) = map { $_->{serial}, $_->{responder_serial} } ca('root');
my $text;
wait_for { $text = page(80); $text =~ /1.GET/ } 20;
like $text, qr/^OCSP responder of 127\.0\.0\.1$/m, 'a heading';
my @sections = grep { /^(?:CAs|Requests|Answers|Times|Messages|Databases)$/ }
    split /\n/, $text;
is "@sections", 'CAs Requests Answers Times Messages Databases',
    'the sections, each a line of its own';
like $text, qr/\b$_\b/, "$_ is there" for $ca, $signer;
like $text, qr/^ *Requests to responder.*1.GET/m,
    'what is counted stands before its numbers, in one line';
unlike $text, qr/[<>{}]/, 'no markup, no style sheet';
is scalar(grep { length > 132 } split /\n/, page(132)), 0,
    'it fits into the wider kind of terminal';

finish;
