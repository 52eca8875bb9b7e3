#!/bin/sh
# Makes the certificates of the QUIC transport: a certificate authority of this machine's own and a server certificate
# from it. Usage: make_certificates.sh FOLDER [NAME_OR_ADDRESS ...]
# Writes FOLDER/ca.pem, server.pem, server.key. The authority's key is thrown away, so nobody can make a second server
# certificate that the vehicle would trust. Does nothing when they are there, fit together and are valid for 30 days
# more. Extra names and addresses (of a cloud machine, say) go into the server's certificate; delete FOLDER to change them.
# Needs certtool (Debian: gnutls-bin).
set -eu

folder=${1:?usage: make_certificates.sh FOLDER [NAME_OR_ADDRESS ...]}
shift
command -v certtool >/dev/null || { echo "make_certificates: certtool is missing; install gnutls-bin" >&2; exit 1; }

public_key() { sed -n '/BEGIN PUBLIC/,/END PUBLIC/p'; }

fits() {
  [ -s "$folder/ca.pem" ] && [ -s "$folder/server.pem" ] && [ -s "$folder/server.key" ] || return 1
  certtool --verify --load-ca-certificate "$folder/ca.pem" --infile "$folder/server.pem" >/dev/null 2>&1 || return 1
  [ "$(certtool --pubkey-info --infile "$folder/server.pem" 2>/dev/null | public_key)" = \
    "$(certtool --load-privkey "$folder/server.key" --pubkey-info 2>/dev/null | public_key)" ] || return 1
  end=$(certtool --certificate-info --infile "$folder/server.pem" | sed -n 's/.*Not After: //p' | head -n 1)
  [ "$(date -d "$end" +%s)" -gt "$(($(date +%s) + 30 * 86400))" ]
}
fits && exit 0

# A ca.pem that is not this folder's own is a cloud's, brought here by hand: never write over it.
if [ -s "$folder/ca.pem" ]; then
  [ -s "$folder/server.pem" ] || exit 0
  certtool --verify --load-ca-certificate "$folder/ca.pem" --infile "$folder/server.pem" >/dev/null 2>&1 || {
    echo "make_certificates: $folder/ca.pem is not the authority of server.pem beside it: keep a cloud's ca.pem" \
      "under another name (ca_certificate_path names it), or remove $folder" >&2
    exit 1
  }
fi

umask 077
mkdir -p "$folder"
work=$(mktemp -d "$folder/.new.XXXXXX")
trap 'rm -rf "$work"' EXIT

cat > "$work/ca.cfg" <<EOF
cn = "TURBO certificate authority"
ca
cert_signing_key
expiration_days = 3650
EOF
{
  cat <<EOF
cn = "turbo-server"
tls_www_server
signing_key
expiration_days = 3650
dns_name = "turbo-server"
dns_name = "localhost"
ip_address = "127.0.0.1"
ip_address = "::1"
ip_address = "10.77.0.2"
EOF
  for name in "$@"; do
    case $name in
      *[!0-9.]*) case $name in *:*) echo "ip_address = \"$name\"" ;; *) echo "dns_name = \"$name\"" ;; esac ;;
      *) echo "ip_address = \"$name\"" ;;
    esac
  done
} > "$work/server.cfg"

quietly() { "$@" > "$work/log" 2>&1 || { cat "$work/log" >&2; echo "make_certificates: $* failed" >&2; exit 1; }; }
quietly certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --outfile "$work/ca.key"
quietly certtool --generate-self-signed --load-privkey "$work/ca.key" --template "$work/ca.cfg" --outfile "$work/ca.pem"
quietly certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --outfile "$work/server.key"
quietly certtool --generate-certificate --load-privkey "$work/server.key" --load-ca-certificate "$work/ca.pem" \
  --load-ca-privkey "$work/ca.key" --template "$work/server.cfg" --outfile "$work/server.pem"
mv -f "$work/ca.pem" "$work/server.pem" "$work/server.key" "$folder/"
chmod 644 "$folder/ca.pem" "$folder/server.pem"
echo "made the certificates of the QUIC transport in $folder"
