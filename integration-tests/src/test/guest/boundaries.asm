; Lives where a processor's state is easily lost between two instructions: in long repeated moves, in the shadows of STI and MOV SS,
; under single step, and in HLT, while the timer interrupts it 500 times a second. Each round checks itself; the counters below are
; the result. For the raw loader in real mode, on a machine with the test device. Whoever watches reads them in memory; it never ends.
bits 16
org 0x7C00

ROUNDS    equ 0x500          ; rounds completed
COPIES    equ 0x504          ; bytes found wrong after REP MOVS
SHADOWS   equ 0x508          ; interrupts inside a shadow, late, or lost
STEPS     equ 0x50C          ; rounds whose instructions were not all stepped exactly once
TICKS     equ 0x510          ; timer interrupts
HALTS     equ 0x514          ; HLTs left
WHERE     equ 0x518          ; where the last wrong one of SHADOWS came, or 0
CAME      equ 0x51C          ; how many came in the last round in which some were lost or too many

DIVISOR   equ 1193182 / 500
SOURCE    equ 0x2000         ; segments of the copy
TARGET    equ 0x3000
LENGTH    equ 0xF000
LINE      equ 5
LINE_PORT equ 0x2000 + LINE
DEMANDS   equ 500            ; interrupts asked for in a round
STEPPED   equ 9              ; rounds of the loop that is stepped

start:
  cli
  xor ax, ax
  mov ds, ax
  mov ss, ax
  mov sp, 0x7C00
  mov di, ROUNDS
  mov es, ax
  mov cx, 16
  rep stosw
  mov word [1 * 4], step
  mov [1 * 4 + 2], ax
  mov word [8 * 4], tick
  mov [8 * 4 + 2], ax
  mov word [(8 + LINE) * 4], demanded
  mov [(8 + LINE) * 4 + 2], ax
  ; PIC: vectors from 8 as a PC's firmware has them, timer and the test device's line only
  mov al, 0x11
  out 0x20, al
  mov al, 8
  out 0x21, al
  mov al, 4
  out 0x21, al
  mov al, 1
  out 0x21, al
  mov al, ~(1 | 1 << LINE) & 0xFF
  out 0x21, al
  ; PIT channel 0: rate generator
  mov al, 0x34
  out 0x43, al
  mov al, DIVISOR & 0xFF
  out 0x40, al
  mov al, DIVISOR >> 8
  out 0x40, al
  sti

round:
  call copy
  call shadows
  call single_step
  ; wait for one tick
  hlt
  inc dword [HALTS]
  inc dword [ROUNDS]
  jmp round

; Fills, copies with REP MOVSB and MOVSD, and compares.
copy:
  mov ax, SOURCE
  mov es, ax
  xor di, di
  mov ax, [ROUNDS]
  mov cx, LENGTH / 2
.fill:
  stosw
  imul ax, ax, 25173
  add ax, 13849
  loop .fill
  push ds
  mov bx, TARGET
  mov es, bx
  mov bx, SOURCE
  mov ds, bx
  xor si, si
  xor di, di
  mov cx, LENGTH / 2
  rep movsb
  mov cx, LENGTH / 2 / 4
  rep movsd
  xor si, si
  xor di, di
  mov cx, LENGTH
.compare:
  repe cmpsb
  je .same
  inc dword [ss:COPIES]
  jcxz .same
  jmp .compare
.same:
  pop ds
  ret

; An interrupt that waits while IF is 0 comes behind the instruction after STI, neither before nor later; none comes between MOV SS
; and the instruction behind it.
shadows:
  mov word [demands], 0
  mov cx, DEMANDS
.next:
  cli
  mov dx, LINE_PORT
  mov al, 1
  out dx, al
  sti
.after_sti:
  nop
.behind:
  nop
  mov dx, ss
  mov ss, dx
.after_ss:
  nop
  mov ss, dx
.after_ss2:
  nop
  loop .next
  mov ax, [demands]
  cmp ax, DEMANDS
  je .all
  mov [CAME], ax
  inc dword [SHADOWS]
.all:
  ret

demanded:
  push bp
  mov bp, sp
  push ax
  push dx
  inc word [cs:demands]
  mov ax, [bp + 2]
  cmp ax, shadows.behind
  je .right
  mov [ss:WHERE], ax
  inc dword [ss:SHADOWS]
.right:
  mov dx, LINE_PORT
  xor al, al
  out dx, al
  mov al, 0x20
  out 0x20, al
  pop dx
  pop ax
  pop bp
  iret

; Each instruction from behind the first POPF to the second traps once.
single_step:
  cli
  mov word [traps], 0
  mov cx, STEPPED
  pushf
  pop ax
  or ah, 1
  push ax
  mov bx, 0
  popf                       ; TF from the next instruction on
.next:
  inc bx
  loop .next
  pushf
  pop ax
  and ah, 0xFE
  push ax
  popf                       ; the last that traps: TF was set when it began (SDM 3B 19.3.1.4)
  mov ax, [traps]
  cmp ax, STEPPED * 2 + 5
  jne .wrong
  cmp bx, STEPPED
  je .right
.wrong:
  inc dword [STEPS]
.right:
  sti
  ret

step:
  inc word [cs:traps]
  iret

tick:
  push bp
  mov bp, sp
  inc dword [ss:TICKS]
  cmp word [bp + 2], shadows.after_sti
  je .bad
  cmp word [bp + 2], shadows.after_ss
  je .bad
  cmp word [bp + 2], shadows.after_ss2
  jne .good
.bad:
  push word [bp + 2]
  pop word [ss:WHERE]
  inc dword [ss:SHADOWS]
.good:
  mov [cs:saved], al
  mov al, 0x20
  out 0x20, al
  mov al, [cs:saved]
  pop bp
  iret

traps: dw 0
demands: dw 0
saved: db 0
