#pragma once
#include "types.h"
TORCH_BEGIN
// An empty list of axes reduces all of them.
torch_tensor torch_sum(torch_tensor x, const int64_t *axes, int count, bool keep);
torch_tensor torch_mean(torch_tensor x, const int64_t *axes, int count, bool keep);
torch_tensor torch_variance(torch_tensor x, const int64_t *axes, int count, double correction, bool keep);
torch_tensor torch_logsumexp(torch_tensor x, const int64_t *axes, int count, bool keep);
torch_tensor torch_amax(torch_tensor x, const int64_t *axes, int count, bool keep);
torch_tensor torch_amin(torch_tensor x, const int64_t *axes, int count, bool keep);
torch_tensor torch_argmax(torch_tensor x, int64_t axis);
torch_tensor torch_cumsum(torch_tensor x, int64_t axis);
/// The largest or smallest along an axis, in order, and where they are.
bool torch_topk(torch_tensor x, int64_t count, int64_t axis, bool largest, torch_tensor *values,
                torch_tensor *indices);
torch_tensor torch_all(torch_tensor x);
torch_tensor torch_log_softmax(torch_tensor x, int64_t axis);
torch_tensor torch_softmax(torch_tensor x, int64_t axis);
TORCH_END
