/* Content of a file, ready for the formats: inflated, without byte order mark, parsed when JSON. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "base/fs.h"
#include "harness/harness.h"
#include "harness/lenient.h"

enum { INPUT_MAX = 512 << 20, HEAD_LOOK = 64 * 1024 };

static int inflate_all(Str packed, const char *path, StrBuf *out, Err *err)
{
    enum { GZIP_WINDOW = 15 + 16 };
    z_stream z = { .next_in = (unsigned char *)(uintptr_t)packed.ptr,
                   .avail_in = (uInt)packed.len };
    unsigned char chunk[16 * 1024];
    int r = inflateInit2(&z, GZIP_WINDOW);
    while (r == Z_OK) {
        z.next_out = chunk;
        z.avail_out = sizeof chunk;
        r = inflate(&z, Z_NO_FLUSH);
        strbuf_add(out, (Str){ (const char *)chunk, (ptrdiff_t)(sizeof chunk - z.avail_out) });
        if (out->overflow || (r == Z_OK && z.avail_in == 0 && z.avail_out > 0))
            r = Z_BUF_ERROR; /* too large, or cut off */
        if (r == Z_STREAM_END && z.avail_in > 1 && z.next_in[0] == 0x1f)
            r = inflateReset(&z); /* members one behind the other are one text */
    }
    inflateEnd(&z);
    if (out->overflow)
        return err_set(err, -EFBIG, "'%s' inflates to more than %d MiB", path, INPUT_MAX >> 20);
    return r == Z_STREAM_END ? 0 : err_set(err, -EINVAL, "'%s' is broken or cut-off gzip", path);
}

static int unpack(HarnessInput *in, Err *err)
{
    if (!str_starts(in->text, STR("\x1f\x8b")))
        return 0;
    CLEANUP(strbuf_done) StrBuf b = { .max = INPUT_MAX };
    TRY(inflate_all(in->text, in->path, &b, err));
    in->text = (Str){ arena_str(in->arena, strbuf_str(&b)), b.len };
    return 0;
}

/* Where a JSON document starts: at once, behind "window.NAME =" of a script, or on a line of its
 * own behind what a tool says before its results (then not *sure). */
static Str json_part(Str s, bool *sure)
{
    Str t = str_trim(s);
    if (str_starts(t, STR("window.")) || str_starts(t, STR("const ")) ||
        str_starts(t, STR("export ")))
        t = str_slice(t, str_find_char(t, '=') + 1, t.len);
    while (t.len && t.ptr[t.len - 1] == ';')
        t.len--;
    t = str_trim(t);
    if (t.len && (t.ptr[0] == '{' || t.ptr[0] == '['))
        return t;
    ptrdiff_t at = str_find(str_slice(t, 0, HEAD_LOOK), STR("\n{"));
    *sure = false;
    return at < 0 ? (Str){ 0 } : str_slice(t, at + 1, t.len);
}

static int take_text(HarnessInput *in, Err *err)
{
    TRY(unpack(in, err));
    in->hash = UINT64_C(0xcbf29ce484222325);
    for (ptrdiff_t i = 0; i < in->text.len; i++)
        in->hash = (in->hash ^ (unsigned char)in->text.ptr[i]) * UINT64_C(0x100000001b3);
    if (str_starts(in->text, STR("\xef\xbb\xbf")))
        in->text = str_slice(in->text, 3, in->text.len);
    bool sure = true;
    Str json = json_part(in->text, &sure);
    if (json.len && lenient_parse(json, in->path, &in->json, sure ? &in->json_err : NULL) < 0)
        in->json = NULL;
    return 0;
}

static int begin(HarnessInput *in, const char *path, Err *err)
{
    *in = (HarnessInput){ .path = path, .arena = calloc(1, sizeof *in->arena) };
    return in->arena ? 0 : err_set(err, -ENOMEM, "no memory to read '%s'", path);
}

int harness_open_text(HarnessInput *in, Str text, const char *name, Err *err)
{
    TRY(begin(in, name, err));
    in->text = (Str){ arena_str(in->arena, text), text.len };
    return take_text(in, err);
}

static void look_at_file(HarnessInput *in)
{
    struct stat st;
    if (stat(in->path, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
        in->wall_ns = (uint64_t)st.st_mtim.tv_sec * NS_PER_S + (uint64_t)st.st_mtim.tv_nsec;
}

int harness_open(HarnessInput *in, const char *path, Err *err)
{
    TRY(begin(in, path, err));
    look_at_file(in);
    in->folder = fs_is_dir(path);
    if (in->folder) {
        in->hash = in->wall_ns;
        return 0;
    }
    TRY(fs_read(in->arena, path, INPUT_MAX, &in->text, err));
    return take_text(in, err);
}

void harness_close(HarnessInput *in)
{
    json_decref(in->json);
    arena_done(in->arena);
    free(in->arena);
    *in = (HarnessInput){ 0 };
}
