// PNG and JPEG pictures in memory, decoded by libpng and libjpeg.
//
// Both report an error by a jump, which must not cross Swift: it ends in image.c, as a message.

#ifndef HELMHOLTZ_CIMAGE_H
#define HELMHOLTZ_CIMAGE_H

#include <stddef.h>
#include <stdint.h>

typedef enum { image_png, image_jpeg } image_format;

typedef struct {
  uint32_t width, height;
  // Of the decoded picture: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha; 0 if it cannot become one of these.
  int channels;
  // Of one decoded value: 8 or 16.
  int bits;
  // Of one pixel in the file, before palettes and small depths are expanded; PNG only.
  int stored_bits;
} image_header;

typedef struct image_reader image_reader;

// A reader that has read the header; its bytes must outlive it. Null only if there is no memory.
// After a failure image_message has the reason and the reader can only be closed.
image_reader *image_open(const uint8_t *bytes, size_t count, image_format format);

// The header, or null if opening failed.
const image_header *image_header_of(const image_reader *reader);

// Decodes rows from the top, channels last, 16 bits in the machine's order, once per reader; 1 if all was well.
int image_decode(image_reader *reader, uint8_t *pixels, size_t size);

// Why the last call failed, in the library's own words.
const char *image_message(const image_reader *reader);

// How many bytes of a PNG have been read.
size_t image_offset(const image_reader *reader);

void image_close(image_reader *reader);

#endif
