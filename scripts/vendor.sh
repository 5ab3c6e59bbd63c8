#!/bin/sh
# Fetches everything in static/vendor and tests/browser/vendor again, by name and version: sh scripts/vendor.sh
# To move to another version, change it here, run this, run the browser tests, and look at the pages.
set -eu
cd "$(dirname "$0")/.."
HTMX=4.0.1 TABLER=1.6.1 ICONS=3.51.0 SWAGGER=5.35.0 AXE=4.14.1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# fetch NAME VERSION FOLDER: the package's files are in $package, what is kept of them goes to $into, emptied first.
fetch() {
  into=$3
  rm -rf "${work:?}/package" "$into"
  mkdir -p "$into"
  archive=$(npm pack --silent --pack-destination "$work" "$1@$2")
  tar -xzf "$work/$archive" -C "$work"
  package=$work/package
  printf '%s %s\n' "$1" "$2" > "$into/VERSION"
}

fetch htmx.org $HTMX static/vendor/htmx
cp "$package/dist/htmx.min.js" "$package/LICENSE" "$into"

fetch @tabler/core $TABLER static/vendor/tabler
sed '/^\/\*# sourceMappingURL/d' "$package/dist/css/tabler.min.css" > "$into/tabler.min.css"
cp scripts/tabler-license.txt "$into/LICENSE"  # the package names its licence but does not carry the text

fetch swagger-ui-dist $SWAGGER static/vendor/swagger-ui
cp "$package/LICENSE" "$package/NOTICE" "$package/swagger-ui-bundle.js.LICENSE.txt" "$into"
for file in swagger-ui-bundle.js swagger-ui.css; do
  sed -e '/^\/\/# sourceMappingURL/d' -e 's|/\*# sourceMappingURL=[^*]*\*/||' "$package/$file" > "$into/$file"
done

fetch @tabler/icons $ICONS static/vendor/icons
cp "$package/LICENSE" "$into"
{
  echo '<svg xmlns="http://www.w3.org/2000/svg">'
  while read -r name; do
    echo "<symbol id=\"$name\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-linecap=\"round\" stroke-linejoin=\"round\">"
    grep '<path' "$package/icons/outline/$name.svg" | grep -v 'stroke="none"'
    echo '</symbol>'
  done < scripts/icons.txt
  echo '</svg>'
} > "$into/icons.svg"

fetch axe-core $AXE tests/browser/vendor/axe-core
cp "$package/axe.min.js" "$package/LICENSE" "$package/LICENSE-3RD-PARTY.txt" "$into"
