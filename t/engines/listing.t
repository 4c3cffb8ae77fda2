# SPDX-License-Identifier: Apache-2.0
# How the CAs of a location for all are listed again: without their
# certificates, which are most of it, until one is another or a minute is over.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use T::Database;
use T::Fixture;
use T::Server;
use Time::HiRes qw(sleep);

my $faketime = T::Platform::faketime();
plan(skip_all => 'no libfaketime') unless $faketime;
my $CAS = 'django_ca_certificateauthority';

# What has a server of an engine log the statements, and where.
my %logging = (
    pgsql => { how => { settings => { log_statement => 'all' } },
        where => sub { "$_[0]{root}/log" } },
    mysql => { how => {}, where => sub {
        my ($db) = @_;
        my $file = "$db->{root}/run/statements";
        $db->sql("SET GLOBAL general_log_file = '$file'", 'mysql');
        $db->sql('SET GLOBAL general_log = 1', 'mysql');
        return $file;
    } },
);

# How often all CAs were listed with their certificates, and without.
sub listed {
    my ($log) = @_;
    my @lists = grep { /\bFROM \Q$CAS\E ORDER BY/ } split /\n/, slurp($log);
    my $short = grep { /length\(pub\)/ } @lists;
    return (@lists - $short, $short);
}

sub test_engine {
    my ($engine) = @_;
    my $db    = T::Database->start($engine, %{ $logging{$engine}{how} });
    my $log   = $logging{$engine}{where}->($db);
    my $clock = scratch_file("+0\n");
    chmod 0755, $clock =~ s{/[^/]+$}{}r;
    chmod 0644, $clock;
    my $server = T::Server->new(db => 0, dbd => $db->lines,
        env => { LD_PRELOAD => $faketime, FAKETIME_TIMESTAMP_FILE => $clock,
            FAKETIME_NO_CACHE => 1, FAKETIME_DONT_FAKE_MONOTONIC => 1 },
        conf => <<'CONF')->start;
<Location "/ocsp/">
    OCSPResponderCA *
    OCSPResponderStorage @FIXTURE@/storage
</Location>
CONF
    # Requests go on until it is so; each is answered.
    my $until = sub {
        my ($what, $name) = @_;
        my %says;
        my $is_so = wait_for {
            $says{ $server->says('/ocsp/', 'root-good-1') }++;
            $what->();
        } 20;
        ok $is_so, "$engine: $name" or diag join "\n", listed($log);
        is join(' ', sort keys %says), 'good', '  with each request answered';
        return;
    };
    # By a child, and by the process that looks at certificates.
    $until->(sub { (listed($log))[0] >= 2 }, 'all of each CA is read');
    my ($whole, $short) = listed($log);
    $until->(sub { (listed($log))[1] >= $short + 2 }, 'then what changes');
    is((listed($log))[0], $whole, '  and no certificate again');

    $db->sql("UPDATE $CAS SET cn = 'other' WHERE name = 'ec'");
    $until->(sub { (listed($log))[0] > $whole }, 'all, when a CA is another');
    ($whole, $short) = listed($log);
    $until->(sub { (listed($log))[1] >= $short + 2 }, 'again what changes');
    is((listed($log))[0], $whole, '  and no certificate again');

    # The leap would end the time of a list that is just being read.
    my $before;
    wait_for {
        $before = join ' ', listed($log);
        sleep 0.5;
        $before eq join ' ', listed($log);
    } 20;
    spew($clock, "+61\n");
    $until->(sub { (listed($log))[0] > $whole }, 'all, after a minute');
    $server->stop;
    $db->down;
    return;
}

for my $engine (grep { $logging{$_} } T::Database::engines()) {
    my $why_not = T::Database::why_not($engine);
  SKIP: {
        skip "$engine: $why_not", 1 if $why_not;
        test_engine($engine);
    }
}
finish;
