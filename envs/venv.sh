#!/bin/sh
# Create .venv from the hashed lock of one extra (cpu, gpu, jax or jax-gpu), unless it is up to date.
# usage: envs/venv.sh EXTRA
set -eu
lock="requirements-$1.lock"
stamp=".venv/.installed"
needed_mb=3500 # the environment and pip's temporary files

fail() {
    echo "reverie: $*" >&2
    exit 1
}

[ -f "$lock" ] || fail "there is no $lock; EXTRA is cpu, gpu, jax or jax-gpu."
wanted="$(cksum <"$lock") $PWD" # a moved folder needs a new environment
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ] && exit 0

# $PYTHON if set, else the first of the usual names with a supported version.
fits='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
python=""
for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c "$fits" 2>/dev/null; then
        python="$name"
        break
    fi
done
if [ -z "$python" ]; then
    found="$("${PYTHON:-python3}" --version 2>&1 || true)"
    fail "Python 3.11, 3.12 or 3.13 is needed and ${PYTHON:-python3} is '$found'; install one, or name it: make PYTHON=/path/to/python3.12"
fi
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "$python lacks the module venv; install it (Debian, Ubuntu: apt install python3-venv)."
free_mb="$(df -Pm . | awk 'NR == 2 { print $4 }')"
[ "$free_mb" -ge "$needed_mb" ] ||
    fail "the disk is full: $free_mb MB are free in $PWD and $needed_mb MB are needed."

echo "Making .venv with $("$python" --version) from $lock (two minutes, once) ..."
trap 'rm -rf .venv' EXIT # remove an incomplete environment
trap 'exit 130' INT TERM
rm -rf .venv
"$python" -m venv .venv || fail "$python could not make .venv."
pip=".venv/bin/python -m pip --disable-pip-version-check -qq"
$pip install --require-hashes -r "$lock" ||
    fail "the installation from $lock failed; see above, and try again when the package index can be reached."
$pip install --no-deps --no-build-isolation -e . ||
    fail "the installation of reverie itself failed; see above."
echo "$1" >.venv/.extra
echo "$wanted" >"$stamp"
trap - EXIT
