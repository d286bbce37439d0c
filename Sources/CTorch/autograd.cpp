#include "autograd.h"

#include <ATen/ops/detach.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

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
TORCH_API void set_autocast_enabled(at::DeviceType device, bool enabled);
TORCH_API void set_autocast_dtype(at::DeviceType device, at::ScalarType dtype);
TORCH_API void clear_cache();
}  // namespace at::autocast

torch_tensor torch_requires_grad_(torch_tensor x, bool on) {
  TORCH_RETURN(view(x).set_requires_grad(on));
}
bool torch_requires_grad(torch_tensor x) { return view(x).requires_grad(); }
torch_tensor torch_detach(torch_tensor x) { TORCH_RETURN(at::detach(view(x))); }

bool torch_grad(torch_tensor output, const torch_tensor *inputs, int count, bool create_graph,
                bool retain_graph, torch_tensor *gradients) {
  TORCH_DO({
    const auto targets = list(inputs, count);
    const auto results = torch::autograd::grad({view(output)}, targets, {at::ones_like(view(output))},
                                               retain_graph, create_graph, true);
    for (int i = 0; i < count; ++i)
      gradients[i] = release(results[i].defined() ? results[i] : at::zeros_like(targets[i]));
  });
}

bool torch_grad_mode(void) { return c10::GradMode::is_enabled(); }
void torch_set_grad_mode(bool on) { c10::GradMode::set_enabled(on); }
void torch_set_autocast(bool on, int device) {
  const auto type = static_cast<at::DeviceType>(device);
  at::autocast::set_autocast_enabled(type, on);
  at::autocast::set_autocast_dtype(type, at::kBFloat16);
  // Casts of weights are kept for one scope only: an optimizer step makes them stale.
  if (!on) at::autocast::clear_cache();
}
