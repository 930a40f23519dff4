#!/bin/sh
# The demo: every step that a user takes, on the embedded AWS, in a scratch copy of the examples under .demo.
# Run by `make demo`. Leaves nothing running; everything it leaves is under .demo, and packages in the user's cache.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
PATH="$root/.venv/bin:$PATH"
export PATH
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN BUNSUI_ENV CI 2>/dev/null || true
BUNSUI_ENV=local
export BUNSUI_ENV

scratch=$root/.demo
mkdir -p "$scratch"
cd "$scratch"
# A demo that was killed left its folders and what ran in them; whatever runs there stops when its folder goes.
# Packages lie in the user's cache, so that a second demo needs no network.
find . -mindepth 1 -maxdepth 1 -exec rm -rf {} +
cp -R "$root/bunsui.yaml" "$root/pipelines" "$root/schemas" .
# What bunsui remembers of its folders, outside of them, goes with the demo, and so do the folders that it would know again.
TMPDIR=$(mktemp -d)
XDG_STATE_HOME=$TMPDIR/state
export TMPDIR XDG_STATE_HOME
trap 'bunsui local stop >/dev/null 2>&1 || true; rm -rf .bunsui "$TMPDIR"' EXIT
trap 'exit 130' INT TERM

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
step() { printf '\n%s── %s%s\n' "$bold" "$1" "$plain"; }
show() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; "$@"; }
fails() { printf '%s$ %s%s\n' "$bold" "$*" "$plain"; if "$@"; then echo "this was expected to fail" >&2; exit 1; fi; }

step "The files are checked, all findings at once"
show bunsui validate

step "The machines are tested, on a virtual clock and without any account"
show bunsui test

step "What apply would do"
show bunsui plan

step "Make it so"
show bunsui apply --yes

step "A second plan has nothing to say"
show bunsui plan --detailed-exitcode

step "Run the ETL over four years of weather, live"
show bunsui run seattle-weather --wait

step "Edit one line: ask for a whole year of records"
sed -i.before 's/\$ops.list.days > 300/$ops.list.days >= 365/' pipelines/seattle-weather.yaml
rm -f pipelines/seattle-weather.yaml.before
show bunsui plan
show bunsui apply --yes

step "A pipeline that fails on the missing values of real data"
fails bunsui run penguin-mass --wait
show bunsui show penguin-mass

step "Fix the function, apply, and resume: what was done is not done again"
sed -i.before 's/if row\["species"\] == species:/if row["species"] == species and row["body_mass_g"] != "NA":/' pipelines/functions/penguins/penguins.py
rm -f pipelines/functions/penguins/penguins.py.before
show bunsui plan
show bunsui apply --yes
show bunsui resume penguin-mass --wait

step "Where we are"
show bunsui status
show bunsui local stop
