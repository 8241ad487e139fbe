; Prints its command line and the content of its module on COM1 and exits with code 42: status 85.
; Codes 1 to 3 say that the loader's magic number, the flags or the number of modules were wrong.
%include "elf.inc"

MAGIC equ 0x2BADB002
FLAGS equ 1 << 2 | 1 << 3 | 1 << 6   ; command line, modules and memory map

start:
  mov esp, image_end + 0x1000
  mov ebp, ebx
  cmp eax, MAGIC
  mov al, 1
  jne exit
  mov ecx, [ebp]
  and ecx, FLAGS
  cmp ecx, FLAGS
  mov al, 2
  jne exit
  mov esi, [ebp + 16]
  call print
  mov al, 10
  call putc
  cmp dword [ebp + 20], 1
  mov al, 3
  jne exit
  mov edi, [ebp + 24]
  mov esi, [edi]
  mov ecx, [edi + 4]
  sub ecx, esi
.module:
  lodsb
  call putc
  loop .module
  mov al, 42
  jmp exit

image_end:
