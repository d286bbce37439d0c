#include "linear.h"

#include <ATen/autocast_mode.h>
#include <ATen/ops/baddbmm.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cdist.h>
#include <ATen/ops/col2im.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/im2col.h>
#include <ATen/ops/instance_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>

#include "support.h"

using namespace shim;

namespace {
/// A convolution's result without elements: libtorch has no shapes of convolutions apart from its kernels.
template <class Side>
at::Tensor rehearsed(const at::Tensor &x, int64_t maps, Side side) {
  return at::empty({x.size(0), maps, side(2), side(3)}, x.options());
}

/// The most memory that columns may take; with large kernels on large images they would take more than all else.
constexpr int64_t most_columns = int64_t{1} << 28;

/// Whether a convolution between one map and `others` goes by a matrix product for each example and its k x k columns of
/// `places`. On a processor that takes a quarter to four fifths of the time of libtorch's own kernels, which are made for
/// many maps on both sides. Anything odd is left to these and their messages.
bool by_products(const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &bias, int64_t outputs,
                 int64_t places) {
  if (x.dim() != 4 || weight.dim() != 4 || weight.size(1) != 1 || x.size(0) == 0 || places <= 0) return false;
  if (!x.is_cpu() || x.dtype() != weight.dtype() || at::autocast::is_autocast_enabled(at::kCPU)) return false;
  if (bias && bias->numel() != outputs) return false;
  return x.size(0) * weight.size(2) * weight.size(3) * places * static_cast<int64_t>(x.element_size()) <= most_columns;
}

/// The weight as one matrix for each example, `[batch, rows, columns]`, without a copy.
at::Tensor for_each_example(const at::Tensor &weight, int64_t batch) {
  return weight.reshape({1, weight.size(0), -1}).expand({batch, -1, -1});
}
}  // namespace

torch_tensor torch_matmul(torch_tensor x, torch_tensor y) { TORCH_RETURN(at::matmul(view(x), view(y))); }
torch_tensor torch_linear(torch_tensor x, torch_tensor weight, torch_tensor bias) {
  TORCH_RETURN(at::linear(view(x), view(weight), maybe(bias)));
}
torch_tensor torch_conv2d(torch_tensor x, torch_tensor weight, torch_tensor bias, int64_t stride,
                          int64_t padding) {
  TORCH_RETURN(([&] {
    const auto &in = view(x), &w = view(weight);
    const auto side = [&](int axis) { return (in.size(axis) + 2 * padding - w.size(axis)) / stride + 1; };
    if (Rehearsal::current) { return rehearsed(in, w.size(0), side); }
    const auto shift = maybe(bias);
    if (!by_products(in, w, shift, w.size(0), side(2) * side(3)) || in.size(1) != 1) {
      return at::conv2d(in, w, shift, stride, padding);
    }
    const auto columns = at::im2col(in, w.sizes().slice(2), {1, 1}, {padding, padding}, {stride, stride});
    count_bytes(static_cast<int64_t>(columns.nbytes()));
    const auto weights = for_each_example(w, in.size(0));
    return (shift ? at::baddbmm(shift->view({1, -1, 1}), weights, columns) : at::bmm(weights, columns))
      .view({in.size(0), w.size(0), side(2), side(3)});
  }()));
}
torch_tensor torch_conv_transpose2d(torch_tensor x, torch_tensor weight, torch_tensor bias,
                                    int64_t stride, int64_t padding, int64_t output_padding) {
  TORCH_RETURN(([&] {
    const auto &in = view(x), &w = view(weight);
    const auto side = [&](int axis) {
      return (in.size(axis) - 1) * stride - 2 * padding + w.size(axis) + output_padding;
    };
    if (Rehearsal::current) { return rehearsed(in, w.size(1), side); }
    const auto shift = maybe(bias);
    if (!by_products(in, w, shift, 1, in.size(2) * in.size(3)) || in.size(1) != w.size(0) || output_padding >= stride) {
      return at::conv_transpose2d(in, w, shift, stride, padding, output_padding);
    }
    const auto columns = at::bmm(for_each_example(w, in.size(0)).transpose(1, 2), in.flatten(2));
    count_bytes(static_cast<int64_t>(columns.nbytes()));
    const auto sum =
      at::col2im(columns, {side(2), side(3)}, w.sizes().slice(2), {1, 1}, {padding, padding}, {stride, stride});
    return shift ? sum + shift->view({1, -1, 1, 1}) : sum;
  }()));
}
torch_tensor torch_batch_norm(torch_tensor x, torch_tensor weight, torch_tensor bias, torch_tensor mean,
                              torch_tensor variance, bool training, double momentum, double epsilon) {
  TORCH_RETURN(Rehearsal::current ? at::empty_like(view(x))
                                  : at::batch_norm(view(x), maybe(weight), maybe(bias), maybe(mean), maybe(variance),
                                                   training, momentum, epsilon, false));
}
torch_tensor torch_instance_norm(torch_tensor x, torch_tensor weight, torch_tensor bias, double epsilon) {
  TORCH_RETURN(Rehearsal::current
                   ? at::empty_like(view(x))
                   : at::instance_norm(view(x), maybe(weight), maybe(bias), {}, {}, true, 0, epsilon, false));
}
torch_tensor torch_layer_norm(torch_tensor x, torch_tensor weight, torch_tensor bias, double epsilon) {
  TORCH_RETURN(Rehearsal::current ? at::empty_like(view(x))
                                  : at::layer_norm(view(x), view(weight).sizes(), view(weight), view(bias), epsilon));
}
torch_tensor torch_embedding(torch_tensor weight, torch_tensor indices) {
  TORCH_RETURN(at::embedding(view(weight), view(indices)));
}
torch_tensor torch_distances(torch_tensor x, torch_tensor y) {
  // Mode 2 takes differences; the others use |x|^2 + |y|^2 - 2xy, in which equal rows are not at distance 0.
  TORCH_RETURN(at::cdist(view(x), view(y), 2.0, 2));
}
torch_tensor torch_svdvals(torch_tensor x) { TORCH_RETURN(at::linalg_svdvals(view(x))); }
bool torch_eigh(torch_tensor x, torch_tensor *values, torch_tensor *vectors) {
  TORCH_DO({
    auto [w, v] = at::linalg_eigh(view(x));
    *values = release(std::move(w));
    *vectors = release(std::move(v));
  });
}
