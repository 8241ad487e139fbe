#!/bin/sh
# Assembles the guests of the tests. The results are committed, so that the tests need no assembler; a test compares them with
# their sources wherever nasm is installed. An argument names another directory for them.
here=$(cd "$(dirname "$0")" && pwd) || exit 1
command -v nasm >/dev/null || { echo "build.sh: nasm is missing: install the package nasm" >&2; exit 1; }
for guest in multiboot testmachine bootsector boundaries turnstile shootdown; do
  nasm -f bin -I "$here/" -o "${1:-$here/../resources/annulus/it}/$guest.bin" "$here/$guest.asm" || exit 1
done
