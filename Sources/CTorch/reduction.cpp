#include "reduction.h"

#include <ATen/ops/all.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/amin.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cumsum.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/topk.h>
#include <ATen/ops/var.h>

#include <numeric>

#include "support.h"

using namespace shim;

namespace {
/// logsumexp has no "all axes" form.
std::vector<int64_t> every(const at::Tensor &x, const int64_t *axes, int count) {
  std::vector<int64_t> chosen(axes, axes + count);
  if (count == 0) {
    chosen.resize(x.dim());
    std::iota(chosen.begin(), chosen.end(), 0);
  }
  return chosen;
}
}  // namespace

torch_tensor torch_sum(torch_tensor x, const int64_t *list, int count, bool keep) {
  TORCH_RETURN(at::sum(view(x), axes(list, count), keep));
}
torch_tensor torch_mean(torch_tensor x, const int64_t *list, int count, bool keep) {
  TORCH_RETURN(at::mean(view(x), axes(list, count), keep));
}
torch_tensor torch_variance(torch_tensor x, const int64_t *list, int count, double correction, bool keep) {
  TORCH_RETURN(at::var(view(x), axes(list, count), at::Scalar(correction), keep));
}
torch_tensor torch_logsumexp(torch_tensor x, const int64_t *list, int count, bool keep) {
  TORCH_RETURN(at::logsumexp(view(x), every(view(x), list, count), keep));
}
torch_tensor torch_amax(torch_tensor x, const int64_t *list, int count, bool keep) {
  TORCH_RETURN(at::amax(view(x), ints(list, count), keep));
}
torch_tensor torch_amin(torch_tensor x, const int64_t *list, int count, bool keep) {
  TORCH_RETURN(at::amin(view(x), ints(list, count), keep));
}
torch_tensor torch_argmax(torch_tensor x, int64_t axis) { TORCH_RETURN(at::argmax(view(x), axis)); }
torch_tensor torch_cumsum(torch_tensor x, int64_t axis) { TORCH_RETURN(at::cumsum(view(x), axis)); }
bool torch_topk(torch_tensor x, int64_t count, int64_t axis, bool largest, torch_tensor *values,
                torch_tensor *indices) {
  TORCH_DO({
    auto [v, i] = at::topk(view(x), count, axis, largest, true);
    *values = release(std::move(v));
    *indices = release(std::move(i));
  });
}
torch_tensor torch_all(torch_tensor x) { TORCH_RETURN(at::all(view(x))); }
torch_tensor torch_log_softmax(torch_tensor x, int64_t axis) {
  TORCH_RETURN(at::log_softmax(view(x), axis));
}
torch_tensor torch_softmax(torch_tensor x, int64_t axis) { TORCH_RETURN(at::softmax(view(x), axis)); }
