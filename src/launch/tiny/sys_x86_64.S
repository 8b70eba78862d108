/* Entry point, system calls and vfork for x86-64; and the two functions that compilers call by
 * themselves. */
        .text

        .globl  _start
        .type   _start, @function
_start:
        xorl    %ebp, %ebp
        andq    $-16, %rsp
        call    launch_main
        ud2

/* long sys_call(number, a, b, c, d, e, f): the kernel wants number, a … f in
 * rax, rdi, rsi, rdx, r10, r8, r9. */
        .globl  sys_call
        .type   sys_call, @function
sys_call:
        movq    %rdi, %rax
        movq    %rsi, %rdi
        movq    %rdx, %rsi
        movq    %rcx, %rdx
        movq    %r8, %r10
        movq    %r9, %r8
        movq    8(%rsp), %r9
        syscall
        ret

/* long sys_spawn(fn, top, arg): clone(CLONE_VM | CLONE_VFORK | SIGCHLD, top). Function and argument
 * wait on the child's stack. */
        .globl  sys_spawn
        .type   sys_spawn, @function
sys_spawn:
        subq    $16, %rsi
        movq    %rdi, 0(%rsi)
        movq    %rdx, 8(%rsi)
        movl    $0x4111, %edi
        xorl    %edx, %edx
        xorl    %r10d, %r10d
        xorl    %r8d, %r8d
        movl    $56, %eax
        syscall
        testq   %rax, %rax
        jz      1f
        ret
1:      xorl    %ebp, %ebp
        popq    %rax
        popq    %rdi
        call    *%rax
        ud2

/* void sys_on_signal(sig, fn): rt_sigaction wants { fn, SA_RESTORER, restorer, empty mask } and the
 * mask's size. */
        .globl  sys_on_signal
        .type   sys_on_signal, @function
sys_on_signal:
        subq    $40, %rsp
        movq    %rsi, 0(%rsp)
        movq    $0x04000000, 8(%rsp)
        leaq    restore(%rip), %rax
        movq    %rax, 16(%rsp)
        movq    $0, 24(%rsp)
        movl    $13, %eax
        movq    %rsp, %rsi
        xorl    %edx, %edx
        movl    $8, %r10d
        syscall
        addq    $40, %rsp
        ret
restore:
        movl    $15, %eax
        syscall
        ud2

        .globl  memcpy
        .type   memcpy, @function
memcpy:
        movq    %rdi, %rax
        movq    %rdx, %rcx
        rep movsb
        ret

        .globl  memset
        .type   memset, @function
memset:
        movq    %rdi, %r8
        movl    %esi, %eax
        movq    %rdx, %rcx
        rep stosb
        movq    %r8, %rax
        ret

        .section .note.GNU-stack, "", @progbits
