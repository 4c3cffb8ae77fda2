# SPDX-License-Identifier: Apache-2.0
# A site of a release of django-ca: its Python, its manage.py, its database, and its
# own web server. Asked like a T::Server.
package Site;

use strict;
use warnings;
use Carp qw(croak);
use Cwd qw(abs_path);
use Digest::MD5 qw(md5_hex);
use Fcntl qw(:flock);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use POSIX qw(WNOHANG);

use T::OCSP::Client;
use T::Process;
use T::Process::Cleanup;
use T::Platform;

our @ISA = ('T::OCSP::Client');

# The releases that live tests are run with, the newest last. DJANGO_CA_RELEASE
# names another than that.
our @RELEASES = qw(3.1.0 3.2.0);
my $release = $ENV{DJANGO_CA_RELEASE} // $RELEASES[-1];
my $project = abs_path(dirname(__FILE__) . '/site');
my $owner   = $$;
my @sites;

# -- Python ------------------------------------------------------------------

# The newest one has celery besides, and what it needs for PostgreSQL: co-hosting
# tests have it, too.
sub is_newest { return $_[0] eq $RELEASES[-1] }

# Whether this interpreter is there and has all that a release needs.
my $look = <<'PYTHON';
import importlib.metadata
import ssl
import cryptography.x509
import django.core.management
import pydantic
import django_ca
print(importlib.metadata.version("django-ca"))
PYTHON

sub is_ready {
    my ($python, $release) = @_;
    my $more = is_newest($release) ? "import celery\nimport psycopg\n" : '';
    my ($code, $text) = run($python, '-c', $more . $look);
    return !$code && $text eq "$release\n";
}

# Of a virtual environment, where it has its packages.
sub packages_of { return (glob "$_[0]/lib/python3*/site-packages")[0] }

# What an older release needs is the newest one's as far as that will do: pip
# finds it there, and installs what it does not find.
sub share_packages {
    my ($venv) = @_;
    my ($newest) = python_of($RELEASES[-1]);
    return unless $newest;
    my $from = packages_of($newest =~ s{/bin/python$}{}r);
    spew(packages_of($venv) . '/newest.pth', "$from\n");
    return;
}

# The interpreter of a virtual environment with django-ca, which is made when it
# is not there and kept for the next time: below the build folder, or where
# DJANGO_CA_VENV says. (path, undef), or (undef, why there is none).
sub python { return python_of($release) }

sub python_of {
    my ($release) = @_;
    my $venv = $ENV{DJANGO_CA_VENV} // build_dir() . "/venv/django-ca-$release";
    make_path(dirname($venv));
    open my $lock, '>', "$venv.lock" or croak "$venv.lock: $!";
    flock $lock, LOCK_EX;    # tests run side by side
    my $python = "$venv/bin/python";
    return $python if is_ready($python, $release);

    # The system's, if it will do: mod_wsgi has that one.
    my ($base) = grep { !(run($_, '-c',
        'import sys; assert sys.version_info >= (3, 11)'))[0] }
        '/usr/bin/python3', 'python3';
    return (undef, "django-ca $release needs Python 3.11 or later")
        unless $base;
    remove_tree($venv) unless $ENV{DJANGO_CA_VENV};
    # A pip that is there will do; one of its own takes seconds to make.
    my ($pip) = grep { !(run($_, qw(-m pip --python), $base, '--version'))[0] }
        'python3', '/usr/bin/python3';
    my ($code, $text) = run($base, '-m', 'venv', $pip ? '--without-pip' : (),
        $venv);
    return (undef, 'python3 -m venv fails: ' . last_line($text)) if $code;
    my ($extra, @more) = is_newest($release)
        ? ('[celery]', 'psycopg[binary]~=3.1') : ('');
    share_packages($venv) unless is_newest($release) || $ENV{DJANGO_CA_VENV};
    ($code, $text) = run($pip ? ($pip, qw(-m pip --python), $python)
        : ($python, qw(-m pip)), 'install', '--quiet',
        '--disable-pip-version-check', '--no-input', '--timeout=15',
        '--retries=1', "django-ca$extra==$release", 'django~=5.2.0', @more);
    return (undef, "pip cannot install django-ca $release: " . last_line($text))
        if $code;
    must('chmod', '-R', 'a+rX', $venv);
    croak "$venv: django-ca is installed and does not work"
        unless is_ready($python, $release);
    return $python;
}

sub last_line {
    my ($text) = @_;
    return (grep { /\S/ } split /\n/, $text)[-1] // 'it says nothing';
}

# -- its files and commands --------------------------------------------------

# A site in that folder, which must not exist, with a database without rows.
sub new {
    my ($class, $root, $python) = @_;
    mkdir $root, 0755 or croak "$root: $!";
    my $self = bless { root => $root, python => $python,
        db => "$root/db.sqlite3" }, $class;
    push @sites, $self;
    $self->migrate;
    return $self;
}

