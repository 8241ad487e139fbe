; A boot sector: says in which mode it runs and from which disk it came, serves an interrupt through the real-mode interrupt
; table, counts with 16-bit arithmetic and exits with code 7: status 15.
bits 16
org 0x7C00

start:
  xor ax, ax
  mov ds, ax
  mov ss, ax
  mov sp, 0x7C00
  mov word [0x40 * 4], service
  mov [0x40 * 4 + 2], ax
  mov si, booted
  int 0x40
  mov bl, dl
  smsw ax
  mov si, real
  test al, 1
  jz .mode
  mov si, protected
.mode:
  int 0x40
  mov si, disk80
  cmp bl, 0x80
  je .disk
  mov si, other
.disk:
  int 0x40
  ; 1 + ... + 100, its digits from the last to the first
  mov cx, 100
  xor ax, ax
.sum:
  add ax, cx
  loop .sum
  mov di, digits + 4
  mov bx, 10
.digit:
  xor dx, dx
  div bx
  add dl, '0'
  dec di
  mov [di], dl
  test ax, ax
  jnz .digit
  mov si, sum
  int 0x40
  mov al, 7
  out 0xF4, al
.stop:
  cli
  hlt
  jmp .stop

; Prints the string at SI.
service:
  push dx
  mov dx, 0x3F8
.next:
  lodsb
  test al, al
  jz .end
  out dx, al
  jmp .next
.end:
  pop dx
  iret

booted: db "boot sector", 10, 0
real: db "real mode", 10, 0
protected: db "protected mode", 10, 0
disk80: db "disk 80", 10, 0
other: db "another disk", 10, 0
sum: db "sum "
digits: db "????", 10, 0
  times 510 - ($ - $$) db 0
  dw 0xAA55
