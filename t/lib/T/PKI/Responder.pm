# SPDX-License-Identifier: Apache-2.0
# Responder keys and certificates: made anew, in django-ca's storage folder, and
# in the rows of its CAs.
package T::PKI::Responder;

use strict;
use warnings;
use Exporter 'import';
use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp ();
use T::DER;
use T::Process;
use T::Fixture;
use T::PKI;
use T::OCSP;

our @EXPORT = qw(folder open_up make_pair new_storage option options_sql
    pair_json signed_by);

my $CAS = 'django_ca_certificateauthority';
my (@folders, $serial, %option);

# A folder that httpd's user may look into; gone at the end.
sub folder {
    my $folder = File::Temp->newdir('pairs-XXXXXX', TMPDIR => 1);
    push @folders, $folder;
    chmod 0755, $folder;
    return "$folder";
}

# Lets httpd's user read all that is in it.
sub open_up {
    my ($folder) = @_;
    must('chmod', '-R', 'a+rX', $folder);
    return;
}

# A key and certificate that a CA of the fixture signs, in files of the folder:
# {key, pem, serial}. Options: kind (of the key), start and end (seconds from
# now).
sub make_pair {
    my ($folder, $tag, %o) = @_;
    my $number = sprintf '%X', 0x700000 + ++$serial;
    my $name = "$folder/$tag-$number";
    my $key = make_key($o{kind});
    my $pem = make_cert(key => $key, serial => $number,
        issuer => { pem => ca($tag)->{pem}, key => ca($tag)->{ca_key} },
        start => $o{start} // -3600, end => $o{end} // 86_400 * 3000,
        extensions => ['extendedKeyUsage = OCSPSigning', 'noCheck = ignored',
                       'keyUsage = digitalSignature']);
    copy($key, "$name.key") && copy($pem, "$name.pem") or die "$name: $!";
    chmod 0644, "$name.key";
    return { key => "$name.key", pem => "$name.pem", serial => $number };
}

# The folder `storage` in another, with the keys of the fixture.
sub new_storage {
    my ($folder) = @_;
    make_path("$folder/storage/ocsp");
    copy($_, "$folder/storage/ocsp/") or die "$_: $!"
        for glob fixture_dir() . '/storage/ocsp/*.key';
    open_up($folder);
    return "$folder/storage";
}

# What a CA's row says of its pair in the fixture: private_key.path, ….
sub option {
    my ($tag, $path) = @_;
    if (!%option) {
        my $db = scratch_file();
        unlink $db;
        must('sqlite3', '-bail', $db, '.read ' . fixture_sql());
        $option{db} = $db;
    }
    my $text = must('sqlite3', $option{db}, "SELECT ocsp_key_backend_options"
        . " ->> '\$.$path' FROM $CAS WHERE name = '$tag'");
    chomp $text;
    return $text;
}

sub json_text {
    my ($text) = @_;
    $text =~ s/\n/\\n/g;
    return qq("$text");
}

# ocsp_key_backend_options: JSON of the key, and the PEM of the certificate.
sub pair_json {
    my ($key, $pem) = @_;
    $key = '{"pem": ' . json_text(slurp($key->{key})) . '}' if ref $key;
    return qq({"private_key": $key, "certificate": {"pem": )
        . json_text(slurp($pem)) . ', "pk": 7}}';
}

# SQL that puts such a text into a CA's row.
sub options_sql {
    my ($tag, $json) = @_;
    $json =~ s/'/''/g;
    return 'PRAGMA ignore_check_constraints = on;'
        . "UPDATE $CAS SET ocsp_key_backend_options = '$json'"
        . " WHERE name = '$tag';";
}

# The serial of the certificate in an answer; '' where it has none.
sub signed_by {
    my ($answer) = @_;
    my $certs = $answer->{response}{certs} or return '';
    my ($tbs) = der($certs->[0])->inside;
    my ($serial) = grep { $_->{tag} == 0x02 } $tbs->inside;
    return uc(unpack 'H*', $serial->{content}) =~ s/^0+//r;
}

1;
