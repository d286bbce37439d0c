#pragma once
#include "types.h"
TORCH_BEGIN
/// One fused Adam step over all parameters.
bool torch_fused_adam(const torch_tensor *parameters, const torch_tensor *gradients,
                      const torch_tensor *first, const torch_tensor *second, const torch_tensor *steps,
                      int count, double rate, double beta1, double beta2, double weight_decay,
                      double epsilon);
/// One step of RMSProp over all parameters; `moments` is read with a momentum only.
bool torch_rmsprop(const torch_tensor *parameters, const torch_tensor *gradients,
                   const torch_tensor *squares, const torch_tensor *moments, int count, double rate,
                   double decay, double epsilon, double momentum, double weight_decay);
/// One fused step of SGD over all parameters; `moments` are as many as the parameters, or 0 without momentum.
bool torch_fused_sgd(const torch_tensor *parameters, const torch_tensor *gradients,
                     const torch_tensor *moments, int count, int moment_count, double rate,
                     double momentum, bool nesterov, double weight_decay);
/// Moves each of `tensors` by `weight` of the way to its counterpart in `ends`.
bool torch_lerp_all(const torch_tensor *tensors, const torch_tensor *ends, int count, double weight);
/// Exchanges the elements of each of `xs` with those of its counterpart in `ys`.
bool torch_swap_all(const torch_tensor *xs, const torch_tensor *ys, int count);
/// The 2-norm of each tensor, stacked: `[count]`.
torch_tensor torch_norms(const torch_tensor *tensors, int count);
bool torch_scale_all(const torch_tensor *tensors, int count, torch_tensor factor);
bool torch_clamp_all(const torch_tensor *tensors, int count, double low, double high);
TORCH_END
