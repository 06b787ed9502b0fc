#!/usr/bin/env bash
# Adds the digest to image references, so that exactly the checked images run, even if a tag is moved.
#   deploy/containers/pin-images.sh < FILE                       prints a Dockerfile, a compose file or Kubernetes objects with digests
#   deploy/containers/pin-images.sh REFERENCE...                 prints each reference (NAME:TAG) with its digest
#   deploy/containers/pin-images.sh --json PREFIX TAG NAME...    prints {"NAME": "DIGEST", …} of the images PREFIX/NAME:TAG, for deploy/container-apps
# References with a digest stay unchanged. In a file, references to images that are built here (mlevents/NAME) also stay unchanged. If a digest cannot be read, nothing is printed.
# REGISTRY_HOST, REGISTRY_USER and REGISTRY_PASSWORD (optional): credentials of one registry. For Azure Container Registry the user is
# 00000000-0000-0000-0000-000000000000, and `az acr login --name NAME --expose-token --query accessToken --output tsv` prints the password.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
media=application/vnd.oci.image.index.v1+json,application/vnd.docker.distribution.manifest.list.v2+json,application/vnd.oci.image.manifest.v1+json,application/vnd.docker.distribution.manifest.v2+json
declare -A known

refuse() { echo "pin-images.sh: $1" >&2; exit 1; }

# Credentials and tokens are passed by file, because other users can read the arguments of a process.
get() { curl --silent --show-error --location --proto '=http,https' --max-time 60 --retry 3 --config "$folder/secret" --output "$folder/body" --dump-header "$folder/headers" --write-out '%{http_code}' "$@"; }

header() { tr -d '\r' <"$folder/headers" | sed -n "s/^$1: *//Ip" | tail -n 1; }

# Splits a reference as Docker does: the part before the first slash is a registry if it contains a dot or a port.
split() {
  name=${1%:*} tag=${1##*:} scheme=https host=${1%%/*}
  [ "$name" != "$1" ] && [[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || refuse "'$1' has no tag; write NAME:TAG"
  case $1 in
    */*) case $host in docker.io) name=${name#*/} host=registry-1.docker.io ;; *.* | *:* | localhost) name=${name#*/} ;; *) host=registry-1.docker.io ;; esac ;;
    *) name=library/$name host=registry-1.docker.io ;;
  esac
  case $host in localhost | localhost:* | 127.0.0.1 | 127.0.0.1:*) scheme=http ;; esac
}

# Gets a token from the registry's token service, which the answer 401 names.
authorize() {
  local challenge realm service
  challenge=$(header www-authenticate)
  realm=$(sed -n 's/.*realm="\([^"]*\)".*/\1/p' <<<"$challenge") service=$(sed -n 's/.*service="\([^"]*\)".*/\1/p' <<<"$challenge")
  case $realm in https://* | http://localhost[:/]* | http://127.0.0.1[:/]*) ;; *) refuse "$host names no token service: ${challenge:-no www-authenticate header}" ;; esac
  [ "${REGISTRY_HOST:-}" != "$host" ] || printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_PASSWORD" | sed 's/[\\"]/\\&/g; s/.*/user = "&"/' >"$folder/secret"
  [ "$(get --get --data-urlencode "service=$service" --data-urlencode "scope=repository:$name:pull" "$realm")" = 200 ] || refuse "the token service of $host refused: $(head -c 300 "$folder/body")"
  sed -n 's/.*"\(access_\)\{0,1\}token" *: *"\([^"]*\)".*/header = "Authorization: Bearer \2"/p' "$folder/body" >"$folder/token"
  mv "$folder/token" "$folder/secret"
}

# Sets `digest`: the SHA-256 of the manifest or, for several platforms, of their index.
resolve() {
  local status url name tag scheme host stated
  digest=${known[$1]:-}
  [ -z "$digest" ] || return 0
  split "$1"
  url=$scheme://$host/v2/$name/manifests/$tag
  : >"$folder/secret"
  status=$(get --header "Accept: $media" "$url") || refuse "$1: $host cannot be reached"
  if [ "$status" = 401 ]; then
    authorize
    status=$(get --header "Accept: $media" "$url") || refuse "$1: $host cannot be reached"
  fi
  [ "$status" = 200 ] || refuse "$1: $host answered $status"
  digest=sha256:$(sha256sum <"$folder/body" | cut -d ' ' -f 1) stated=$(header docker-content-digest)
  [ -z "$stated" ] || [ "$stated" = "$digest" ] || refuse "$1: $host states $stated, but the manifest has $digest"
  known[$1]=$digest
}

# Prints a line of a file, and adds the digest to the image that it names. `variables` contains the ARG lines of a Dockerfile.
pin_line() {
  local reference written variable
  if [[ $1 =~ ^ARG\ +([A-Za-z_]+)=([^ ]+) ]]; then
    variables[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
  fi
  if [[ $1 =~ ^FROM\ +(--platform=[^ ]+\ +)?([^ ]+:[^ ]+) || $1 =~ ^[\ -]*(image|\"?dapr.io/sidecar-image\"?):\ +[\"\']?([^\"\'\ ]+) ]]; then
    written=${BASH_REMATCH[2]} reference=$written
    for variable in "${!variables[@]}"; do reference=${reference//"\${$variable}"/${variables[$variable]}}; done
    case $reference in
      *@sha256:* | mlevents/*) ;;
      *) resolve "$reference"; printf '%s\n' "${1/"$written"/$reference@$digest}"; return ;;
    esac
  fi
  printf '%s\n' "$1"
}

pin_file() {
  local line
  declare -A variables
  while IFS= read -r line || [ -n "$line" ]; do pin_line "$line"; done
}

json() {
  local name separator='{'
  for name in "${@:3}"; do
    resolve "$1/$name:$2"
    printf '%s"%s": "%s"' "$separator" "$name" "$digest"
    separator=', '
  done
  echo '}'
}

case ${1:-} in
  --json) [ $# -ge 4 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }; json "${@:2}" >"$folder/output" ;;
  '') pin_file >"$folder/output" ;;
  *) for reference in "$@"; do resolve "$reference"; echo "$reference@$digest"; done >"$folder/output" ;;
esac
cat "$folder/output"
