; Uses what the test machine offers and prints a line on each part that works; what does not ends it with a code of its own.
; A digit that ends the command line is the code to exit with; without one it writes "Shutdown".
%include "elf.inc"

LATCH equ 0xE0
MEMORY equ 0xFF000000
LAST equ MEMORY + 0xFFFC
LINES equ 0x2000
LINE equ 5
VECTOR equ 0x20 + LINE
SHUTDOWN equ 0x8900

start:
  mov esp, image_end + 0x1000
  mov ebp, ebx

  ; The latch in every size
  mov eax, 0x12345678
  out LATCH, eax
  in al, LATCH + 1
  cmp al, 0x56
  mov al, 11
  jne exit
  in ax, LATCH + 2
  cmp ax, 0x1234
  mov al, 12
  jne exit
  mov al, 0x9A
  out LATCH + 3, al
  in eax, LATCH
  cmp eax, 0x9A345678
  mov al, 13
  jne exit
  mov esi, latched
  call print

  ; Memory behind MMIO: parts of a datum, a locked operation, string instructions, the last bytes
  mov dword [MEMORY], 0xCAFEBABE
  mov al, 21
  cmp byte [MEMORY + 1], 0xBA
  jne exit
  mov ecx, 2
  lock xadd [MEMORY], ecx
  mov al, 22
  cmp ecx, 0xCAFEBABE
  jne exit
  cmp dword [MEMORY], 0xCAFEBAC0
  jne exit
  mov esi, latched
  mov edi, LAST - 8
  mov ecx, 3
  rep movsd
  mov esi, latched
  mov edi, LAST - 8
  mov ecx, 3
  repe cmpsd
  mov al, 23
  jne exit
  mov esi, stored
  call print
  ; The address of a page to flush
  mov eax, MEMORY
  out 0xE4, eax

  ; An interrupt line, through the interrupt controller
  mov eax, handler
  mov [gate], ax
  shr eax, 16
  mov [gate + 6], ax
  mov [gate + 2], cs
  lidt [idtr]
  mov al, 0x11
  out 0x20, al
  mov al, VECTOR - LINE
  out 0x21, al
  mov al, 4
  out 0x21, al
  mov al, 1
  out 0x21, al
  mov al, ~(1 << LINE) & 0xFF
  out 0x21, al
  sti
  mov dx, LINES + LINE
  mov al, 1
  out dx, al
  mov ecx, 1000000
.wait:
  cmp dword [interrupts], 1
  je .came
  loop .wait
  mov al, 31
  jmp exit
.came:
  cli
  mov esi, interrupted
  call print

  ; The last character of the command line
  mov esi, [ebp + 16]
  mov ecx, esi
.end:
  lodsb
  test al, al
  jnz .end
  sub esi, 2
  cmp esi, ecx
  jb shutdown
  mov al, [esi]
  sub al, '0'
  cmp al, 9
  jbe exit
shutdown:
  mov esi, word_
  mov ecx, 8
  mov dx, SHUTDOWN
  rep outsb
.stop:
  cli
  hlt
  jmp .stop

handler:
  push eax
  push edx
  inc dword [interrupts]
  xor eax, eax
  mov dx, LINES + LINE
  out dx, al
  mov al, 0x20
  out 0x20, al
  pop edx
  pop eax
  iretd

latched: db "latch: every size", 10, 0
stored: db "memory behind MMIO: kept", 10, 0
interrupted: db "interrupt line: one interrupt", 10, 0
word_: db "Shutdown"
align 8
interrupts: dd 0
idtr: dw 8 * VECTOR + 7
  dd idt
align 8
idt: times VECTOR dq 0
gate: dw 0, 0, 0x8E00, 0       ; a present 32-bit interrupt gate (SDM 3A 7.11)

image_end:
