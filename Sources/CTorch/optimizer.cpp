#include "optimizer.h"

#include <ATen/ops/_foreach_clamp_max.h>
#include <ATen/ops/_foreach_clamp_min.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/stack.h>

#include "support.h"

using namespace shim;

bool torch_fused_adam(const torch_tensor *parameters, const torch_tensor *gradients,
                      const torch_tensor *first, const torch_tensor *second, const torch_tensor *steps,
                      int count, double rate, double beta1, double beta2, double weight_decay,
                      double epsilon) {
  TORCH_DO({
    auto p = list(parameters, count);
    at::_fused_adam_(p, list(gradients, count), list(first, count), list(second, count), {},
                     list(steps, count), rate, beta1, beta2, weight_decay, epsilon, false, false);
  });
}
torch_tensor torch_norms(const torch_tensor *tensors, int count) {
  TORCH_RETURN(at::stack(at::_foreach_norm(list(tensors, count))));
}
bool torch_scale_all(const torch_tensor *tensors, int count, torch_tensor factor) {
  TORCH_DO(at::_foreach_mul_(list(tensors, count), view(factor)));
}
bool torch_clamp_all(const torch_tensor *tensors, int count, double low, double high) {
  TORCH_DO({
    const auto all = list(tensors, count);
    at::_foreach_clamp_min_(all, low);
    at::_foreach_clamp_max_(all, high);
  });
}
