#pragma once
#include "types.h"
TORCH_BEGIN
torch_tensor torch_requires_grad_(torch_tensor x, bool on);
bool torch_requires_grad(torch_tensor x);
torch_tensor torch_detach(torch_tensor x);
/// Gradients of the sum of `output`, or of `slope` times `output`, in each input; `slope` has its shape or is null.
/// Inputs it does not depend on give zeros.
/// Each is contiguous; unless `create_graph`, each has memory of its own.
bool torch_grad(torch_tensor output, torch_tensor slope, const torch_tensor *inputs, int count,
                bool create_graph, bool retain_graph, torch_tensor *gradients);
bool torch_grad_mode(void);
void torch_set_grad_mode(bool on);
/// Whether `torch_set_autocast` is on for `device`, in this thread.
bool torch_autocast(int device);
/// Matrix products in bfloat16 on `device` from here on, in this thread.
bool torch_set_autocast(bool on, int device);
TORCH_END
