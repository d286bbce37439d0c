#include "image.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include "support.h"

using namespace shim;

torch_tensor torch_avg_pool2d(torch_tensor x, int64_t kernel, int64_t stride, int64_t padding, bool counts_frame) {
  TORCH_RETURN(at::avg_pool2d(view(x), kernel, stride, padding, false, counts_frame));
}
torch_tensor torch_max_pool2d(torch_tensor x, int64_t kernel, int64_t stride, int64_t padding) {
  TORCH_RETURN(at::max_pool2d(view(x), kernel, stride, padding));
}
torch_tensor torch_resize_bilinear(torch_tensor x, int64_t height, int64_t width) {
  TORCH_RETURN(at::upsample_bilinear2d(view(x), {height, width}, false));
}
