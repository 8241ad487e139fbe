; Works for ever with the registers of the tests' device "turnstile", whose every access counts: reading one twice or not at all
; shows. In a page each: numbers, the next one at each read; a cell of memory; and a place where numbers are given back in order,
; which the device checks itself. The counters below are the result.
%include "elf.inc"

NUMBERS equ 0xFE000000
CELL equ NUMBERS + 0x1000
RETURNS equ NUMBERS + 0x2000
ROUNDS equ 0x90000             ; rounds completed
WRONG equ 0x90004              ; numbers and cells that were not what they should be
BUFFER equ 0x90100
MANY equ 8

start:
  mov esp, image_end + 0x1000
  cld
  xor ebx, ebx                 ; the number that comes next
  mov [ROUNDS], ebx
  mov [WRONG], ebx
round:
  ; a load
  mov eax, [NUMBERS]
  call check
  ; an instruction that accesses memory too
  push dword [NUMBERS]
  pop eax
  call check
  ; a test that takes its operand from there: EAX is the number before
  mov eax, ebx
  cmp [NUMBERS], eax
  je .compared
  inc dword [WRONG]
.compared:
  inc ebx
  ; a repeated string instruction, from there
  mov esi, NUMBERS
  mov edi, BUFFER
  mov ecx, MANY
  rep movsd
  mov esi, BUFFER
  mov ecx, MANY
.next:
  lodsd
  call check
  loop .next
  ; reads that are written back
  inc dword [CELL]
  mov eax, 1
  lock xadd [CELL], eax
  add eax, 1
  mov edx, [ROUNDS]
  lea edx, [edx * 2 + 2]
  cmp eax, edx
  je .right
  inc dword [WRONG]
.right:
  ; a repeated string instruction, to there
  mov esi, BUFFER
  mov edi, RETURNS
  mov ecx, MANY
  rep movsd
  inc dword [ROUNDS]
  jmp round

; EAX must be the next number.
check:
  cmp eax, ebx
  je .right
  inc dword [WRONG]
.right:
  inc ebx
  ret

image_end:
