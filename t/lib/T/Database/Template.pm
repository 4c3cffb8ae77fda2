# SPDX-License-Identifier: Apache-2.0
# The files of a database server that has just been made, with the fixture's
# rows. They are made once, kept below the build folder, and copied for each
# test.
package T::Database::Template;

use strict;
use warnings;
use Carp qw(croak);
use Digest::MD5;
use Fcntl qw(:flock);
use File::Path qw(make_path remove_tree);

use T::Process;
use T::Fixture;
use T::Platform;

# Gives a database that is not running yet the folder "data" of a template; make
# makes a running one to take it from. False where none can be kept.
sub lay {
    my ($database, $make) = @_;
    my $folder = build_dir() . '/database';
    my $engine = $database->engine;
    eval { make_path($folder) };
    open my $lock, '>>', "$folder/$engine.lock" or return 0;
    flock $lock, LOCK_EX or croak "$folder/$engine.lock: $!";
    my $template = "$folder/$engine-" . mark($database);
    if (!-d $template) {
        remove_tree(grep { -d } glob "$folder/$engine-*");
        my $made = $make->();
        $made->down;
        must('cp', '-a', "$made->{root}/data", "$template.new");
        rename "$template.new", $template or croak "$template: $!";
    }
    must('cp', '-a', $template, "$database->{root}/data");
    flock $lock, LOCK_UN;
    return 1;
}

# What a template is made of, in short.
sub mark {
    my ($database) = @_;
    my $of = Digest::MD5->new;
    (my $class = ref $database) =~ s{::}{/}g;
    $of->add(slurp($_)) for $INC{'T/Database.pm'}, $INC{"$class.pm"},
        fixture_sql(), glob fixture_dir() . '/*sql.sql';
    for my $program (map { $database->program($_) } $database->programs) {
        $of->add($program, (stat $program)[9]);
    }
    return $of->hexdigest;
}

1;
