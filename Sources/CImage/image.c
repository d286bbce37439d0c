#include "CImage.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// The next one uses FILE and size_t without saying where they come from.
#include <jpeglib.h>
#include <jerror.h>

struct image_reader {
  const uint8_t *bytes;
  size_t count, offset;
  image_header header;
  int is_open;
  png_structp png;
  png_infop info;
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr jpeg_errors;
  struct jpeg_progress_mgr jpeg_progress;
  jmp_buf jpeg_jump;
  int has_jpeg;
  char message[200];
};

// Takes no part in a picture, yet could take memory without end.
enum { largest_text_chunk = 1 << 20, most_text_chunks = 64 };

// Each scan of a progressive JPEG goes over the whole picture, and a few bytes make one; writers make about ten.
enum { most_scans = 500 };

static int fail(image_reader *reader, const char *message) {
  snprintf(reader->message, sizeof reader->message, "%s", message);
  return 0;
}

// MARK: - PNG

static void on_png_error(png_structp png, png_const_charp message) {
  fail(png_get_error_ptr(png), message);
  png_longjmp(png, 1);
}

// A wrong colour profile, say: nothing that changes the stored values.
static void on_png_warning(png_structp png, png_const_charp message) { (void)png, (void)message; }

static void fetch_png(png_structp png, png_bytep target, size_t length) {
  image_reader *reader = png_get_io_ptr(png);
  if (length > reader->count - reader->offset) png_error(png, "the file ends too early");
  memcpy(target, reader->bytes + reader->offset, length);
  reader->offset += length;
}

