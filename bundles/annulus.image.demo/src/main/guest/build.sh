#!/bin/sh
# Assembles the embedded guest. The result is committed, so that building Annulus needs no assembler; it is the same for every
# NASM 2.15 and later, and a test compares it with the source wherever nasm is installed.
here=$(cd "$(dirname "$0")" && pwd) || exit 1
command -v nasm >/dev/null || { echo "build.sh: nasm is missing: install the package nasm" >&2; exit 1; }
exec nasm -f bin -o "${1:-$here/../resources/annulus/image/demo/demo.bin}" "$here/demo.asm"
