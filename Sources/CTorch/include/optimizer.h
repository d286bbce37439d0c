#pragma once
#include "types.h"
TORCH_BEGIN
/// One fused Adam step over all parameters.
bool torch_fused_adam(const torch_tensor *parameters, const torch_tensor *gradients,
                      const torch_tensor *first, const torch_tensor *second, const torch_tensor *steps,
                      int count, double rate, double beta1, double beta2, double weight_decay,
                      double epsilon);
/// The 2-norm of each tensor, stacked: `[count]`.
torch_tensor torch_norms(const torch_tensor *tensors, int count);
bool torch_scale_all(const torch_tensor *tensors, int count, torch_tensor factor);
bool torch_clamp_all(const torch_tensor *tensors, int count, double low, double high);
TORCH_END
