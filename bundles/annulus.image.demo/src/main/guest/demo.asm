; The embedded guest: a small kernel that uses the machine for real. It is a Multiboot 1 image entered in 32-bit protected mode;
; it builds page tables, enters long mode, takes timer interrupts, and runs three ring-3 tasks in address spaces of their own,
; which compute, make system calls, touch memory that is only mapped on demand, and (one of them) do what they must not. Each
; second it reports what happened, and when the tasks are done it powers the machine off through ACPI.
;
;   nasm -f bin -o demo.bin demo.asm          (build.sh)
;
; Physical memory: 0x100000 this image, 0x200000 kernel page tables, 0x210000 and on a page allocator's pool.
; A task's linear memory: 0x40000000 code (shared, read-only), 0x40200000 heap (on demand), 0x403ff000 stack.

BASE        equ 0x100000
PML4        equ 0x200000
POOL        equ 0x210000
USER_CODE   equ 0x40000000
USER_HEAP   equ 0x40200000
USER_STACK  equ 0x40400000
COM1        equ 0x3f8
HZ          equ 100
LIMIT       equ 10 * HZ             ; no task may run longer

SEL_CODE    equ 0x08                ; order fixed by SYSCALL and SYSRET (SDM 3A 5.8.8)
SEL_DATA    equ 0x10
SEL_UDATA   equ 0x20 | 3
SEL_UCODE   equ 0x28 | 3
SEL_TSS     equ 0x30

; task control block
T_RSP       equ 0                   ; kernel stack pointer while not running
T_CR3       equ 8
T_STATE     equ 16                  ; 0 free, 1 runnable, 2 ended
T_KSTACK    equ 24                  ; top of the kernel stack
T_NAME      equ 32
T_TICKS     equ 40
T_SIZE      equ 48
TASKS       equ 4                   ; the first is the idle task, in ring 0

        bits 32
        org BASE

header: dd 0x1badb002, 1 << 16, -(0x1badb002 + (1 << 16))
        dd header, BASE, image_end, bss_end, entry

entry:  cli
        cld
        mov esp, boot_stack_top
        mov edi, PML4               ; clear the six pages of kernel tables
        mov ecx, 6 * 1024
        xor eax, eax
        rep stosd
        mov dword [PML4], PML4 + 0x1003             ; PML4[0]: kernel part of every address space
        mov dword [PML4 + 0x1000], PML4 + 0x2003    ; first GiB
        mov edi, PML4 + 0x2000
        mov eax, 0x83                               ; 2 MiB pages, supervisor
        mov ecx, 512
.map:   mov [edi], eax
        add eax, 0x200000
        add edi, 8
        loop .map
        mov eax, cr4
        or eax, 1 << 5 | 1 << 9                     ; PAE, OSFXSR
        mov cr4, eax
        mov eax, PML4
        mov cr3, eax
        mov ecx, 0xc0000080                         ; EFER: SCE, LME, NXE
        rdmsr
        or eax, 1 | 1 << 8 | 1 << 11
        wrmsr
        mov eax, cr0
        and eax, ~(1 << 2)                          ; EM
        or eax, 1 << 31 | 1 << 16 | 1 << 1          ; PG, WP, MP
        mov cr0, eax
        lgdt [gdt_pointer]
        jmp SEL_CODE:long_mode

        bits 64
        default rel

long_mode:
        mov eax, SEL_DATA
        mov ds, eax
        mov es, eax
        mov ss, eax
        xor eax, eax
        mov fs, eax
        mov gs, eax
        mov rsp, boot_stack_top
        call serial_init
        mov rsi, text_hello
        call print
        call describe_processor
        call idt_init
        call tss_init
        call syscall_init
        call tasks_init
        call timer_init
        mov rsi, text_start
        call print
        ; become the idle task
        mov qword [current], tasks
        mov rsp, [tasks + T_KSTACK]
        sti
idle:   hlt
        cmp qword [running], 0
        jne idle
        cli
        mov rsi, text_done
        call print
        call report
        mov rsi, text_off
        call print
        call power_off
        mov rsi, text_no_acpi
        call print
.stop:  hlt
        jmp .stop

; ---- console ---------------------------------------------------------------------------------------------------------------

serial_init:
        mov dx, COM1 + 1
        xor eax, eax
        out dx, al                  ; no interrupts
        mov dx, COM1 + 3
        mov al, 0x80
        out dx, al
        mov dx, COM1
        mov al, 1                   ; 115200
        out dx, al
        inc dx
        xor eax, eax
        out dx, al
        mov dx, COM1 + 3
        mov al, 3                   ; 8N1
        out dx, al
        mov dx, COM1 + 2
        mov al, 7                   ; FIFOs
        out dx, al
        ret

putc:   push rdx                    ; AL
        push rax
        mov dx, COM1 + 5
.wait:  in al, dx
        test al, 0x20
        jz .wait
        pop rax
        mov dx, COM1
        out dx, al
        pop rdx
        ret

print:  push rax                    ; RSI: text, ends with 0; LF becomes CR LF
.next:  lodsb
        test al, al
        jz .done
        cmp al, 10
        jne .put
        mov al, 13
        call putc
        mov al, 10
.put:   call putc
        jmp .next
.done:  pop rax
        ret

print_dec:                          ; RAX
        push rax
        push rbx
        push rcx
        push rdx
        mov ebx, 10
        xor ecx, ecx
.digit: xor edx, edx
        div rbx
        push rdx
        inc ecx
        test rax, rax
        jnz .digit
.out:   pop rax
        add al, '0'
        call putc
        loop .out
        pop rdx
        pop rcx
        pop rbx
        pop rax
        ret

print_hex:                          ; RAX
        push rax
        push rcx
        push rdx
        mov rdx, rax
        mov ecx, 16
.skip:  rol rdx, 4                  ; leave out leading zeroes
        dec ecx
        jz .one
        test dl, 15
        jz .skip
.one:   inc ecx
        jmp .put
.next:  rol rdx, 4
.put:   mov eax, edx
        and eax, 15
        cmp eax, 10
        jb .dec
        add eax, 'a' - '0' - 10
.dec:   add eax, '0'
        call putc
        loop .next
        pop rdx
        pop rcx
        pop rax
        ret

%macro say 1
        mov rsi, %1
        call print
%endmacro
%macro say_dec 1
        mov rax, %1
        call print_dec
%endmacro

describe_processor:
        xor eax, eax
        cpuid
        mov [scratch], ebx
        mov [scratch + 4], edx
        mov [scratch + 8], ecx
        mov dword [scratch + 12], 0
        say text_cpu
        say scratch
        mov eax, 0x80000000
        cpuid
        cmp eax, 0x80000004
        jb .plain
        say text_comma
        mov edi, 0x80000002
        mov r8, scratch
.brand: mov eax, edi
        cpuid
        mov [r8], eax
        mov [r8 + 4], ebx
        mov [r8 + 8], ecx
        mov [r8 + 12], edx
        add r8, 16
        inc edi
        cmp edi, 0x80000005
        jb .brand
        mov byte [scratch + 48], 0
        mov rsi, scratch
.trim:  cmp byte [rsi], ' '         ; some models pad at the front
        jne .name
        inc rsi
        jmp .trim
.name:  call print
.plain: say text_newline
        ret

; ---- interrupts and exceptions ------------------------------------------------------------------------------------------------

%macro gate 2                       ; vector, handler
        mov rax, %2
        mov edi, %1
        call set_gate
%endmacro

set_gate:                           ; EDI vector, RAX handler: a 64-bit interrupt gate
        shl edi, 4
        add rdi, idt
        mov [rdi], ax
        mov word [rdi + 2], SEL_CODE
        mov word [rdi + 4], 0x8e00
        shr rax, 16
        mov [rdi + 6], ax
        shr rax, 16
        mov [rdi + 8], eax
        mov dword [rdi + 12], 0
        ret

idt_init:
        gate 0, divide_error
        gate 6, invalid_opcode
        gate 13, general_protection
        gate 14, page_fault
        gate 32, timer
        gate 39, spurious
        lidt [idt_pointer]
        mov al, 0x11                ; both 8259s: vectors 32 to 47, all masked but the timer
        out 0x20, al
        out 0xa0, al
        mov al, 32
        out 0x21, al
        mov al, 40
        out 0xa1, al
        mov al, 4
        out 0x21, al
        mov al, 2
        out 0xa1, al
        mov al, 1
        out 0x21, al
        out 0xa1, al
        mov al, 0xfe
        out 0x21, al
        mov al, 0xff
        out 0xa1, al
        ret

timer_init:
        mov al, 0x34                ; 8254 channel 0, mode 2
        out 0x43, al
        mov eax, 1193182 / HZ
        out 0x40, al
        mov al, ah
        out 0x40, al
        ret

tss_init:
        mov rax, tss
        mov [gdt + SEL_TSS + 2], ax
        shr rax, 16
        mov [gdt + SEL_TSS + 4], al
        mov [gdt + SEL_TSS + 7], ah
        mov eax, SEL_TSS
        ltr ax
        ret

%macro save 0
        push rax
        push rbx
        push rcx
        push rdx
        push rsi
        push rdi
        push rbp
        push r8
        push r9
        push r10
        push r11
        push r12
        push r13
        push r14
        push r15
%endmacro
%macro restore 0
        pop r15
        pop r14
        pop r13
        pop r12
        pop r11
        pop r10
        pop r9
        pop r8
        pop rbp
        pop rdi
        pop rsi
        pop rdx
        pop rcx
        pop rbx
        pop rax
%endmacro
FRAME_RIP   equ 15 * 8              ; above the saved registers, without an error code
FRAME_CS    equ FRAME_RIP + 8

spurious:
        iretq

timer:  save
        inc qword [ticks]
        mov al, 0x20
        out 0x20, al
        mov rbx, [current]
        inc qword [rbx + T_TICKS]
        mov rax, [ticks]
        cmp rax, [next_report]
        jb .switch
        add qword [next_report], HZ
        call report
.switch:
        cmp qword [ticks], LIMIT
        jae too_long
schedule:                           ; the interrupted task's frame is on the stack
        mov rbx, [current]
        mov [rbx + T_RSP], rsp
        mov rdx, rbx
        mov ecx, TASKS
.next:  add rdx, T_SIZE
        cmp rdx, tasks_end
        jb .look
        mov rdx, tasks
.look:  cmp rdx, tasks
        je .skip                    ; the idle task only when nothing else runs
        cmp qword [rdx + T_STATE], 1
        je .take
.skip:  loop .next
        mov rdx, tasks
.take:  cmp rdx, rbx
        je .same
        inc qword [switches]
.same:  mov [current], rdx
        mov rax, [rdx + T_KSTACK]
        mov [tss + 4], rax          ; RSP0
        mov [kernel_rsp], rax
        mov rax, [rdx + T_CR3]
        mov cr3, rax
        mov rsp, [rdx + T_RSP]
        restore
        iretq

too_long:
        say text_limit
        mov qword [running], 0
        mov rdx, tasks
        mov rax, [rdx + T_CR3]
        mov cr3, rax
        mov rsp, [rdx + T_RSP]
        mov [current], rdx
        restore
        iretq

; Exceptions of a task are counted and told; a privileged instruction is skipped, anything worse ends the task.

%macro fault 3                      ; name, text, has error code
%1:
  %if %3 = 0
        push 0
  %endif
        push rax
        mov rax, [rsp + 8]
        mov [error_code], rax
        pop rax
        add rsp, 8
        save
        mov rdi, %2
        jmp task_fault
%endmacro
        fault divide_error, text_de, 0
        fault invalid_opcode, text_ud, 0
        fault general_protection, text_gp, 1

task_fault:                         ; RDI what
        test qword [rsp + FRAME_CS], 3
        jz kernel_fault
        inc qword [traps]
        call tell_fault
        cmp rdi, text_gp
        jne end_task
        mov rax, [rsp + FRAME_RIP]  ; the tasks' privileged instructions are one byte long
        inc qword [rsp + FRAME_RIP]
        restore
        iretq

tell_fault:
        push rdi
        mov rbx, [current]
        say text_kernel
        mov rsi, [rbx + T_NAME]
        call print
        say text_did
        pop rsi
        push rsi
        call print
        say text_error
        mov rax, [error_code]
        call print_hex
        say text_at
        mov rax, [rsp + 16 + FRAME_RIP]
        call print_hex
        say text_newline
        pop rdi
        ret

kernel_fault:
        say text_panic
        mov rsi, rdi
        call print
        say text_at
        mov rax, [rsp + FRAME_RIP]
        call print_hex
        say text_newline
        mov dx, 0xf4                ; tell a test machine
        mov al, 0x7f
        out dx, al
.stop:  hlt
        jmp .stop

; A page fault in a task's heap maps a fresh page; any other one ends the task.
page_fault:
        push rax
        mov rax, [rsp + 8]
        mov [error_code], rax
        pop rax
        add rsp, 8
        save
        test qword [rsp + FRAME_CS], 3
        mov rdi, text_pf
        jz kernel_fault
        mov rax, cr2
        mov [fault_address], rax
        test qword [error_code], 1
        jnz .bad                    ; present: a rights violation
        mov rcx, USER_HEAP
        cmp rax, rcx
        jb .bad
        add rcx, 0x100000
        cmp rax, rcx
        jae .bad
        inc qword [page_faults]
        mov rdi, rax
        mov rbx, [current]
        mov r8, [rbx + T_CR3]
        call page_table             ; RAX: the entry of RDI
        mov rbx, rax
        call allocate
        or rax, 7
        bts rax, 63                 ; no execution
        mov [rbx], rax
        restore
        iretq
.bad:   inc qword [traps]
        mov rdi, text_pf
        call tell_fault
        say text_address
        mov rax, [fault_address]
        call print_hex
        say text_newline
        jmp end_task

; ---- system calls -------------------------------------------------------------------------------------------------------------

syscall_init:
        mov ecx, 0xc0000081         ; STAR: user selectors from 0x18, kernel from 8
        xor eax, eax
        mov edx, (0x18 | 3) << 16 | SEL_CODE
        wrmsr
        mov ecx, 0xc0000082         ; LSTAR
        mov rax, system_call
        mov rdx, rax
        shr rdx, 32
        wrmsr
        mov ecx, 0xc0000084         ; FMASK: IF, TF, DF, AC
        mov eax, 1 << 9 | 1 << 8 | 1 << 10 | 1 << 18
        xor edx, edx
        wrmsr
        ret

; RAX 0 exit, 1 write RDX bytes at RSI, 2 write number RSI, 3 ticks. RCX and R11 are lost, RAX is the result.
system_call:
        mov [user_rsp], rsp
        mov rsp, [kernel_rsp]
        push rcx
        push r11
        push rbx
        push rsi
        push rdx
        inc qword [calls]
        cmp rax, 1
        jb end_task
        je .write
        cmp rax, 3
        jb .number
        mov rax, [ticks]
        jmp .return
.number:
        mov rax, rsi
        call print_dec
        jmp .return
.write: mov rcx, USER_CODE          ; only from the task's own memory
        cmp rsi, rcx
        jb .refuse
        add rcx, 0x400000
        lea rax, [rsi + rdx]
        cmp rax, rcx
        ja .refuse
        mov rcx, rdx
        jrcxz .return
.byte:  lodsb
        cmp al, 10
        jne .put
        mov al, 13
        call putc
        mov al, 10
.put:   call putc
        loop .byte
        xor eax, eax
        jmp .return
.refuse:
        mov rax, -1
.return:
        pop rdx
        pop rsi
        pop rbx
        pop r11
        pop rcx
        mov rsp, [user_rsp]
        o64 sysret

end_task:
        mov rbx, [current]
        mov qword [rbx + T_STATE], 2
        dec qword [running]
        say text_kernel
        mov rsi, [rbx + T_NAME]
        call print
        say text_ended
        mov rsp, [rbx + T_KSTACK]
        sub rsp, 20 * 8             ; room of the frame that is never returned to
        jmp schedule

; ---- memory and tasks ----------------------------------------------------------------------------------------------------------

allocate:                           ; RAX: a zeroed page
        push rdi
        push rcx
        mov rdi, [free_page]
        add qword [free_page], 0x1000
        push rdi
        xor eax, eax
        mov ecx, 512
        rep stosq
        pop rax
        pop rcx
        pop rdi
        ret

; The page-table entry of linear RDI in address space R8, whose tables are made as needed: RAX
page_table:
        push rbx
        push rcx
        mov rbx, r8
        mov ecx, 39
.level: mov rax, rdi
        shr rax, cl
        and eax, 511
        lea rbx, [rbx + rax * 8]
        cmp ecx, 12
        je .done
        mov rax, [rbx]
        test al, 1
        jnz .down
        call allocate
        or rax, 7
        mov [rbx], rax
.down:  mov rbx, [rbx]
        and rbx, ~0xfff
        sub ecx, 9
        jmp .level
.done:  mov rax, rbx
        pop rcx
        pop rbx
        ret

tasks_init:
        mov qword [free_page], POOL
        mov rbx, tasks              ; the idle task runs on the tables and in the kernel
        mov qword [rbx + T_CR3], PML4
        mov qword [rbx + T_STATE], 1
        mov rax, idle_stack_top
        mov [rbx + T_KSTACK], rax
        mov rax, name_idle
        mov [rbx + T_NAME], rax
        mov r12, task_table
        mov r13d, TASKS - 1
.task:  add rbx, T_SIZE
        call task_create
        add r12, 16
        dec r13d
        jnz .task
        ret

; RBX control block, R12 its row of task_table: entry, name
task_create:
        call allocate               ; an address space: the kernel's first GiB, and the task's own second
        mov r8, rax
        mov [rbx + T_CR3], rax
        call allocate
        mov r9, rax
        or rax, 7
        mov [r8], rax
        mov rax, PML4 + 0x2003      ; supervisor only at this level
        mov [r9], rax
        mov rdi, USER_CODE          ; the tasks' code, one page or two, read-only for them
        mov r10, user_start
.code:  call page_table
        mov rcx, r10
        or rcx, 5
        mov [rax], rcx
        add rdi, 0x1000
        add r10, 0x1000
        cmp r10, user_end
        jb .code
        mov rdi, USER_STACK - 0x1000
        call page_table
        mov r11, rax
        call allocate
        or rax, 7
        bts rax, 63
        mov [r11], rax
        call allocate               ; kernel stack, entered as if interrupted at the task's start
        add rax, 0x1000
        mov [rbx + T_KSTACK], rax
        mov qword [rax - 8], SEL_UDATA
        mov rcx, USER_STACK
        mov [rax - 16], rcx
        mov qword [rax - 24], 0x202
        mov qword [rax - 32], SEL_UCODE
        mov rcx, [r12]
        mov [rax - 40], rcx
        sub rax, 20 * 8
        mov [rbx + T_RSP], rax
        mov rcx, [r12 + 8]
        mov [rbx + T_NAME], rcx
        mov qword [rbx + T_STATE], 1
        inc qword [running]
        ret

report: say text_report
        mov rax, [ticks]
        xor edx, edx
        mov ecx, HZ
        div rcx
        call print_dec
        say text_ticks
        say_dec [ticks]
        say text_calls
        say_dec [calls]
        say text_switches
        say_dec [switches]
        say text_faults
        say_dec [page_faults]
        say text_traps
        say_dec [traps]
        say text_newline
        ret

; ---- power off: RSDP -> XSDT or RSDT -> FADT -> PM1a control block and the DSDT's \_S5 (ACPI 5.2, 7.4.2) -------------------------------------

power_off:
        mov rdi, 0xe0000
        mov rax, 'RSD PTR '
.scan:  cmp [rdi], rax
        je .root
        add rdi, 16
        cmp rdi, 0x100000
        jb .scan
        ret
.root:  mov r10d, 8                 ; XSDT: entries of 8 bytes
        mov rsi, [rdi + 24]
        cmp byte [rdi + 15], 2
        jae .tables
        mov r10d, 4                 ; ACPI 1.0: RSDT
        mov esi, [rdi + 16]
.tables:
        mov ecx, [rsi + 4]
        add rcx, rsi                ; end
        add rsi, 36
.table: cmp rsi, rcx
        jae .none
        mov edi, [rsi]              ; all tables lie below 4 GiB
        cmp dword [rdi], 'FACP'
        je .fadt
        add rsi, r10
        jmp .table
.none:  ret
.fadt:  mov r8d, [rdi + 64]         ; PM1a_CNT_BLK
        mov r9d, [rdi + 40]         ; DSDT
        mov ecx, [r9 + 4]
.s5:    cmp dword [r9], '_S5_'
        je .found
        inc r9
        loop .s5
        ret
.found: add r9, 4 + 1 + 1 + 1       ; name, PackageOp, length, number of elements
        movzx eax, byte [r9]
        cmp al, 0x0a                ; BytePrefix
        jne .value
        movzx eax, byte [r9 + 1]
.value: and eax, 7
        shl eax, 10
        or eax, 1 << 13             ; SLP_TYP, SLP_EN
        mov edx, r8d
        out dx, ax
        mov ecx, 100000
.wait:  pause
        loop .wait
        ret

; ---- tasks: ring 3, position-independent, copied nowhere: mapped at USER_CODE ------------------------------------------------------------

        align 4096
user_start:

%macro user_say 2                   ; text, length
        mov eax, 1
        lea rsi, [%1]
        mov edx, %2
        syscall
%endmacro
%macro user_number 1
        mov rsi, %1
        mov eax, 2
        syscall
%endmacro

; Sieve of Eratosthenes over 512 KiB of heap that is mapped as it is touched.
task_sieve:
        mov rdi, USER_HEAP
        mov ebp, 2
        xor ebx, ebx
.next:  cmp byte [rdi + rbp], 0
        jne .composite
        inc ebx
        mov rcx, rbp
        imul rcx, rbp
        cmp rcx, 0x80000
        jae .composite
.mark:  mov byte [rdi + rcx], 1
        add rcx, rbp
        cmp rcx, 0x80000
        jb .mark
.composite:
        inc ebp
        cmp ebp, 0x80000
        jb .next
        user_say sieve_text, sieve_length
        user_number rbx
        user_say newline_text, 1
        xor eax, eax
        syscall

; The longest Collatz sequence below 300,000; says how far it is now and then.
task_collatz:
        xor r12d, r12d              ; longest
        mov ebp, 1
.start: mov rbx, rbp
        xor ecx, ecx
.step:  inc ecx
        test bl, 1
        jz .even
        lea rbx, [rbx + rbx * 2 + 1]
        jmp .more
.even:  shr rbx, 1
.more:  cmp rbx, 1
        ja .step
        cmp ecx, r12d
        jbe .shorter
        mov r12d, ecx
        mov r13d, ebp
.shorter:
        inc ebp
        cmp ebp, 300000
        jb .start
        user_say collatz_text, collatz_length
        user_number r13
        user_say steps_text, steps_length
        user_number r12
        user_say newline_text, 1
        xor eax, eax
        syscall

; Tries what ring 3 may not do: privileged instructions, then the kernel's memory.
task_rogue:
        user_say rogue_text, rogue_length
        cli
        hlt
        user_say rogue_text2, rogue_length2
        mov rax, [abs qword 0x100000]
        user_say rogue_text3, rogue_length3
        xor eax, eax
        syscall

sieve_text:    db "sieve: primes below 524288: "
sieve_length   equ $ - sieve_text
collatz_text:  db "collatz: longest sequence below 300000 starts at "
collatz_length equ $ - collatz_text
steps_text:    db ", length "
steps_length   equ $ - steps_text
rogue_text:    db "rogue: disabling interrupts and halting from ring 3", 10
rogue_length   equ $ - rogue_text
rogue_text2:   db "rogue: still here; now reading the kernel's memory", 10
rogue_length2  equ $ - rogue_text2
rogue_text3:   db "rogue: read the kernel's memory: PROTECTION IS BROKEN", 10
rogue_length3  equ $ - rogue_text3
newline_text:  db 10
        align 4096
user_end:

; ---- data ----------------------------------------------------------------------------------------------------------------------

task_table:
        dq task_sieve - user_start + USER_CODE, name_sieve
        dq task_collatz - user_start + USER_CODE, name_collatz
        dq task_rogue - user_start + USER_CODE, name_rogue

name_idle:     db "idle", 0
name_sieve:    db "sieve", 0
name_collatz:  db "collatz", 0
name_rogue:    db "rogue", 0
text_hello:    db 10, "Annulus demo guest: long mode, paging on", 10, 0
text_cpu:      db "processor: ", 0
text_comma:    db ", ", 0
text_newline:  db 10, 0
text_start:    db "three ring-3 tasks, timer at 100 Hz", 10, 0
text_report:   db "[report] ", 0
text_ticks:    db " s, ticks ", 0
text_calls:    db ", system calls ", 0
text_switches: db ", task switches ", 0
text_faults:   db ", pages mapped on demand ", 0
text_traps:    db ", traps ", 0
text_kernel:   db "[kernel] ", 0
text_did:      db ": ", 0
text_ended:    db ": ended", 10, 0
text_de:       db "divide error", 0
text_ud:       db "undefined opcode", 0
text_gp:       db "trapped: privileged instruction, general protection", 0
text_pf:       db "trapped: page fault", 0
text_error:    db ", error code 0x", 0
text_at:       db ", at 0x", 0
text_address:  db "[kernel] the address was 0x", 0
text_panic:    db "[kernel] fault in the kernel: ", 0
text_limit:    db "[kernel] time is up", 10, 0
text_done:     db "all tasks have ended", 10, 0
text_off:      db "powering off", 10, 0
text_no_acpi:  db "no ACPI power-off here; halted", 10, 0

        align 8
gdt:    dq 0
        dq 0x00af9b000000ffff       ; 08 kernel code
        dq 0x00cf93000000ffff       ; 10 kernel data
        dq 0                        ; 18 (SYSRET to 32-bit code: unused)
        dq 0x00cff3000000ffff       ; 20 user data
        dq 0x00affb000000ffff       ; 28 user code
        dq 0x0000890000000067, 0    ; 30 task state
gdt_pointer:
        dw $ - gdt - 1
        dq gdt
idt_pointer:
        dw 64 * 16 - 1
        dq idt

next_report:   dq HZ
image_end:

; ---- zeroed ----------------------------------------------------------------------------------------------------------------------

        absolute image_end
        alignb 16
idt:           resb 64 * 16
tss:           resb 104
tasks:         resb TASKS * T_SIZE
tasks_end:
current:       resq 1
running:       resq 1
ticks:         resq 1
calls:         resq 1
switches:      resq 1
page_faults:   resq 1
traps:         resq 1
error_code:    resq 1
fault_address: resq 1
kernel_rsp:    resq 1
user_rsp:      resq 1
free_page:     resq 1
scratch:       resb 64
        alignb 16
boot_stack:    resb 4096
boot_stack_top:
idle_stack:    resb 4096
idle_stack_top:
bss_end:
