; What the oracle runs on the host's processor. Position-independent: a page of code with its context in the page behind it.
;   nasm -f bin -o ../resources/annulus/oracle/stub.bin stub.asm
; Offsets within the context are those of Stub.java.
bits 64
default rel
org 0
start:
%define CTX start + 0x1000
%define FRAME CTX + 0x80
%define SELECTORS CTX + 0xB0
%define FLAT CTX + 0xBC
%define BASES CTX + 0xC0
%define SAVED CTX + 0xD0
%define ARMED CTX + 0xE8
%define THREAD CTX + 0xEC
%define SIGNAL CTX + 0xF0
%define GREGS CTX + 0x100
%define SEGMENTS CTX + 0x1C0
%define CPUID_IO CTX + 0x1D0
%define CHAIN CTX + 0x200
%define FX_IN CTX + 0x400
%define FX_OUT CTX + 0x600

 dd enter_, handler, cpuid_, thread_

; Loads the state and runs one instruction: TF is set in the flags of the frame.
align 64
enter_:
 push rbx
 push rbp
 push r12
 push r13
 push r14
 push r15
 sub rsp, 24
 stmxcsr [rsp]
 fnstcw [rsp + 4]
 mov [SAVED], rsp
 rdfsbase rax
 mov [SAVED + 8], rax
 rdgsbase rax
 mov [SAVED + 16], rax
 fninit                           ; the last-instruction pointers, which FXRSTOR may leave alone
 fxrstor64 [FX_IN]
 mov eax, [SELECTORS]
 mov ds, ax
 mov es, ax
 mov eax, [SELECTORS + 4]
 mov fs, ax
 mov eax, [SELECTORS + 8]
 mov gs, ax
 cmp dword [FLAT], 0
 je .loaded
 mov rax, [BASES]
 wrfsbase rax
 mov rax, [BASES + 8]
 wrgsbase rax
.loaded:
 mov dword [ARMED], 1
 lea rsp, [FRAME]
 mov rax, [CTX]
 mov rcx, [CTX + 0x08]
 mov rdx, [CTX + 0x10]
 mov rbx, [CTX + 0x18]
 mov rbp, [CTX + 0x28]
 mov rsi, [CTX + 0x30]
 mov rdi, [CTX + 0x38]
 mov r8,  [CTX + 0x40]
 mov r9,  [CTX + 0x48]
 mov r10, [CTX + 0x50]
 mov r11, [CTX + 0x58]
 mov r12, [CTX + 0x60]
 mov r13, [CTX + 0x68]
 mov r14, [CTX + 0x70]
 mov r15, [CTX + 0x78]
 iretq

; Signal handler (edi signal, rdx ucontext). The signal that ends an armed run is left as longjmp would: no sigreturn.
align 64
handler:
 cmp dword [ARMED], 0
 je .chain
 push rdi
 push rsi
 push rdx
 mov eax, 186                     ; gettid
 syscall
 pop rdx
 pop rsi
 pop rdi
 cmp eax, [THREAD]
 jne .chain
 mov dword [ARMED], 0
 mov [SIGNAL], rdi
 xor eax, eax
 mov ax, ds
 mov [SEGMENTS], eax
 mov ax, es
 mov [SEGMENTS + 4], eax
 mov ax, fs
 mov [SEGMENTS + 8], eax
 mov ax, gs
 mov [SEGMENTS + 12], eax
 push 2                           ; DF, NT and AC may be set: the kernel clears only the first
 popfq
 lea rsi, [rdx + 40]              ; uc_mcontext.gregs
 lea rdi, [GREGS]
 mov ecx, 23
 rep movsq
 mov rsi, [rdx + 224]             ; uc_mcontext.fpregs
 lea rdi, [FX_OUT]
 mov ecx, 64
 rep movsq
 xor eax, eax
 mov ds, ax
 mov es, ax
 mov fs, ax
 mov gs, ax
 mov rax, [SAVED + 8]
 wrfsbase rax
 mov rax, [SAVED + 16]
 wrgsbase rax
 mov rsp, [SAVED]
 fninit
 ldmxcsr [rsp]
 fldcw [rsp + 4]
 add rsp, 24
 pop r15
 pop r14
 pop r13
 pop r12
 pop rbp
 pop rbx
 ret
.chain:
 lea rax, [CHAIN]
 mov rax, [rax + rdi * 8]
 jmp rax

; CPUID of the two words at CPUID_IO, into the four there.
align 64
cpuid_:
 push rbx
 mov eax, [CPUID_IO]
 mov ecx, [CPUID_IO + 4]
 cpuid
 mov [CPUID_IO], eax
 mov [CPUID_IO + 4], ebx
 mov [CPUID_IO + 8], ecx
 mov [CPUID_IO + 12], edx
 pop rbx
 ret

; Makes the calling thread the one whose signals count.
align 64
thread_:
 mov eax, 186
 syscall
 mov [THREAD], eax
 ret
