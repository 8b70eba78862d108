/* Build step: writes an assembly file that carries another file's bytes.
 *
 *     embed FILE SYMBOL OUT.S        defines SYMBOL and SYMBOL_end
 *
 * The bytes are spelled out instead of named by .incbin, so that the output changes whenever they
 * do, which is what build tools look at. */
#include <stdio.h>

enum { PER_LINE = 16 };

static void label(FILE *out, const char *name, const char *suffix)
{
    fprintf(out, "        .hidden %s%s\n        .globl %s%s\n%s%s:\n", name, suffix, name, suffix,
            name, suffix);
}

static void bytes(FILE *out, FILE *in)
{
    int c, n = 0;
    while ((c = fgetc(in)) != EOF) {
        fputs(n++ % PER_LINE ? "," : "\n        .byte ", out);
        fprintf(out, "%d", c);
    }
    fputc('\n', out);
}

int main(int argc, char **argv)
{
    FILE *in = argc == 4 ? fopen(argv[1], "rb") : NULL;
    if (!in)
        return 2;
    FILE *out = fopen(argv[3], "w");
    if (!out) {
        fclose(in);
        return 2;
    }
    fprintf(out, "        .section .rodata\n        .balign 16\n");
    label(out, argv[2], "");
    bytes(out, in);
    label(out, argv[2], "_end");
    fprintf(out, "        .section .note.GNU-stack, \"\", %%progbits\n");
    int failed = ferror(in) || ferror(out);
    failed |= fclose(in) != 0;
    failed |= fclose(out) != 0;
    return failed;
}
