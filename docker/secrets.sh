#!/bin/sh
# Makes what the database and the service know each other by, for two years: an authority that knows
# nobody else, and a certificate of each that it signed. Its own key is thrown away at once.
#   secrets.sh [--renew] [FOLDER NAME]
# Without a folder they are for the containers. NAME is the one by which the service finds the
# database. What is there already stays, unless it is to be renewed: then all of it is.
set -eu
umask 077
renew=no
if [ "${1:-}" = --renew ]; then
    renew=yes
    shift
fi
if [ "$#" -gt 0 ]; then
    folder=$1
    name=${2:?the name by which the service finds the database}
else
    folder=$(dirname "$0")/secrets
    name=database
fi
days=730

fits() { # what was broken off half-way is made anew
    [ -e "$folder/authority" ] && openssl verify -CAfile "$folder/authority" \
        "$folder/database_certificate" "$folder/service_certificate" >/dev/null 2>&1
}
if [ "$renew" = no ] && fits; then
    echo "$folder is made already, and stays as it is. --renew makes all of it anew."
    exit 0
fi

mkdir -p "$folder"
rm -rf "$folder"/new.*
new=$(mktemp -d "$folder/new.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$new/openssl.cnf" <<END
[req]
distinguished_name = subject
prompt = no
[subject]
CN = Stemlokaal
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[database]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:$name
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[service]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
END

# key FILE
key() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$new/$1"
}

# signed WHOSE NAME
signed() {
    key "$1_key"
    openssl req -new -config "$new/openssl.cnf" -subj "/CN=$2" -key "$new/$1_key" \
        -out "$new/request"
    openssl x509 -req -in "$new/request" -CA "$new/authority" -CAkey "$new/authority_key" \
        -set_serial "0x$(openssl rand -hex 16)" -days "$days" -sha256 \
        -extfile "$new/openssl.cnf" -extensions "$1" -out "$new/$1_certificate" 2>"$new/said" \
        || { cat "$new/said" >&2; exit 1; }
}

key authority_key
openssl req -x509 -config "$new/openssl.cnf" -extensions authority -sha256 -days "$days" \
    -subj "/CN=Stemlokaal of $name" -key "$new/authority_key" -out "$new/authority"
signed database "$name"
signed service stemlokaal

chmod 0444 "$new/authority" "$new/database_certificate" "$new/service_certificate"
chmod 0400 "$new/database_key" "$new/service_key"
if [ "$#" = 0 ] && [ "$(id -u)" = 0 ]; then
    chown 999 "$new/database_key"   # postgres, in its image
    chown 10001 "$new/service_key"  # stemlokaal, in ours
elif [ "$#" = 0 ]; then
    echo "Not root: give database_key to the user 999 and service_key to 10001."
fi
for each in database_key database_certificate service_key service_certificate authority; do
    mv -f "$new/$each" "$folder/$each"  # the authority last: with it, all is there
done
echo "Made in $folder, for $days days."
