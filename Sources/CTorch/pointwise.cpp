#include "pointwise.h"

#include <ATen/ExpandUtils.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/add.h>
#include <ATen/ops/addcmul.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/div.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/fill.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/ge.h>
#include <ATen/ops/gt.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/le.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/log_sigmoid.h>
#include <ATen/ops/lt.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/neg.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/relu6.h>
#include <ATen/ops/round.h>
#include <ATen/ops/rsub.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/square.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/where.h>

#include "support.h"

using namespace shim;

namespace at {
// In-place forms, free functions like their siblings so that one macro defines them all.
static Tensor add_(const Tensor &x, const Tensor &y) { return x.add_(y); }
static Tensor add_(const Tensor &x, const Scalar &y) { return x.add_(y); }
static Tensor mul_(const Tensor &x, const Tensor &y) { return x.mul_(y); }
static Tensor mul_(const Tensor &x, const Scalar &y) { return x.mul_(y); }
static Tensor fill_(const Tensor &x, const Scalar &y) { return x.fill_(y); }
static Tensor relu_(const Tensor &x) { return x.relu_(); }
static Tensor relu6_(const Tensor &x) {
  Tensor y = x;
  return relu6_(y);
}
static Tensor tanh_(const Tensor &x) { return x.tanh_(); }
static Tensor sigmoid_(const Tensor &x) { return x.sigmoid_(); }
static Tensor exp_(const Tensor &x) { return x.exp_(); }
static Tensor pow_(const Tensor &x, const Scalar &y) { return x.pow_(y); }

// libtorch lets targets broadcast logits, but its gradient then has the targets' shape and is refused.
static Tensor bce_with_logits(const Tensor &logits, const Tensor &targets, int64_t reduction) {
  const auto [x, y] = at::expand_outplace(logits, targets);
  return at::binary_cross_entropy_with_logits(*x, *y, {}, {}, reduction);
}
}  // namespace at

#define TORCH_UNARY(op) \
  torch_tensor torch_##op(torch_tensor x) { TORCH_RETURN(at::op(view(x))); }
#define TORCH_BINARY(op) \
  torch_tensor torch_##op(torch_tensor x, torch_tensor y) { TORCH_RETURN(at::op(view(x), view(y))); }
#define TORCH_SCALAR(op)                                         \
  torch_tensor torch_##op##_real(torch_tensor x, double value) { \
    TORCH_RETURN(at::op(view(x), at::Scalar(value)));            \
  }                                                              \
  torch_tensor torch_##op##_int(torch_tensor x, int64_t value) { \
    TORCH_RETURN(at::op(view(x), at::Scalar(value)));            \
  }
#include "pointwise.inc"

torch_tensor torch_lt_as(torch_tensor x, torch_tensor y, int dtype) {
  TORCH_RETURN(([&] {
    auto result = at::empty(view(x).sizes(), view(x).options().dtype(widened(dtype)));
    return at::lt_out(result, view(x), view(y));
  }()));
}
torch_tensor torch_leaky_relu(torch_tensor x, double slope) {
  TORCH_RETURN(at::leaky_relu(view(x), slope));
}
torch_tensor torch_leaky_relu_(torch_tensor x, double slope) {
  TORCH_RETURN(([&] {
    auto y = view(x);
    return at::leaky_relu_(y, slope);
  }()));
}
torch_tensor torch_elu(torch_tensor x) { TORCH_RETURN(at::elu(view(x))); }
torch_tensor torch_elu_(torch_tensor x) {
  TORCH_RETURN(([&] {
    auto y = view(x);
    return at::elu_(y);
  }()));
}
torch_tensor torch_softplus(torch_tensor x) { TORCH_RETURN(at::softplus(view(x))); }
torch_tensor torch_clamp(torch_tensor x, double low, double high) {
  TORCH_RETURN(at::clamp(view(x), low, high));
}
torch_tensor torch_clamp_(torch_tensor x, double low, double high) {
  TORCH_RETURN(view(x).clamp_(low, high));
}
torch_tensor torch_where(torch_tensor condition, torch_tensor x, torch_tensor y) {
  TORCH_RETURN(at::where(view(condition), view(x), view(y)));
}
torch_tensor torch_addcmul(torch_tensor x, torch_tensor y, torch_tensor z, double value) {
  TORCH_RETURN(at::addcmul(view(x), view(y), view(z), value));
}
torch_tensor torch_bce_with_logits(torch_tensor logits, torch_tensor targets) {
  TORCH_RETURN(bce_with_logits(view(logits), view(targets), 0));
}
torch_tensor torch_bce_with_logits_sum(torch_tensor logits, torch_tensor targets) {
  TORCH_RETURN(bce_with_logits(view(logits), view(targets), 2));
}
