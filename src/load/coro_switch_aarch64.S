/* AAPCS64: x19-x30, sp and the low halves of v8-v15 belong to the callee. */
    .text

/* void coro_switch(CoroContext *from, CoroContext *to) */
    .globl coro_switch
    .hidden coro_switch
    .type coro_switch, %function
    .p2align 4
coro_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    ldr x9, [x1]
    mov sp, x9
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
    .size coro_switch, . - coro_switch

/* void coro_prepare(CoroContext *ret, void *low, ptrdiff_t bytes, void (*entry)(void)) */
    .globl coro_prepare
    .hidden coro_prepare
    .type coro_prepare, %function
    .p2align 4
coro_prepare:
    add x9, x1, x2
    and x9, x9, #-16
    sub x9, x9, #160
    mov x10, x9
    add x11, x9, #160
1:  stp xzr, xzr, [x10], #16
    cmp x10, x11
    b.lo 1b
    str x3, [x9, #88]
    str x9, [x0]
    ret
    .size coro_prepare, . - coro_prepare

    .section .note.GNU-stack, "", %progbits
