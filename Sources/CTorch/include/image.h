#pragma once
#include "types.h"
TORCH_BEGIN
/// Means of square windows; `counts_frame` says whether the zeros of the padding count.
torch_tensor torch_avg_pool2d(torch_tensor x, int64_t kernel, int64_t stride, int64_t padding, bool counts_frame);
torch_tensor torch_max_pool2d(torch_tensor x, int64_t kernel, int64_t stride, int64_t padding);
/// Pixel centres at halves, no antialiasing.
torch_tensor torch_resize_bilinear(torch_tensor x, int64_t height, int64_t width);
TORCH_END