# Makes the tables: an SQLite file's once, and then as a copy.
sub migrate {
    my ($self) = @_;
    my $mark = md5_hex($self->{python}, $release, slurp("$project/settings.py"));
    my $kept = build_dir() . "/database/django-ca-$mark.sqlite3";
    return copy($kept, $self->{db}) || croak "$kept: $!" if -e $kept;
    $self->manage('migrate', '-v', '0');
    make_path(dirname($kept));
    copy($self->{db}, "$kept.$$") or croak "$kept: $!";
    rename "$kept.$$", $kept or croak "$kept: $!";
    return;
}

sub environment {
    my ($self) = @_;
    return { SITE => $self->{root}, DJANGO_SETTINGS_MODULE => 'settings',
        PYTHONDONTWRITEBYTECODE => 1, PYTHONUNBUFFERED => 1 };
}

# Runs manage.py; what it prints.
sub manage {
    my ($self, @arguments) = @_;
    return must($self->environment, $self->{python}, "$project/manage.py",
        @arguments);
}

# Runs many commands in one process. A command is a line, as it is typed.
sub manage_all {
    my ($self, @lines) = @_;
    my $file = spew("$self->{root}/commands", map { "$_\n" } @lines);
    return $self->manage("\@$file");
}

sub sql {
    my ($self, $sql) = @_;
    my $text = must('sqlite3', '-bail', '-separator', "\t", '-cmd',
        '.timeout 30000', $self->{db}, $sql);
    chomp $text;
    return $text;
}

# {serial, pem (a file), ca (its issuer's name)} of a CA, by its name, or of a
# certificate, by its common name.
sub ca {
    my ($self, $name) = @_;
    return $self->row($name, <<"SQL");
        SELECT c.serial, hex(c.pub), coalesce(p.name, c.name)
        FROM django_ca_certificateauthority c
        LEFT JOIN django_ca_certificateauthority p ON p.id = c.parent_id
        WHERE c.name = '$name'
SQL
}

sub cert {
    my ($self, $cn) = @_;
    return $self->row($cn, <<"SQL");
        SELECT c.serial, hex(c.pub), a.name FROM django_ca_certificate c
        JOIN django_ca_certificateauthority a ON a.id = c.ca_id
        WHERE c.cn = '$cn'
SQL
}

sub row {
    my ($self, $name, $sql) = @_;
    return $self->{rows}{$sql} //= do {
        my ($serial, $hex, $ca) = split /\t/, $self->sql($sql)
            or croak "there is no '$name'";
        my $pem = spew("$self->{root}/$serial.pem",
            "-----BEGIN CERTIFICATE-----\n", encode_base64(pack 'H*', $hex),
            "-----END CERTIFICATE-----\n");
        { serial => $serial, pem => $pem, ca => $ca };
    };
}

# Makes a private key (openssl genpkey's arguments) in django-ca's storage, and
# a request for a certificate; the path of that.
sub key {
    my ($self, $name, @genpkey) = @_;
    my $key = "$self->{root}/files/$name.key";
    my $csr = "$self->{root}/$name.csr";
    must('openssl', 'genpkey', @genpkey, '-out', $key);
    must('openssl', 'req', '-new', '-key', $key, '-subj', "/CN=$name", '-out',
        $csr);
    return $csr;
}

# CA_OCSP_URLS, from the next process on.
sub ocsp_urls {
    my ($self, $urls) = @_;
    return spew("$self->{root}/ocsp_urls.json",
        JSON::PP->new->pretty->canonical->encode($urls));
}

# -- its web server ----------------------------------------------------------

# Starts it and waits until it answers. It is killed at the end, whatever the
# end is, by the pid that is written to $run/site.pid.
sub serve {
    my ($self, $run) = @_;
    $self->{port} = free_port();
    my $pid = background($self->environment, "$self->{root}/log",
        $self->{python}, "$project/manage.py", 'runserver', '--noreload',
        "127.0.0.1:$self->{port}");
    $self->{pid} = $pid;
    spew("$run/site.pid", "$pid\n");
    T::Process::Cleanup::watch(dirname($run));
    my $up = wait_for {
        !$self->running || IO::Socket::INET->new(
            PeerAddr => '127.0.0.1', PeerPort => $self->{port});
    } 30;
    croak "django-ca's server did not start:\n" . $self->log
        unless $up && $self->running;
    return $self;
}

sub running {
    my ($self) = @_;
    return 0 unless $self->{pid};
    return 1 if waitpid($self->{pid}, WNOHANG) == 0;
    delete $self->{pid};
    return 0;
}

sub log { return slurp("$_[0]{root}/log") }

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    return put_down($pid);
}

END {
    if ($$ == $owner) {
        local $?;
        $_->stop for @sites;
    }
}

1;
