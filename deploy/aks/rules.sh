#!/usr/bin/env bash
# Writes a Kustomize component that mounts a rules folder, with its templates and job files, into the services that read rules.
#   deploy/aks/rules.sh FOLDER [OUTPUT]
# OUTPUT: the folder of the component, by default deploy/aks/rules. List it under `components` of an overlay.
# Run this script again after a file is added, removed or renamed. After a change of a file's content, this is not necessary.
set -euo pipefail

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 1 ] && [ $# -le 2 ] || usage
folder=$1 output=${2:-$(dirname "$0")/rules}
[ -d "$folder" ] || { echo "rules.sh: '$folder' is not a folder" >&2; exit 1; }
mkdir -p "$output"

# Editors use the schemas. The services do not.
mapfile -t files < <(cd "$folder" && find . -type f -not -path './schema/*' -printf '%P\n' | LC_ALL=C sort)
[ ${#files[@]} -gt 0 ] || { echo "rules.sh: '$folder' contains no file" >&2; exit 1; }

size=0
for file in "${files[@]}"; do
  [[ $file =~ ^[A-Za-z0-9._/-]+$ ]] || { echo "rules.sh: the name '$file' contains a character that a ConfigMap does not allow; use letters, digits, '.', '_' and '-'" >&2; exit 1; }
  size=$((size + $(stat -c %s "$folder/$file")))
done
[ "$size" -le 1000000 ] || { echo "rules.sh: '$folder' contains $size bytes; a ConfigMap contains at most 1 MiB. Build the folder into an image instead" >&2; exit 1; }

# A key of a ConfigMap cannot contain a slash.
key() { printf '%s' "${1//\//__}"; }

{
  echo '# Written by deploy/aks/rules.sh. Do not edit.'
  echo 'apiVersion: kustomize.config.k8s.io/v1alpha1'
  echo 'kind: Component'
  echo 'namespace: mlevents'
  echo 'configMapGenerator:'
  echo '  - name: rules'
  echo '    files:'
  source=$(realpath --relative-to="$output" "$folder")
  for file in "${files[@]}"; do echo "      - $(key "$file")=$source/$file"; done
  echo 'generatorOptions:'
  echo '  # The services reload changed files. A name with a hash would restart them instead.'
  echo '  disableNameSuffixHash: true'
  echo 'patches:'
  echo '  - target: { kind: Deployment, name: notifier|retrainer|deployer }'
  echo '    patch: |'
  echo '      apiVersion: apps/v1'
  echo '      kind: Deployment'
  echo '      metadata:'
  echo '        name: any'
  echo '      spec:'
  echo '        template:'
  echo '          spec:'
  echo '            volumes:'
  echo '              - name: rules'
  echo '                configMap:'
  echo '                  name: rules'
  echo '                  items:'
  for file in "${files[@]}"; do echo "                    - { key: $(key "$file"), path: $file }"; done
} >"$output/kustomization.yaml"
