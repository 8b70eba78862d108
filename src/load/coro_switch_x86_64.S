/* System V AMD64: rbx, rbp, r12-r15 and the stack pointer belong to the callee. The control words
 * of SSE and x87 do too, but nothing here changes them. */
    .text

/* void coro_switch(CoroContext *from, CoroContext *to) */
    .globl coro_switch
    .hidden coro_switch
    .type coro_switch, @function
    .p2align 4
coro_switch:
    .cfi_startproc
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq (%rsi), %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
    .cfi_endproc
    .size coro_switch, . - coro_switch

/* void coro_prepare(CoroContext *ret, void *low, ptrdiff_t bytes, void (*entry)(void))
 * Six zero registers, then the address that coro_switch returns to, then a zero return address that
 * ends back traces; at entry rsp + 8 is a multiple of 16, as after a call. */
    .globl coro_prepare
    .hidden coro_prepare
    .type coro_prepare, @function
    .p2align 4
coro_prepare:
    .cfi_startproc
    leaq (%rsi,%rdx), %rax
    andq $-16, %rax
    subq $64, %rax
    movq $0, 0(%rax)
    movq $0, 8(%rax)
    movq $0, 16(%rax)
    movq $0, 24(%rax)
    movq $0, 32(%rax)
    movq $0, 40(%rax)
    movq %rcx, 48(%rax)
    movq $0, 56(%rax)
    movq %rax, (%rdi)
    ret
    .cfi_endproc
    .size coro_prepare, . - coro_prepare

    .section .note.GNU-stack, "", @progbits