static int open_png(image_reader *reader) {
  reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, on_png_error, on_png_warning);
  reader->info = reader->png ? png_create_info_struct(reader->png) : NULL;
  if (!reader->info) return fail(reader, "libpng has no memory or another version");
  if (setjmp(png_jmpbuf(reader->png))) return 0;
  png_set_read_fn(reader->png, reader, fetch_png);
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  // Checksums would keep a fuzzer out of everything behind them.
  png_set_crc_action(reader->png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
  png_set_option(reader->png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
#else
  png_set_crc_action(reader->png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
#endif
  png_set_user_limits(reader->png, 0x7FFFFFFF, 0x7FFFFFFF);  // the caller judges the size
  png_set_chunk_malloc_max(reader->png, largest_text_chunk);
  png_set_chunk_cache_max(reader->png, most_text_chunks);
  png_read_info(reader->png, reader->info);
  reader->header.width = png_get_image_width(reader->png, reader->info);
  reader->header.height = png_get_image_height(reader->png, reader->info);
  reader->header.stored_bits = png_get_channels(reader->png, reader->info)
    * png_get_bit_depth(reader->png, reader->info);
  // Palettes become colours, 1, 2 and 4 bits become 8, and a transparent colour becomes alpha.
  png_set_expand(reader->png);
  const uint16_t one = 1;
  if (*(const uint8_t *)&one == 1) png_set_swap(reader->png);
  png_set_interlace_handling(reader->png);
  // What png_read_update_info will find, without the rows it takes memory for.
  int type = png_get_color_type(reader->png, reader->info);
  int alpha = (type & PNG_COLOR_MASK_ALPHA) || png_get_valid(reader->png, reader->info, PNG_INFO_tRNS);
  reader->header.channels = (type & PNG_COLOR_MASK_COLOR ? 3 : 1) + (alpha ? 1 : 0);
  reader->header.bits = png_get_bit_depth(reader->png, reader->info) == 16 ? 16 : 8;
  return 1;
}

static int decode_png(image_reader *reader, uint8_t *pixels, size_t size) {
  if (setjmp(png_jmpbuf(reader->png))) return 0;
  png_read_update_info(reader->png, reader->info);
  size_t row = png_get_rowbytes(reader->png, reader->info);
  if (row * reader->header.height != size) return fail(reader, "rows of another size than the header's");
  int passes = png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_ADAM7 ? 7 : 1;
  for (int pass = 0; pass < passes; pass++)
    for (size_t y = 0; y < reader->header.height; y++)
      png_read_row(reader->png, pixels + y * row, NULL);
  png_read_end(reader->png, NULL);
  return 1;
}

// MARK: - JPEG

static void on_jpeg_error(j_common_ptr jpeg) {
  image_reader *reader = jpeg->client_data;
  char message[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, message);
  fail(reader, message);
  longjmp(reader->jpeg_jump, 1);
}

// A warning tells of corrupt or missing data, which libjpeg would fill with grey. Stray bytes in front of a marker,
// which some cameras write, are no part of the picture, and neither are odd numbers of its metadata.
static void on_jpeg_message(j_common_ptr jpeg, int level) {
  int code = jpeg->err->msg_code;
  if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_ADOBE_XFORM && code != JWRN_JFIF_MAJOR)
    on_jpeg_error(jpeg);
}

static void on_jpeg_output(j_common_ptr jpeg) { (void)jpeg; }

static void on_jpeg_progress(j_common_ptr jpeg) {
  if (((j_decompress_ptr)jpeg)->input_scan_number <= most_scans) return;
  image_reader *reader = jpeg->client_data;
  fail(reader, "more scans than any picture has");
  longjmp(reader->jpeg_jump, 1);
}

static int open_jpeg(image_reader *reader) {
  j_decompress_ptr jpeg = &reader->jpeg;
  jpeg->err = jpeg_std_error(&reader->jpeg_errors);
  jpeg->err->error_exit = on_jpeg_error;
  jpeg->err->emit_message = on_jpeg_message;
  jpeg->err->output_message = on_jpeg_output;
  jpeg->client_data = reader;
  if (setjmp(reader->jpeg_jump)) return 0;
  reader->has_jpeg = 1;
  jpeg_create_decompress(jpeg);  // keeps what was set of errors and client_data
  reader->jpeg_progress.progress_monitor = on_jpeg_progress;
  jpeg->progress = &reader->jpeg_progress;
  jpeg_mem_src(jpeg, (unsigned char *)reader->bytes, reader->count);
  // A file of tables alone is a JPEG, too.
  if (jpeg_read_header(jpeg, FALSE) != JPEG_HEADER_OK) return fail(reader, "no picture in it");
  J_COLOR_SPACE space = jpeg->jpeg_color_space;
  int channels = space == JCS_GRAYSCALE ? 1 : space == JCS_RGB || space == JCS_YCbCr ? 3 : 0;
  reader->header = (image_header){jpeg->image_width, jpeg->image_height, channels, 8, 0};
  return 1;
}

static int decode_jpeg(image_reader *reader, uint8_t *pixels, size_t size) {
  j_decompress_ptr jpeg = &reader->jpeg;
  image_header header = reader->header;
  size_t row = (size_t)header.width * header.channels;
  if (row * header.height != size) return fail(reader, "rows of another size than the header's");
  if (setjmp(reader->jpeg_jump)) return 0;
  jpeg->out_color_space = header.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg->dct_method = JDCT_ISLOW;
  jpeg_start_decompress(jpeg);
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW line = pixels + jpeg->output_scanline * row;
    jpeg_read_scanlines(jpeg, &line, 1);
  }
  jpeg_finish_decompress(jpeg);
  return 1;
}

// MARK: - Either

image_reader *image_open(const uint8_t *bytes, size_t count, image_format format) {
  image_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return NULL;
  reader->bytes = bytes;
  reader->count = count;
  reader->is_open = format == image_png ? open_png(reader) : open_jpeg(reader);
  return reader;
}

const image_header *image_header_of(const image_reader *reader) {
  return reader->is_open ? &reader->header : NULL;
}

int image_decode(image_reader *reader, uint8_t *pixels, size_t size) {
  return reader->png ? decode_png(reader, pixels, size) : decode_jpeg(reader, pixels, size);
}

const char *image_message(const image_reader *reader) { return reader->message; }

size_t image_offset(const image_reader *reader) { return reader->offset; }

void image_close(image_reader *reader) {
  if (reader->png) png_destroy_read_struct(&reader->png, &reader->info, NULL);
  if (reader->has_jpeg) jpeg_destroy_decompress(&reader->jpeg);
  free(reader);
}
