# SPDX-License-Identifier: Apache-2.0
# Responder keys that a real django-ca makes anew, three times, as a user that
# is neither root nor httpd's, whose umask leaves nothing to others: in the
# database, and in files by the commands and settings of the manual. Every child
# process takes them up, and none fails meanwhile.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib", $FindBin::Bin, "$FindBin::Bin/../cohost";
use JSON::PP ();
use T::Server;
use Cohost ();
use Site;
use Time::HiRes qw(sleep);

plan(skip_all => 'not root') if $>;
# Without celery django-ca 3.1's generate_ocsp_keys fails, with CA_USE_CELERY off,
# too.
my ($python, $why_not) = Cohost::python();
plan(skip_all => $why_not) unless $python;
my (undef, $group, $httpd) = user();

# django-ca's user; the number is nobody's.
my $DJANGO = 47_011;

{

    package Owned;
    our @ISA = ('Site');

    sub manage {
        my ($self, @arguments) = @_;
        my $owner = (stat $self->{root})[4];
        return T::Process::must($self->environment, 'setpriv',
            "--reuid=$owner", "--regid=$owner", '--clear-groups', 'sh', '-c',
            'umask 077 && exec "$@"', 'sh', $self->{python},
            "$FindBin::Bin/site/manage.py", @arguments);
    }
}

# The lines of the manual's chapter about rights in files: settings, commands,
# with what is different here.
my ($chapter) = slurp(top_dir() . '/conf/manual/operation.txt')
    =~ /^Permissions\n-+\n(.*?)^\w[^\n]*\n---/ms;
my %mode = $chapter =~ /^ +"(\w+_permissions_mode)": 0o(\d+),$/mg;
my @commands = $chapter =~ /^ +(ch(?:grp|mod) .*)$/mg;
my ($proof) = $chapter =~ /^ +sudo -u www-data (cat .*)$/m;
is join(' ', sort keys %mode),
    'directory_permissions_mode file_permissions_mode', 'settings';
is scalar @commands, 3, 'and commands of the manual';

my %storage = (
    db    => { file_permissions_mode => oct 600,
               directory_permissions_mode => oct 700 },
    files => { map { ($_ => oct $mode{$_}) } keys %mode },
);

# A command of the manual, for that folder.
sub here {
    my ($command, $folder) = @_;
    return $command =~ s{/var/lib/django-ca/files}{$folder}gr
        =~ s/\bwww-data\b/$group/gr;
}

# A site whose keys are in the database or in files, and a server for it.
sub made {
    my ($where) = @_;
    local $ENV{SITE_STORAGE} = JSON::PP->new->encode($storage{$where});
    my $server = T::Server->new(mpm => 'prefork', db => 0,
        dbd => "DBDriver sqlite3\nDBDParams \@ROOT\@/site/db.sqlite3\n",
        conf => <<'CONF');
<Location "/ocsp/">
    OCSPResponderCA *
    OCSPResponderStorage @ROOT@/site/files
</Location>
@page health@
CONF
    my $root = "$server->{root}/site";
    my $site = Owned->new($root, $python);
    must('chown', '-R', "$DJANGO:$DJANGO", $root);
    must('chgrp', $group, "$root/db.sqlite3");
    must('chmod', '640', "$root/db.sqlite3");
    $site->manage_all('init_ca --key-type=EC --ocsp-key-backend='
        . ($where eq 'db' ? 'db' : 'default') . ' root CN=root');
    my $csr = $site->key('leaf', qw(-algorithm EC -pkeyopt
        ec_paramgen_curve:P-256));
    $site->manage_all('sign_cert --ca=' . $site->ca('root')->{serial}
        . " --csr=$csr --subject=CN=leaf --webserver");
    must('chown', '-R', $DJANGO, "$root/files");
    if ($where eq 'files') {
        must('sh', '-c', here($_, "$root/files")) for @commands;
    }
    return ($site, $server);
}

for my $where (qw(db files)) {
    note "keys in: $where";
    my ($site, $server) = made($where);
    local $ENV{SITE_STORAGE} = JSON::PP->new->encode($storage{$where});
    $server->allow_log('OCSP0502')->start;
    my $request = slurp(do {
        my $file = "$server->{root}/request";
        must('openssl', 'ocsp', '-issuer', $site->ca('root')->{pem}, '-cert',
            $site->cert('leaf')->{pem}, '-no_nonce', '-reqout', $file);
        $file;
    });
    my ($asked, $good) = (0, 0);

    # Who signs, in 24 answers on connections of their own.
    my $signers = sub {
        my %by;
        for (1 .. 24) {
            my $answer = $server->post('/ocsp/', $request);
            $asked++;
            $good++ if $answer->{says} eq 'good';
            $by{ unpack 'H*', $answer->{response}{responder}{key} // '' }++;
        }
        return \%by;
    };
    my $old = (keys %{ $signers->() })[0];
    cmp_ok scalar($server->children), '>=', 4, 'several children';
    for my $round (1 .. 3) {
        $site->manage('generate_ocsp_keys', '--force',
            $site->ca('root')->{serial});
        my $now = {};
        wait_for {
            sleep 0.3;
            $now = $signers->();
            keys %$now == 1 && !$now->{$old};
        } 90;
        is scalar(keys %$now), 1, "rotation $round: all children are one";
        ok !$now->{$old}, '  with the new key';
        ($old) = keys %$now;
    }
    if ($where eq 'files') {
        my @keys = glob "$site->{root}/files/ocsp/*.key";
        my @owners = map { (stat)[4] } @keys;
        cmp_ok scalar @owners, '>=', 1, 'keys are there';
        is_deeply [grep { $_ != $DJANGO } @owners], [], "  of its user's";
        my ($code) = run('setpriv', "--reuid=$httpd", '--regid='
            . getgrnam($group), '--clear-groups', 'sh', '-c',
            here($proof, "$site->{root}/files"));
        is $code, 0, "  which httpd's user can read, as the manual has it";
    }
    is $good, $asked, "each of $asked requests was answered";
    is $server->request('GET', '/health')->{status}, 200, 'and all is well';
}

finish;
