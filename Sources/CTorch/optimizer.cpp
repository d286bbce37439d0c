#include "optimizer.h"

#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_addcdiv.h>
#include <ATen/ops/_foreach_addcmul.h>
#include <ATen/ops/_foreach_clamp_max.h>
#include <ATen/ops/_foreach_clamp_min.h>
#include <ATen/ops/_foreach_clone.h>
#include <ATen/ops/_foreach_copy.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_foreach_sqrt.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_sgd.h>
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
bool torch_rmsprop(const torch_tensor *parameters, const torch_tensor *gradients,
                   const torch_tensor *squares, const torch_tensor *moments, int count, double rate,
                   double decay, double epsilon, double momentum, double weight_decay) {
  TORCH_DO({
    const auto p = list(parameters, count);
    const auto v = list(squares, count);
    auto g = list(gradients, count);
    if (weight_decay != 0) g = at::_foreach_add(g, p, weight_decay);
    at::_foreach_mul_(v, decay);
    at::_foreach_addcmul_(v, g, g, 1 - decay);
    const auto scale = at::_foreach_sqrt(v);
    at::_foreach_add_(scale, epsilon);
    if (momentum == 0) {
      at::_foreach_addcdiv_(p, g, scale, -rate);
    } else {
      const auto b = list(moments, count);
      at::_foreach_mul_(b, momentum);
      at::_foreach_addcdiv_(b, g, scale);
      at::_foreach_add_(p, b, -rate);
    }
  });
}
bool torch_fused_sgd(const torch_tensor *parameters, const torch_tensor *gradients,
                     const torch_tensor *moments, int count, int moment_count, double rate,
                     double momentum, bool nesterov, double weight_decay) {
  TORCH_DO({
    // No step is the first one: a buffer of zeros becomes the gradient, and there is nothing to resume.
    const bool is_first_step = false;
    at::_fused_sgd_(list(parameters, count), list(gradients, count), list(moments, moment_count),
                    weight_decay, momentum, rate, 0.0, nesterov, false, is_first_step);
  });
}
bool torch_lerp_all(const torch_tensor *tensors, const torch_tensor *ends, int count, double weight) {
  TORCH_DO(at::_foreach_lerp_(list(tensors, count), list(ends, count), weight));
}
bool torch_swap_all(const torch_tensor *xs, const torch_tensor *ys, int count) {
  TORCH_DO({
    const auto x = list(xs, count);
    const auto y = list(ys, count);
    const auto kept = at::_foreach_clone(x);
    at::_foreach_copy_(x, y);
    at::_foreach_copy_(y, kept);
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
