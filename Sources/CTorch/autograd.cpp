#include "autograd.h"

#include <ATen/ops/detach.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <unordered_set>

#include "support.h"

using namespace shim;

// Declared here instead of including their headers, which cost nine seconds of compilation.
namespace torch::autograd {
using variable_list = std::vector<at::Tensor>;
TORCH_API variable_list grad(const variable_list &outputs, const variable_list &inputs,
                             const variable_list &grad_outputs, std::optional<bool> retain_graph,
                             bool create_graph, bool allow_unused);
}  // namespace torch::autograd
namespace at::autocast {
TORCH_API bool is_autocast_enabled(at::DeviceType device);
TORCH_API void set_autocast_enabled(at::DeviceType device, bool enabled);
TORCH_API void set_autocast_dtype(at::DeviceType device, at::ScalarType dtype);
TORCH_API void clear_cache();
}  // namespace at::autocast

torch_tensor torch_requires_grad_(torch_tensor x, bool on) {
  TORCH_RETURN(view(x).set_requires_grad(on));
}
bool torch_requires_grad(torch_tensor x) { return view(x).requires_grad(); }
torch_tensor torch_detach(torch_tensor x) { TORCH_RETURN(at::detach(view(x))); }

bool torch_grad(torch_tensor output, torch_tensor slope, const torch_tensor *inputs, int count,
                bool create_graph, bool retain_graph, torch_tensor *gradients) {
  TORCH_DO({
    if (count == 0) return true;
    const auto targets = list(inputs, count);
    const auto weight = slope == nullptr ? at::ones_like(view(output)) : view(slope);
    const auto results =
        torch::autograd::grad({view(output)}, targets, {weight}, retain_graph, create_graph, true);
    // Optimizers read gradients flat and clipping writes into them: no strides, no shared memory.
    // libtorch gives both, such as stride 0 for a sum, and one tensor twice for the terms of a sum.
    std::unordered_set<const void *> taken;
    for (int i = 0; i < count; ++i) {
      auto gradient = results[i].defined() ? results[i].contiguous()
                                           : at::zeros(targets[i].sizes(), targets[i].options());
      if (gradient.numel() > 0 && !create_graph && !taken.insert(gradient.const_data_ptr()).second)
        gradient = gradient.clone();
      gradients[i] = release(std::move(gradient));
    }
  });
}

bool torch_grad_mode(void) { return c10::GradMode::is_enabled(); }
void torch_set_grad_mode(bool on) { c10::GradMode::set_enabled(on); }
bool torch_autocast(int device) {
  return guarded(false, [&] { return at::autocast::is_autocast_enabled(static_cast<at::DeviceType>(device)); });
}
bool torch_set_autocast(bool on, int device) {
  TORCH_DO({
    const auto type = static_cast<at::DeviceType>(device);
    at::autocast::set_autocast_enabled(type, on);
    at::autocast::set_autocast_dtype(type, at::kBFloat16);
    // Casts of weights are kept for one scope only: an optimizer step makes them stale.
    if (!on) at::autocast::clear_cache();
  });
}
