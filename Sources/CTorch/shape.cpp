#include "shape.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/chunk.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/expand.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/index.h>
#include <ATen/ops/narrow.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/permute.h>
#include <ATen/ops/reflection_pad2d.h>
#include <ATen/ops/reshape.h>
#include <ATen/ops/squeeze.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/unsqueeze.h>

#include "support.h"

using namespace shim;

torch_tensor torch_reshape(torch_tensor x, const int64_t *shape, int rank) {
  TORCH_RETURN(at::reshape(view(x), ints(shape, rank)));
}
torch_tensor torch_expand(torch_tensor x, const int64_t *shape, int rank) {
  TORCH_RETURN(view(x).expand(ints(shape, rank)));
}
torch_tensor torch_permute(torch_tensor x, const int64_t *axes, int count) {
  TORCH_RETURN(at::permute(view(x), ints(axes, count)));
}
torch_tensor torch_unsqueeze(torch_tensor x, int64_t axis) { TORCH_RETURN(at::unsqueeze(view(x), axis)); }
torch_tensor torch_squeeze(torch_tensor x, int64_t axis) { TORCH_RETURN(at::squeeze(view(x), axis)); }
bool torch_split(torch_tensor x, int count, int64_t axis, torch_tensor *parts) {
  TORCH_DO({
    auto all = at::chunk(view(x), count, axis);
    for (int i = 0; i < count; ++i) parts[i] = release(std::move(all[i]));
  });
}
torch_tensor torch_narrow(torch_tensor x, int64_t axis, int64_t start, int64_t length) {
  TORCH_RETURN(at::narrow(view(x), axis, start, length));
}
torch_tensor torch_index_select(torch_tensor x, int64_t axis, torch_tensor indices) {
  TORCH_RETURN(at::index_select(view(x), axis, view(indices)));
}
torch_tensor torch_gather(torch_tensor x, int64_t axis, torch_tensor indices) {
  TORCH_RETURN(at::gather(view(x), axis, view(indices)));
}
torch_tensor torch_index(torch_tensor x, const torch_tensor *indices, int count) {
  TORCH_RETURN(([&] {
    c10::List<std::optional<at::Tensor>> all;
    for (int i = 0; i < count; ++i) all.push_back(maybe(indices[i]));
    return at::index(view(x), all);
  }()));
}
torch_tensor torch_unfold(torch_tensor x, int64_t axis, int64_t size, int64_t step) {
  TORCH_RETURN(view(x).unfold(axis, size, step));
}
torch_tensor torch_pad(torch_tensor x, const int64_t *margins, int count, double value) {
  TORCH_RETURN(at::constant_pad_nd(view(x), ints(margins, count), value));
}
torch_tensor torch_reflection_pad2d(torch_tensor x, int64_t margin) {
  TORCH_RETURN(at::reflection_pad2d(view(x), {margin, margin, margin, margin}));
}
torch_tensor torch_flip(torch_tensor x, int64_t axis) { TORCH_RETURN(at::flip(view(x), {axis})); }
torch_tensor torch_cat(const torch_tensor *tensors, int count, int64_t axis) {
  TORCH_RETURN(at::cat(list(tensors, count), axis));
}
torch_tensor torch_stack(const torch_tensor *tensors, int count, int64_t axis) {
  TORCH_RETURN(at::stack(list(tensors, count), axis));
}
torch_tensor torch_one_hot(torch_tensor indices, int64_t classes) {
  TORCH_RETURN(at::one_hot(view(indices), classes));
}
