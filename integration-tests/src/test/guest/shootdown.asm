; A Linux program whose four threads, each on a processor of its own, give one another work with stale translations: each replaces
; the page in its slot over and over and looks into the slots of all. A number is published once it has been written into the new
; page; whoever then reads a lower one there has read through a translation that should have been shot down. A fresh page holds 0
; until its number is written, so 0 is always right. Prints one line on the result.
bits 64
org 0x400000

THREADS equ 4
ROUNDS equ 250
DATA equ 0x410000
SIZE equ 0x11000
SLOTS equ 0x10000000
PAGE equ 0x1000

SYS_WRITE equ 1
SYS_MMAP equ 9
SYS_CLONE equ 56
SYS_EXIT equ 60
SYS_SCHED_SETAFFINITY equ 203
SYS_EXIT_GROUP equ 231
READ_WRITE equ 3
PRIVATE_FIXED_ANONYMOUS equ 0x32
; CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM
THREAD equ 0x50F00

header:                        ; ELF64 (System V gABI, chapter 4)
  db 0x7F, "ELF", 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
  dw 2, 62                     ; executable, x86-64
  dd 1
  dq start, program - header, 0
  dd 0
  dw 64, 56, 1, 0, 0, 0
program:
  dd 1, 7
  dq 0, header, header, file_end - header, SIZE, PAGE

start:
  mov r15d, THREADS - 1
.more:
  mov edi, THREAD
  xor esi, esi                 ; no stack of its own: none is used
  xor edx, edx
  xor r10d, r10d
  xor r8d, r8d
  mov eax, SYS_CLONE
  syscall
  test rax, rax
  jz thread
  js failed
  dec r15d
  jnz .more

; R15: its number. R14: its round. R13: its slot.
thread:
  mov eax, 1
  mov ecx, r15d
  shl eax, cl
  mov [masks + r15 * 8], rax
  xor edi, edi
  mov esi, 8
  lea rdx, [masks + r15 * 8]
  mov eax, SYS_SCHED_SETAFFINITY
  syscall
  test rax, rax
  js failed
  mov r13, r15
  shl r13, 12
  add r13, SLOTS
  xor r14d, r14d
  lock inc dword [ready]
.wait:
  pause
  cmp dword [ready], THREADS
  jne .wait

.round:
  mov rdi, r13
  mov esi, PAGE
  mov edx, READ_WRITE
  mov r10d, PRIVATE_FIXED_ANONYMOUS
  mov r8, -1
  xor r9d, r9d
  mov eax, SYS_MMAP
  syscall
  cmp rax, r13
  jne failed
  inc r14
  mov [r13], r14
  mov rax, r15
  shl rax, 6
  mov [published + rax], r14
  xor ebx, ebx
.look:
  mov rcx, rbx
  shl rcx, 6
  mov r12, [published + rcx]
  test r12, r12                ; nothing is mapped there before the first
  jz .next
  shl rcx, 6
  mov rax, [SLOTS + rcx]
  test rax, rax
  jz .next
  cmp rax, r12
  jae .next
  lock inc dword [stale]
.next:
  inc ebx
  cmp ebx, THREADS
  jb .look
  cmp r14, ROUNDS
  jb .round

  lock inc dword [ended]
  test r15d, r15d
  jz .first
  xor edi, edi
  mov eax, SYS_EXIT
  syscall
.first:
  pause
  cmp dword [ended], THREADS
  jne .first
  mov esi, right
  mov edx, right_end - right
  cmp dword [stale], 0
  je say
  mov esi, wrong
  mov edx, wrong_end - wrong
  jmp say

failed:
  mov esi, refused
  mov edx, refused_end - refused
say:
  mov edi, 1
  mov eax, SYS_WRITE
  syscall
  xor edi, edi
  mov eax, SYS_EXIT_GROUP
  syscall

right: db "no stale translation", 10
right_end:
wrong: db "stale translations were used", 10
wrong_end:
refused: db "the kernel refused a thread, a processor or a page", 10
refused_end:
file_end:

absolute DATA
published: resb 64 * THREADS   ; a cache line each
masks: resq THREADS
ready: resd 1
ended: resd 1
stale: resd 1
